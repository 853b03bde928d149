import { contend } from '../contender.js'
import { measureDeathOfPiscina } from '../far-threads.js'

await contend(measureDeathOfPiscina)
