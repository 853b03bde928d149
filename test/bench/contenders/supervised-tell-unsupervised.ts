import { contend } from '../contender.js'
import { measureMessageCost } from '../supervised-tells.js'

await contend((assignment) => measureMessageCost(assignment, false))
