import { contend } from '../contender.js'
import { nactPopulation } from '../idle/nact.js'
import { measureSpawns } from '../idle/population.js'

await contend(async () => measureSpawns(nactPopulation()))
