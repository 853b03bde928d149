import { contendEncrypted } from '../encryption.js'

await contendEncrypted(undefined)
