// An actor each of whose turns tells a hundred messages. Argument: the data directory. It prints `acked <n>` for each turn
// that was acknowledged, and goes on until it is killed.

import { actor, child, machineAuthorities, supervisor, System } from '@holdfast/kernel'
import { openJournal } from '@holdfast/journal'
import { print } from './print.js'

/** Messages of one turn. */
export const BURST = 100

const hearer = actor({
  name: 'hearer',
  state: () => ({ heard: 0 }),
  on: {
    hear(ctx, _: { n: number; i: number; text: string }) {
      ctx.state.heard++
    },
  },
})

const teller = actor({
  name: 'teller',
  on: {
    burst(ctx, n: number) {
      for (let i = 0; i < BURST; i++) ctx.tell(ctx.ref(hearer, '/root/hearer'), 'hear', { n, i, text: TEXT })
      return n
    },
  },
})

const TEXT = 'x'.repeat(400)

async function run(dir: string): Promise<void> {
  const authorities = machineAuthorities()
  const root = supervisor({ name: 'root', children: [child(teller), child(hearer)] })
  const log = openJournal({ dir, authorities })
  const system = await System.start({ name: 'burst', root, log, authorities })
  for (let n = 1; ; n++) {
    await system.ref(teller, '/root/teller').ask('burst', n)
    print(`acked ${n}`)
  }
}

const [dir] = process.argv.slice(2)
if (dir !== undefined) await run(dir)
