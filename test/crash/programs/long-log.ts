// A log of many turns and no snapshot. Arguments: the data directory, and how many messages to send (0: none).
//
// It prints `read <position> <end>` while it reads the log, `counted <n>` when it is up, with `heap <megabytes>` behind
// it, and `wrote` when its messages are stored; then it ends itself by SIGKILL, so that nothing is closed in order.

import { getHeapStatistics } from 'node:v8'
import { actor, machineAuthorities, System } from '@holdfast/kernel'
import { openJournal } from '@holdfast/journal'
import { print } from './print.js'

const counter = actor({
  name: 'counter',
  state: () => ({ n: 0 }),
  // No snapshot is due before the end.
  snapshot: { everyBytes: 2 ** 40 },
  on: {
    add(ctx, by: number) {
      ctx.state.n += by
    },
  },
})

/** Messages that are sent between two looks at the disk. */
const AT_ONCE = 10_000

async function run(dir: string, count: number): Promise<void> {
  const authorities = machineAuthorities()
  const log = openJournal({ dir, authorities })
  const system = await System.start({
    name: 'long',
    root: counter,
    log,
    authorities,
    // Nor a checkpoint, at which snapshots are taken.
    checkpointEvery: Number.MAX_SAFE_INTEGER,
    onRecovery: (position, end) => {
      print(`read ${position} ${end}`)
    },
  })
  const handled = (): number => (system.inspect('/counter').state as { n: number }).n
  const n = handled()
  print(`counted ${n} heap ${Math.ceil(getHeapStatistics().heap_size_limit / 2 ** 20)}`)
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    for (let i = 0; i < AT_ONCE; i++) system.ref(counter, '/counter').tell('add', 1)
    // What is stored may still wait in the mailbox, which has an end.
    while (handled() < n + sent + AT_ONCE) await new Promise((resolve) => setImmediate(resolve))
    await system.flushed()
  }
  print('wrote')
  process.kill(process.pid, 'SIGKILL')
}

const [dir, count] = process.argv.slice(2)
if (dir !== undefined) await run(dir, Number(count))
