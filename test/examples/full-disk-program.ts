// A process whose files may not grow any more, as on a full disk. It says what it hears and what still works.

import { createSystem } from 'holdfast'
import { intake, send, watchDisk } from './full-disk.js'

const system = await createSystem({ name: 'weather', root: intake, data: process.argv[2] ?? '' })
await send(system, 20, 'small')
await system.flushed()
const heard = new Promise<string>((resolve) => {
  watchDisk(system, resolve)
})
await send(system, 21, 'x'.repeat(1_000_000))
console.log((await heard).split(':')[0])
// A rejection that nobody handles would end the process here.
await new Promise((resolve) => setImmediate(resolve))
console.log(system.inspect('/intake').status)
process.exit(0)
