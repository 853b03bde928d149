import { contend } from '../contender.js'
import { comedyPopulation } from '../idle/comedy.js'
import { measureIdleBytes } from '../idle/population.js'

await contend(async () => measureIdleBytes(await comedyPopulation()))
