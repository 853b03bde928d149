import { createSystem } from 'holdfast'
import { it } from 'vitest'
import { root } from './mortal.fixture.js'
import { asked, EXEC_ARGV } from './on-threads.js'
it('s', async () => {
  const at = performance.now()
  const ms = () => Math.round(performance.now() - at)
  const pool = { threads: 1, execArgv: EXEC_ARGV }
  const system = await createSystem({ name: 's', root, threads: { pools: { one: pool, small: { ...pool, heapMb: 64, spare: false }, alone: { ...pool, bytesMb: 32, spare: false } } } })
  system.on('failed', (e) => console.log(ms(), 'failed', e.actor, e.error?.code ?? e.error?.message, JSON.stringify(e).slice(0, 200)))
  console.log(ms(), await asked(system, '/root/culprit', 'add', 1))
  console.log(ms(), await asked(system, '/root/n0', 'add', 1))
  await new Promise((r) => setTimeout(r, 1500))
  console.log(ms(), JSON.stringify(system.threads.stats()))
  const waits = asked(system, '/root/n1', 'waits', 7)
  for (const [type, arg] of [['loop'], ['exit', 3], ['regex', 'a'.repeat(40) + '!'], ['deep'], ['uncloneable'], ['getter'], ['throws', 'proxy'], ['later', 'text'], ['rejects'], ['listener'], ['later', 'exit'], ['huge']] as const) {
    console.log(ms(), type, await asked(system, '/root/culprit', type, arg), await asked(system, '/root/n0', 'add', 1), await asked(system, '/root/culprit', 'add', 1))
  }
  console.log(ms(), await waits, await asked(system, '/root/n1', 'seen'))
  for (const type of ['heap', 'text']) console.log(ms(), type, await asked(system, '/root/small', type), await asked(system, '/root/small', 'add', 1))
  for (const [type, n] of [['buffers', 100]] as const) console.log(ms(), type, await asked(system, '/root/alone', type, n), await asked(system, '/root/alone', 'add', 1))
  console.log(ms(), JSON.stringify(system.threads.stats()))
  await system.threads.renew()
  console.log(ms(), JSON.stringify(system.threads.stats().pools.map(p => p.threads.map(t => t.thread + t.status))), await asked(system, '/root/n0', 'add', 1))
  await system.stop()
}, 120000)
