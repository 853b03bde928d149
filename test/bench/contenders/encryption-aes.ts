import { KeyRing } from 'holdfast'
import { contendEncrypted } from '../encryption.js'

await contendEncrypted(new KeyRing([new Uint8Array(32).fill(7)]))
