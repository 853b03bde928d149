import { contendDurable } from '../durable-tells.js'

await contendDurable({ digestEvery: 64 })
