import { contend } from '../contender.js'
import { measureScaleOfPiscina } from '../far-threads.js'

await contend(measureScaleOfPiscina)
