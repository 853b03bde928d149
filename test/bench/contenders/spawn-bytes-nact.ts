import { contend } from '../contender.js'
import { nactPopulation } from '../idle/nact.js'
import { measureIdleBytes } from '../idle/population.js'

await contend(async () => measureIdleBytes(nactPopulation()))
