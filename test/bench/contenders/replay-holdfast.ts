import { contend } from '../contender.js'
import { replayed } from '../replays.js'

await contend((assignment) => replayed(assignment, 1_000_000, 0))
