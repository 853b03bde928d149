import { contendDurable } from '../durable-tells.js'

await contendDurable()
