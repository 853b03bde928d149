import { contend } from '../contender.js'
import { measureSpawns } from '../idle/population.js'
import { xstateRoots } from '../idle/xstate.js'

await contend(async () => measureSpawns(xstateRoots()))
