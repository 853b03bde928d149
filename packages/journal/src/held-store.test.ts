import { actor, System, type StoreHold } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { expect, it } from 'vitest'
import { Journal } from './journal.js'
import { MemoryStore } from './memory-store.js'

/** A store that a reader may have grow. */
class HeldStore extends MemoryStore {
  override held: StoreHold | null = null
}

const notes = actor({ name: 'notes', on: { keep: (_ctx, n: number) => n } })

const hold = (grownBytes: number): StoreHold => ({
  pid: 4711,
  thread: '7f00',
  command: 'holdfast verify',
  transaction: 12,
  behind: 34,
  grownBytes,
  fileBytes: 2 * grownBytes,
})

it('a system tells of a reader that has its store grow, once each time that there is more to tell', async () => {
  const authorities = new VirtualAuthorities()
  const store = new HeldStore()
  const log = new Journal(store, authorities)
  const starting = System.start({ name: 'held', root: notes, log, authorities })
  await authorities.settle()
  const system = await starting
  const told: number[] = []
  system.on('store-held', ({ grownBytes }) => told.push(grownBytes))
  const keep = async (): Promise<void> => {
    const kept = system.ref(notes, '/notes').ask('keep', 1)
    await authorities.settle()
    await kept
  }
  await keep()
  expect([told, system.store.held]).toEqual([[], null])
  store.held = hold(100)
  await keep()
  await keep()
  expect([told, system.store.held?.pid]).toEqual([[100], 4711])
  store.held = hold(200)
  await keep()
  expect(told).toEqual([100, 200])
  store.held = null
  await keep()
  expect([told, system.store.held]).toEqual([[100, 200], null])
  const stopping = system.stop()
  await authorities.settle()
  await stopping
})
