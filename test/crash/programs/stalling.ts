// A system whose event loop is watched. Arguments: the data directory, and the watchdog as JSON. It is told on stdin, one
// line each: `tell <path> <type> <payload>`, `ask <path> <type> <payload>`, `flush`, `debug` (as `--inspect` does)
// or `stop`. It prints `up`, `stalled
// <event>`, `failed <event>`, `answer <value>`, `flushed` and `stopped`.

import inspector from 'node:inspector'
import { createInterface } from 'node:readline'
import { createSystem, type WatchdogOptions } from 'holdfast'
import { outside, stalling } from '../stalling.js'
import { print } from './print.js'

const [dir = '', watchdog = ''] = process.argv.slice(2)
const options = watchdog === '' ? {} : { watchdog: JSON.parse(watchdog) as WatchdogOptions }
const system = await createSystem({ name: 'stalling', data: dir, root: stalling, ...options })
outside.gate = () => system.flushed()
system.on('loop-stalled', (event) => {
  print(`stalled ${JSON.stringify(event)}`)
})
system.on('failed', (event) => {
  print(`failed ${JSON.stringify(event)}`)
})
system.on('warning', (event) => {
  print(`warning ${JSON.stringify(event)}`)
})
print('up')

for await (const line of createInterface({ input: process.stdin })) {
  const [what = '', path = '', type = '', text = ''] = line.split(' ')
  const payload: unknown = text === '' ? undefined : JSON.parse(text)
  if (what === 'tell') system.ref(path).tell(type, payload)
  else if (what === 'ask') print(`answer ${JSON.stringify(await system.ref(path).ask(type, payload))}`)
  else if (what === 'debug') inspector.open(0)
  else if (what === 'flush') {
    await system.flushed()
    print('flushed')
  } else if (what === 'stop') break
}
await system.stop()
print('stopped')
inspector.close()
process.stdin.destroy()
