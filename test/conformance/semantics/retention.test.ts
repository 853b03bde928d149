// A log whose beginning was given up tells of the same system: who comes back from what is left goes on as one that has
// read everything. Over random swarms, with crashes and an operator in between.

import fc from 'fast-check'
import { actor, child, createSystem, supervisor, type Definition } from 'holdfast'
import { Journal, type MemoryStore } from '@holdfast/journal'
import { beginImage, type Retention, type SystemEvents } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { describe, expect, it } from 'vitest'
import { swarms, type Swarm } from '../replay/random-swarms.js'
import { SwarmRun } from '../replay/swarm-world.js'
import { triesOf } from '../tries.js'
import { goesOn } from './comes-back.js'
import { World, type HoardingStore } from './world.js'

let cuts = 0
let states = 0

/** The states that a log begins with are those that the actors had: what the running system noted of them agrees. */
function agree(memory: HoardingStore, whole: MemoryStore): void {
  const cut = new Journal(memory, new VirtualAuthorities())
  const log = new Journal(whole, new VirtualAuthorities())
  const { base } = cut.beginning
  const { actors } = beginImage(cut, {}, base - 1)
  for (const id of memory.snapshotActors()) {
    const snapshot = actors.has(id) ? cut.snapshot(id, base - 1) : undefined
    if (snapshot === undefined) continue
    const turns = [...log.readActor(id, 1)].filter(({ kind, position }) => kind === 'turn' && position < base)
    expect(snapshot.turns).toBe(turns.length)
    const last = turns.at(-1)
    if (last?.kind !== 'turn' || last.digest === -1) continue
    expect(cut.hasDigest(snapshot.state, last.digest)).toBe(true)
    states++
  }
}

async function tellsOfTheSame(swarm: Swarm): Promise<void> {
  const seed = swarm.seed * 2
  const run = new SwarmRun({ ...swarm, seed }, undefined, undefined, { retention: { maxRecords: seed % 40 } })
  await run.run()
  const { memory } = run.world
  if (memory.floor > 1) cuts++
  const whole = await memory.whole()
  agree(memory, whole)
  const afresh = await goesOn(whole, swarm)
  expect(await goesOn(memory, swarm)).toEqual(afresh)
}

describe('a log whose beginning nobody wants', () => {
  it('I-08 is cut, and tells of the same system', async () => {
    await fc.assert(fc.asyncProperty(swarms, tellsOfTheSame), { numRuns: triesOf(200) })
    expect(cuts).toBeGreaterThan(50)
    expect(states).toBeGreaterThan(50)
  }, 300_000)

  it('is kept in so many records as are wanted, and says where it begins now', async () => {
    const { world, cuts } = await counting({ maxRecords: 100 })
    const { base, floor } = world.journal.beginning
    expect(cuts.at(-1)).toEqual({ base, floor })
    expect(floor).toBeGreaterThan(1)
    expect(world.journal.next - floor).toBeGreaterThanOrEqual(100)
    expect(world.journal.next - floor).toBeLessThan(400)
    await world.recover()
    expect(world.state<{ n: number }>('/root/counter').n).toBe(ROUNDS)
  })

  it('is kept for so long as is wanted, also when nobody writes it any more', async () => {
    const { world } = await counting({ maxAgeMs: 3_600_000 })
    expect(world.journal.floor).toBe(1)
    await world.advance(2 * 3_600_000 + 1_000)
    expect(world.journal.floor).toBeGreaterThan(1)
  })

  it('is kept in so many bytes as are wanted', async () => {
    const { world } = await counting({ maxBytes: 6_000 })
    expect(world.journal.floor).toBeGreaterThan(1)
    expect(world.memory.size()).toBeLessThan(30_000)
  })

  it('is kept for as long as the definition of an actor says, whatever else is wanted', async () => {
    const { world } = await counting({ maxRecords: 10 }, { retention: { keepMs: 86_400_000 } })
    expect(world.journal.floor).toBe(1)
    await world.advance(86_400_000 + 3_600_000)
    expect(world.journal.floor).toBeGreaterThan(1)
  })

  it('is kept from the first position on that a pin keeps, and cut when the pin is gone', async () => {
    const pin = { id: 20, correlation: '20', from: 20, to: 30, actors: [] }
    const { world } = await counting({ maxRecords: 10 }, {}, ({ memory }) => {
      memory.pin(pin)
    })
    expect(world.journal.floor).toBeLessThanOrEqual(20)
    world.memory.unpin(20)
    await count(world)
    expect(world.journal.floor).toBeGreaterThan(20)
  })

  it('is kept from a parked message on, names the actor, and is cut when that was dropped', async () => {
    const { world, held } = await counting({ maxRecords: 10 }, {}, ({ system }) => {
      system.ref('/root/counter').tell('fail')
    })
    const [parked] = world.system.parked()
    expect(world.journal.floor).toBeLessThanOrEqual(parked!.position)
    expect(world.journal.beginning.base).toBeGreaterThan(parked!.position)
    expect(held.map(({ actor: path }) => path)).toContain('/root/counter')
    await world.settled(world.system.steer.drop(parked!.position, { by: 'ana' }))
    await count(world)
    await count(world)
    expect(world.journal.floor).toBeGreaterThan(parked!.position)
  })

  it('RT2 stays when the code does not follow it, and names the actor', async () => {
    let bonus = 0
    const { world, held, cuts } = await counting(
      { maxRecords: 10 },
      { digestEvery: 1 },
      () => undefined,
      () => bonus++,
    )
    expect(cuts).toEqual([])
    expect(world.journal.floor).toBe(1)
    expect(held[0]).toMatchObject({ actor: '/root/counter', error: { code: 'HF_DIVERGED' } })
  })

  it.each([
    [{ maxRecords: -1 }, 'retention.maxRecords'],
    [{ maxAgeMs: 'long' }, 'retention.maxAgeMs'],
    [{ forever: true }, 'retention.forever'],
    [7, 'retention'],
  ])('is not kept by %j, which says nothing', async (retention, field) => {
    const root = supervisor({ name: 'root', children: [child(counterWith({}))] })
    const refused = createSystem({ name: 'a', root, retention: retention as Retention })
    await expect(refused).rejects.toMatchObject({ code: 'HF_INVALID', field })
  })
})

const ROUNDS = 300

interface CounterOptions {
  readonly retention?: { readonly keepMs: number }
  readonly digestEvery?: number
}

/** An actor that counts; what `extra` gives is part of its state, and of no log. */
function counterWith(options: CounterOptions, extra = (): number => 0): Definition {
  return actor({
    name: 'counter',
    ...options,
    state: () => ({ n: 0, extra: 0 }),
    on: {
      add: (ctx, by: number) => {
        ctx.state.n += by
        ctx.state.extra = extra()
        return ctx.state.n
      },
      fail: () => {
        throw new Error('it cannot be handled')
      },
    },
    onFailure: { default: 'resume' },
  })
}

/** Has the counter of a world count for a while. */
async function count(world: World): Promise<void> {
  for (let n = 0; n < ROUNDS; n++) {
    world.tell('/root/counter', 'add', 1)
    if (n % 5 === 0) await world.advance(20)
  }
  await world.advance(3_000)
}

interface Counted {
  readonly world: World
  readonly cuts: SystemEvents['log-cut'][]
  readonly held: SystemEvents['log-held'][]
}

/** A system that has counted for a while, and what was told of its log. */
async function counting(
  retention: Retention,
  options: CounterOptions = {},
  first: (world: World) => void = () => undefined,
  extra?: () => number,
): Promise<Counted> {
  const root = supervisor({ name: 'root', children: [child(counterWith(options, extra))] })
  const world = await World.start({ root, checkpointEvery: 50, retention })
  const cuts: SystemEvents['log-cut'][] = []
  const held: SystemEvents['log-held'][] = []
  world.system.on('log-cut', (each) => cuts.push(each))
  world.system.on('log-held', (each) => held.push(each))
  first(world)
  await count(world)
  return { world, cuts, held }
}
