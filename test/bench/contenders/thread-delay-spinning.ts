import { contend } from '../contender.js'
import { measureDelay } from '../far-threads.js'

await contend((assignment) => measureDelay(assignment, true))
