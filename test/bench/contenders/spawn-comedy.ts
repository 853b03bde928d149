import { contend } from '../contender.js'
import { comedyPopulation } from '../idle/comedy.js'
import { measureSpawns } from '../idle/population.js'

await contend(async () => measureSpawns(await comedyPopulation()))
