// Strict mode and always-replay stand around handlers on the main thread. Those in a thread are beyond them; without threads
// the same handlers are under them.

import { actor, child, createSystem, supervisor } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from './world.js'

let runs = 0

const careless = actor({
  name: 'careless',
  runsIn: 'thread',
  onFailure: { default: 'resume' },
  state: () => ({ seen: [] as unknown[] }),
  on: {
    clock: (ctx) => ctx.state.seen.push(Date.now()),
    count: () => ++runs,
  },
})

const root = supervisor({ name: 'root', children: [child(careless)] })

const PATH = '/root/careless'

describe('A handler that goes past ctx', () => {
  it.each([
    ['clock', { strict: true }],
    ['count', { alwaysReplay: true }],
  ])('is not found out in a thread: %s, with %j', async (type, how) => {
    runs = 0
    const world = await World.start({ root, ...how })
    expect(await world.ask(PATH, type)).toBe(1)
    expect(world.recordsOf('failed')).toEqual([])
  })

  it.each([
    ['clock', { strict: true }, 'HF_LEAK'],
    ['count', { alwaysReplay: true }, 'HF_NOT_DETERMINISTIC'],
  ])('is found out where there are no threads: %s, with %j', async (type, how, code) => {
    const system = await createSystem({ name: 'checked', root, threads: false, ...how })
    await expect(system.ref(PATH).ask(type)).rejects.toMatchObject({ cause: { code } })
    await system.stop()
  })
})
