// What recovery makes of snapshots, and how it brings back many actors at once.

import { actor, dynamicSupervisor } from '@holdfast/kernel'
import { describe, expect, it } from 'vitest'
import { World } from './world.js'

const sums = actor({
  name: 'sums',
  state: () => ({ sum: 0, seen: [] as number[] }),
  snapshot: { everyBytes: 512 },
  digestEvery: 1,
  on: {
    add(ctx, n: number) {
      ctx.state.sum += n
      ctx.state.seen.push(n)
    },
  },
})

/** Snapshots of the actor with an id, the newest first, as they lie in the store. */
function stored(world: World, id: number): Uint8Array[] {
  return [...world.memory.snapshots(id, Infinity)].map(({ bytes }) => bytes)
}

describe('a snapshot that is damaged', () => {
  it.each([
    ['F-11 J-16 when it is the newest, the older one and the turns behind it give the same state', 1],
    ['F-11 when both are, the log alone gives the same state', 2],
  ])('%s', async (_, damaged) => {
    const world = await World.start({ root: sums })
    for (let n = 1; n <= 200; n++) world.tell('/sums', 'add', n)
    await world.settle()
    const { id } = world.system.inspect('/sums')
    const before = structuredClone(world.state('/sums'))
    const digest = world.journal.digest(before)
    const snapshots = stored(world, id)
    expect(snapshots.length).toBe(2)
    for (const bytes of snapshots.slice(0, damaged)) bytes[bytes.byteLength - 3]! ^= 4
    await world.recover()
    expect(world.state('/sums')).toEqual(before)
    expect(world.journal.hasDigest(world.state('/sums'), digest)).toBe(true)
    // It goes on from there, and takes good ones again.
    for (let n = 1; n <= 200; n++) world.tell('/sums', 'add', n)
    await world.settle()
    await world.recover()
    expect(world.state<{ sum: number }>('/sums').sum).toBe(2 * ((200 * 201) / 2))
  })
})

describe('many actors', () => {
  const COUNT = 10_000
  const cell = actor({
    name: 'cell',
    state: (from: number) => ({ n: from }),
    on: {
      add(ctx, n: number) {
        ctx.state.n += n
      },
    },
  })
  const root = dynamicSupervisor({ name: 'root', of: cell, maxChildren: COUNT })

  it('J-42 are brought back in one reading of the log, and the event loop has its turns meanwhile', async () => {
    const world = await World.start({ root })
    for (let n = 0; n < COUNT; n++) world.tell('/root', 'start', { id: `c${n}`, args: n })
    await world.settle()
    for (let n = 0; n < COUNT; n += 100) world.tell(`/root/c${n}`, 'add', 7)
    await world.settle()
    world.crash()
    let batches = 0
    let readings = 0
    const { readBatches } = world.journal
    world.journal.readBatches = function* () {
      readings++
      for (const batch of readBatches.call(world.journal)) {
        batches++
        yield batch
      }
    }
    await world.open()
    expect([readings, batches > 0]).toEqual([1, true])
    expect(world.system.tree().children.length).toBe(COUNT)
    const states = Array.from({ length: COUNT }, (_, n) => world.state<{ n: number }>(`/root/c${n}`).n)
    expect(states).toEqual(Array.from({ length: COUNT }, (_, n) => (n % 100 === 0 ? n + 7 : n)))
  })
})
