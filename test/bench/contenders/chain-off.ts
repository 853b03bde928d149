// Nothing of the journal has a switch for it, so what makes hashes and checksums is taken from under it before it is loaded.

import { createRequire, syncBuiltinESMExports } from 'node:module'

const load = createRequire(import.meta.url)
const crypto = load('node:crypto') as { hash: (algorithm: string, bytes: unknown, form: string) => unknown }
const zlib = load('node:zlib') as { crc32: () => number }
const bytes = Buffer.alloc(32)
const hex = bytes.toString('hex')
crypto.hash = (_algorithm, _bytes, form) => (form === 'buffer' ? bytes : hex)
zlib.crc32 = () => 0
syncBuiltinESMExports()

const { contendDurable } = await import('../durable-tells.js')
await contendDurable()
