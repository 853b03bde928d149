import { KeyRing } from 'holdfast'
import { contendDurable } from '../durable-tells.js'

await contendDurable({ keys: new KeyRing([new Uint8Array(32).fill(7)]) })
