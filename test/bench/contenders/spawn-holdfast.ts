import { contend } from '../contender.js'
import { holdfastPopulation } from '../idle/holdfast.js'
import { measureSpawns } from '../idle/population.js'

await contend(async () => measureSpawns(await holdfastPopulation()))
