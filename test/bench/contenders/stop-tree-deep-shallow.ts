import { contend } from '../contender.js'
import { measureStops, SHALLOW } from '../trees.js'

await contend(() => measureStops(SHALLOW))
