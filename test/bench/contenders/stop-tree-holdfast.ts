import { contend } from '../contender.js'
import { measureStops, WIDE } from '../trees.js'

await contend(() => measureStops(WIDE))
