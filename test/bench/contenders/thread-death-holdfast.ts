import { contend } from '../contender.js'
import { measureDeath } from '../far-threads.js'

await contend(measureDeath)
