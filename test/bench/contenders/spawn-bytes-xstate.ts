import { contend } from '../contender.js'
import { measureIdleBytes } from '../idle/population.js'
import { xstateChildren } from '../idle/xstate.js'

await contend(async () => measureIdleBytes(xstateChildren()))
