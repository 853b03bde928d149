// region: system
import { actor, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal } from '@holdfast/journal'
import { expect, it } from 'vitest'

const counter = actor({
  name: 'counter',
  state: () => ({ n: 0 }),
  on: {
    add(ctx, { by }: { by: number }) {
      ctx.state.n += by
    },
  },
})

it('a system is a root, a log, and somebody who says what time it is', async () => {
  const authorities = new VirtualAuthorities()
  const log = memoryJournal(authorities)
  const starting = System.start({ name: 'sums', root: counter, log, authorities })
  await authorities.settle()
  const system = await starting

  system.ref(counter, '/counter').tell('add', { by: 2 })
  await authorities.settle()
  expect([...log.read(1)].map(({ kind }) => kind)).toEqual(['opened', 'spawned', 'message', 'turn'])
})
// end: system
