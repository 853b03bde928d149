import { contend } from '../contender.js'
import { DEEP, measureStops } from '../trees.js'

await contend(() => measureStops(DEEP))
