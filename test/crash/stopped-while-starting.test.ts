// A start that was under way when the system was stopped in order goes on where it was: from its own message, with its
// own correlation and what it had learned. It is not begun a second time beside that.

import { Journal, MemoryStore } from '@holdfast/journal'
import { actor, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { expect, it } from 'vitest'

it('a start that was waiting when the system was stopped goes on under its own correlation, once', async () => {
  let isDone = false
  const reader = actor({
    name: 'reader',
    on: {},
    async onStart(ctx) {
      const first = await ctx.effect('first', () => (isDone ? 'again' : 'once'))
      await ctx.effect('second', () => (isDone ? undefined : new Promise(() => undefined)))
      ctx.tell(ctx.parent, 'read', { first, correlation: ctx.correlationId })
    },
  })
  const library = actor({
    name: 'library',
    state: () => ({ read: [] as { first: string; correlation: string }[] }),
    spawns: [reader],
    on: {
      open(ctx) {
        ctx.spawn(reader, { name: 'reader', correlation: 'book-1' })
      },
      read(ctx, what: { first: string; correlation: string }) {
        ctx.state.read.push(what)
      },
    },
  })
  const store = new MemoryStore()
  const time = new VirtualAuthorities()
  const start = async (): Promise<System> => {
    const starting = System.start({
      name: 's',
      root: library,
      log: new Journal(store, time),
      authorities: time,
    })
    await time.settle()
    return starting
  }
  const stop = async (system: System): Promise<void> => {
    const stopping = system.stop()
    await time.advance(10_000)
    await stopping
  }

  const first = await start()
  first.ref(library, '/library').tell('open')
  await time.settle()
  await stop(first)

  isDone = true
  const second = await start()
  await time.settle()
  expect(second.inspect('/library').state).toEqual({ read: [{ first: 'once', correlation: 'book-1' }] })
  expect(second.deadLetters.count).toBe(0)
  await stop(second)
})
