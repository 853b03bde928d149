import { contend } from '../contender.js'
import { holdfastPopulation } from '../idle/holdfast.js'
import { measureIdleBytes } from '../idle/population.js'

await contend(async () => measureIdleBytes(await holdfastPopulation()))
