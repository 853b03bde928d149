import { contend } from '../contender.js'
import { measureScale } from '../far-threads.js'

await contend(measureScale)
