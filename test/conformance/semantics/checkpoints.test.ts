// A checkpoint stands for the log before it: the image out of one is the image of the log, and a system that comes back
// from one goes on as one that has read everything. Over random swarms, with crashes and an operator in between.

import fc from 'fast-check'
import { actor, child, createSystem, supervisor, virtualActors } from 'holdfast'
import { Journal, MemoryStore, type BatchStore } from '@holdfast/journal'
import { beginImage, storedImage, SystemImage } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { describe, expect, it } from 'vitest'
import { swarms, type Swarm } from '../replay/random-swarms.js'
import { SwarmRun } from '../replay/swarm-world.js'
import { triesOf } from '../tries.js'
import { goesOn } from './comes-back.js'
import { World } from './world.js'

function imageOfLog(journal: Journal, upTo: number): SystemImage {
  const image = new SystemImage()
  for (const record of journal.read(1, upTo + 1)) image.add(record)
  return image
}

/** The checkpoints of a journal, the newest first. */
function* checkpointsOf(journal: Journal): Generator<number> {
  for (let at = journal.checkpoint(); at !== undefined; at = journal.checkpoint(at.position - 1))
    yield at.position
}

/** A copy of a store, with its checkpoints or without them. */
async function copyOf(store: BatchStore, withCheckpoints: boolean): Promise<MemoryStore> {
  const copy = new MemoryStore()
  const batches = [...store.batches(1)]
  const journal = new Journal(store, new VirtualAuthorities())
  const { lastActor } = imageOfLog(journal, journal.next)
  const snapshots = []
  for (let id = withCheckpoints ? 0 : 1; id <= lastActor; id++)
    snapshots.push(...[...store.snapshots(id, Infinity)].reverse())
  await copy.commit({ batches, snapshots, groups: [], names: [...store.names()], outdated: [] })
  return copy
}

let checkpoints = 0

async function standsForItsLog(swarm: Swarm): Promise<void> {
  const run = new SwarmRun({ ...swarm, seed: swarm.seed * 2 })
  await run.run()
  const journal = new Journal(run.world.memory, new VirtualAuthorities())
  for (const position of checkpointsOf(journal)) {
    checkpoints++
    const image = beginImage(journal, {}, position)
    expect(image.lastPosition).toBe(position)
    expect([...storedImage(image)]).toEqual([...storedImage(imageOfLog(journal, position))])
    for (const record of journal.read(position + 1)) image.add(record)
    expect([...storedImage(image)]).toEqual([...storedImage(imageOfLog(journal, journal.next))])
  }
  const quick = await goesOn(await copyOf(run.world.memory, true), swarm)
  const slow = await goesOn(await copyOf(run.world.memory, false), swarm)
  expect(quick).toEqual(slow)
}

const counter = actor({
  name: 'counter',
  state: () => ({ n: 0, ballast: 'x'.repeat(20_000) }),
  on: {
    add: (ctx, by: number) => {
      ctx.state.n += by
      return ctx.state.n
    },
  },
  snapshot: { everyBytes: Number.MAX_SAFE_INTEGER },
})

const names = Array.from({ length: 150 }, (_, i) => `c${i}`)
const counters = supervisor({ name: 'root', children: names.map((id) => child(counter, { id })) })

function path(name: string | undefined): string {
  return `/root/${name}`
}

/** A system in which each of many large actors has done something behind its last snapshot, which is checkpointed. */
async function manyLate(): Promise<World> {
  const world = await World.start({ root: counters, checkpointEvery: 100 })
  for (let round = 0; round < 3; round++) {
    for (const name of names) world.tell(path(name), 'add', 1)
    await world.advance(1_000)
  }
  return world
}

/** From which position on the next recovery of a world reads the log. */
function watchReading(world: World): { from: number } {
  const seen = { from: 0 }
  const { journal } = world
  const readBatches = journal.readBatches.bind(journal)
  journal.readBatches = (onDamage, from) => {
    seen.from ||= from ?? 1
    return readBatches(onDamage, from)
  }
  return seen
}

async function reopened(world: World): Promise<{ from: number }> {
  world.crash()
  const reading = watchReading(world)
  await world.open()
  return reading
}

/** Puts something else in the place of the newest checkpoint. */
async function replaceNewest(world: World, change: (bytes: Buffer) => Uint8Array | undefined): Promise<void> {
  const [newest] = world.memory.snapshots(0, Infinity)
  await world.memory.deleteSnapshots(0, newest!.position, newest!.position)
  const bytes = change(Buffer.from(newest!.bytes))
  if (bytes === undefined) return
  const snapshots = [{ ...newest!, bytes }]
  await world.memory.commit({ batches: [], snapshots, groups: [], names: [], outdated: [] })
}

describe('a checkpoint', () => {
  it('I-08 stands for its log: the image is the same, and who comes back from it goes on as from the log', async () => {
    await fc.assert(fc.asyncProperty(swarms, standsForItsLog), { numRuns: triesOf(200) })
    expect(checkpoints).toBeGreaterThan(50)
  }, 300_000)

  it('is where the next start begins to read', async () => {
    const world = await manyLate()
    const { position } = world.journal.checkpoint()!
    expect(position).toBeGreaterThan(400)
    expect(await reopened(world)).toEqual({ from: position + 1 })
    await world.settle()
    expect(names.map((name) => world.state<{ n: number }>(path(name)).n)).toEqual(names.map(() => 3))
  })

  it('is made when a system stops that has logged much since the last one', async () => {
    const world = await World.start({ root: counters, checkpointEvery: 2_000 })
    for (let round = 0; round < 10; round++) for (const name of names) world.tell(path(name), 'add', 1)
    await world.stop()
    expect(world.journal.checkpoint()?.position).toBe(world.journal.next - 1)
    await reopened(world)
    expect(world.state<{ n: number }>(path('c149')).n).toBe(10)
  })

  it('is made by a start that had to read much', async () => {
    const world = await World.start({ root: counters })
    for (let round = 0; round < 3; round++) for (const name of names) world.tell(path(name), 'add', 1)
    await world.advance(1_000)
    const { next } = world.journal
    expect(world.journal.checkpoint()).toBe(undefined)
    world.crash()
    await world.open({ checkpointEvery: 100 })
    expect(world.journal.checkpoint()?.position).toBe(next - 1)
  })

  it('has those who are large brought up to it from their logs', async () => {
    const world = await manyLate()
    await reopened(world)
    expect(await world.ask<number>(path('c149'), 'add', 1)).toBe(4)
    await world.settle()
    for (const name of names.slice(0, 149)) expect(await world.ask(path(name), 'add', 0)).toBe(3)
  })

  it('lets those stop in order whose states are not made yet', async () => {
    const world = await manyLate()
    await reopened(world)
    await world.stop()
    await world.recover()
    expect(world.state<{ n: number }>(path('c149')).n).toBe(3)
  })

  it('J-16 gives way to the one before when a bit of it is another', async () => {
    const world = await manyLate()
    const [newest, older] = [...checkpointsOf(world.journal)]
    await replaceNewest(world, (bytes) => {
      bytes[bytes.length - 9]! ^= 4
      return bytes
    })
    expect(older).toBeLessThan(newest!)
    expect(await reopened(world)).toEqual({ from: older! + 1 })
    await world.settle()
    expect(world.state<{ n: number }>(path('c7')).n).toBe(3)
  })

  it('J-18 out of another log is not used', async () => {
    const world = await manyLate()
    const other = await World.start({ root: counters, checkpointEvery: 100, seed: 9 })
    await other.advance(50)
    for (let round = 0; round < 3; round++) {
      for (const name of names) other.tell(path(name), 'add', 1_000)
      await other.advance(1_000)
    }
    const [foreign] = other.memory.snapshots(0, Infinity)
    const [older] = [...checkpointsOf(world.journal)].slice(1)
    await replaceNewest(world, () => foreign!.bytes)
    expect(await reopened(world)).toEqual({ from: older! + 1 })
    await world.settle()
    expect(world.state<{ n: number }>(path('c7')).n).toBe(3)
  })

  it('finds virtual actors awake, of whom so many wake in each round', async () => {
    const home = virtualActors({ name: 'home', of: counter, idleMs: 1_000_000 })
    const root = supervisor({ name: 'root', children: [child(home)] })
    const world = await World.start({ root, checkpointEvery: 100 })
    for (const key of names) world.system.get(counter, key).tell('add', 1)
    await world.advance(1_000)
    await reopened(world)
    const asked = names.map((key) => world.system.get(counter, key).ask('add', 1))
    expect(await world.settled(Promise.all(asked))).toEqual(names.map(() => 2))
  })

  it('of virtual actors knows who sleeps', async () => {
    const home = virtualActors({ name: 'home', of: counter, idleMs: 40 })
    const world = await World.start({
      root: supervisor({ name: 'root', children: [child(home)] }),
      checkpointEvery: 100,
    })
    for (const key of names) world.system.get(counter, key).tell('add', 1)
    await world.advance(2_000)
    const { from } = await reopened(world)
    expect(from).toBeGreaterThan(100)
    expect(await world.settled(world.system.get(counter, 'c99').ask('add', 1))).toBe(2)
  })

  it('is made so often that its user says, and no other number is taken', async () => {
    await expect(createSystem({ name: 'a', root: counters, checkpointEvery: 0 })).rejects.toMatchObject({
      code: 'HF_INVALID',
      field: 'checkpointEvery',
    })
  })
})
