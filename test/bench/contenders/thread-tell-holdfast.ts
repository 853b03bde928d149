import { contend } from '../contender.js'
import { measureThere } from '../far-threads.js'

await contend(measureThere)
