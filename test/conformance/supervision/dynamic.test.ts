// Supervisors of many children of one kind, the tasks that they can do, and partitions.

import { actor, child, dynamicSupervisor, type HoldfastError, keyed, partitions, task } from 'holdfast'
import type { ChildCounts, ChildStatus } from 'holdfast'
import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { ends, failEach, incarnations, lines, member, rootOf } from './chronicle.js'

const POOL = '/root/pool'
const worker = member('worker')

const listed = async (world: World, path = POOL): Promise<string[]> => {
  const children = await world.ask<ChildStatus[]>(path, 'which')
  return children.map(({ id, status }) => `${id} ${status}`)
}
const counted = (world: World, path = POOL): Promise<ChildCounts> => world.ask(path, 'count')

async function begin(world: World, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await world.ask(POOL, 'start', { id })
}

describe('A dynamic supervisor', () => {
  it('starts children as it is asked to, each with its arguments, and has them again after a crash', async () => {
    const teller = actor({
      name: 'teller',
      state: (args: { from: number }) => ({ n: args.from }),
      on: { add: (ctx) => ++ctx.state.n },
    })
    const world = await World.start({ root: rootOf(child(dynamicSupervisor({ name: 'pool', of: teller }))) })
    expect(await world.ask(POOL, 'start', { id: 'ana', args: { from: 10 } })).toMatchObject({
      path: `${POOL}/ana`,
    })
    const unnamed = await world.ask<{ path: string }>(POOL, 'start', { args: { from: 20 } })
    expect(await world.ask(`${POOL}/ana`, 'add')).toBe(11)
    await world.recover()
    expect(await world.ask(unnamed.path, 'add')).toBe(21)
    expect(await counted(world)).toEqual({ specs: 1, active: 2, supervisors: 0, workers: 2 })
  })

  it.each([0, 2])(
    'SUP-25 that may have %i children refuses one more, and takes one again when one has ended',
    async (maxChildren) => {
      const world = await World.start({
        root: rootOf(child(dynamicSupervisor({ name: 'pool', of: worker, maxChildren }))),
      })
      await begin(world, ...['a', 'b'].slice(0, maxChildren))
      expect(await world.askFails(POOL, 'start', { id: 'c' })).toMatchObject({ code: 'HF_MAX_CHILDREN' })
      if (maxChildren === 0) return
      await world.ask(POOL, 'terminate', { id: 'a' })
      await begin(world, 'c')
      expect(await listed(world)).toEqual(['b running', 'c running'])
    },
  )

  it('forgets a child that has ended or was terminated; a second time it is not found, and a stranger neither', async () => {
    const world = await World.start({
      root: rootOf(child(dynamicSupervisor({ name: 'pool', of: worker })), child(member('stranger'))),
    })
    await begin(world, 'a', 'b')
    world.tell(`${POOL}/a`, 'end')
    await world.ask(POOL, 'terminate', { id: 'b' })
    expect(await listed(world)).toEqual([])
    for (const id of ['a', 'b', 'stranger'])
      expect(await world.askFails(POOL, 'terminate', { id })).toMatchObject({ code: 'HF_NO_SUCH_CHILD' })
    expect(ends(world)).toEqual(['a normal', 'b shutdown'])
    expect(incarnations(world, '/root/stranger')).toEqual([1])
  })

  it('SUP-29 counts children that do not come back as workers, not as active, and as active when they do', async () => {
    let isWell = true
    const weak = actor({
      ...worker.spec,
      onRestart() {
        if (!isWell) throw new Error('not yet')
      },
    })
    const pool = dynamicSupervisor({
      name: 'pool',
      of: weak,
      strategy: { maxRestarts: 100, withinMs: 60_000 },
      backoff: { minMs: 1_000, maxMs: 1_000, jitter: 0 },
    })
    const world = await World.start({ root: rootOf(child(pool)) })
    await begin(world, 'a', 'b', 'c')
    isWell = false
    await failEach(world, `${POOL}/a`, `${POOL}/b`)
    await world.advance(3_500)
    expect(await counted(world)).toEqual({ specs: 1, active: 1, supervisors: 0, workers: 3 })
    isWell = true
    await world.advance(1_000)
    expect(await counted(world)).toEqual({ specs: 1, active: 3, supervisors: 0, workers: 3 })
  })

  it('has each child come back on its own: one that is slow to start holds up nobody', async () => {
    const gate = new Later()
    const slow = actor({ ...worker.spec, onRestart: (ctx) => ctx.effect('gate', () => gate.promise) })
    const world = await World.start({ root: rootOf(child(dynamicSupervisor({ name: 'pool', of: slow }))) })
    await begin(world, 'a', 'b')
    await failEach(world, `${POOL}/a`, `${POOL}/b`)
    expect(await listed(world)).toEqual(['a restarting', 'b restarting'])
    gate.resolve(1)
    await world.settle()
    expect(await listed(world)).toEqual(['a running', 'b running'])
  })

  it('starts a permanent child again that ended itself, and forgets one whose own budget is exhausted', async () => {
    const pool = dynamicSupervisor({
      name: 'pool',
      of: worker,
      restart: 'permanent',
      budget: { maxRestarts: 1 },
    })
    const world = await World.start({ root: rootOf(child(pool)) })
    await begin(world, 'a')
    world.tell(`${POOL}/a`, 'end')
    await world.settle()
    expect(incarnations(world, POOL, `${POOL}/a`)).toEqual([1, 2])
    world.tell(`${POOL}/a`, 'end')
    await world.settle()
    expect(await listed(world)).toEqual([])
    await world.recover()
    expect(await listed(world)).toEqual([])
  })

  it('has its children leave together, so that the slowest one says how long it takes', async () => {
    const slow = actor({
      ...worker.spec,
      onStop: (ctx) => ctx.effect('wait', () => new Promise<number>(() => undefined)),
    })
    const world = await World.start({
      root: rootOf(child(dynamicSupervisor({ name: 'pool', of: slow, shutdown: 1_000 }))),
    })
    await begin(world, 'a', 'b', 'c')
    let isOver = false
    const asked = world.system.ref('/root').ask('terminate' as never, { id: 'pool' })
    void asked.then(() => (isOver = true))
    await world.settle()
    await world.advance(999)
    expect(isOver).toBe(false)
    await world.advance(1)
    await world.settle()
    expect(isOver).toBe(true)
    expect(ends(world).sort()).toEqual(['a shutdown', 'b shutdown', 'c shutdown', 'pool shutdown'])
  })

  it('that is restarted has none of its children any more', async () => {
    const world = await World.start({
      root: rootOf(child(dynamicSupervisor({ name: 'pool', of: worker, strategy: { maxRestarts: 0 } }))),
    })
    await begin(world, 'a', 'b')
    await failEach(world, `${POOL}/a`)
    expect(incarnations(world, POOL)).toEqual([2])
    expect(await listed(world)).toEqual([])
  })

  it('SUP-32 lets ten thousand temporary children go in about ten times the time of one thousand', async () => {
    const brief = actor({ name: 'brief', durable: false, on: { end: (ctx) => ctx.stop(ctx.self) } })
    const timed = async (count: number): Promise<number> => {
      const pool = dynamicSupervisor({ name: 'pool', of: brief, restart: 'temporary' })
      const world = await World.start({ root: rootOf(child(pool)) })
      for (let i = 0; i < count; i++) world.tell(POOL, 'start', { id: `c${i}` })
      await world.settle()
      const from = performance.now()
      for (let i = 0; i < count; i++) world.tell(`${POOL}/c${i}`, 'end')
      await world.settle()
      const took = performance.now() - from
      expect((await counted(world)).workers).toBe(0)
      return took
    }
    // The least of three: what the machine does beside it says nothing about this.
    const least = async (count: number): Promise<number> =>
      Math.min(await timed(count), await timed(count), await timed(count))
    expect((await least(10_000)) / (await least(1_000))).toBeLessThan(50)
  })

  it.each([
    ['of', { of: undefined }],
    ['maxChildren', { maxChildren: -1 }],
    ['maxChildren', { maxChildren: 1.5 }],
    ['child.restart', { restart: 'always' }],
    ['child.shutdown', { shutdown: -10 }],
    ['strategy.maxRestarts', { strategy: { maxRestarts: -1 } }],
    ['onFailure.default', { onFailure: { default: 'panic' } }],
    ['name', { name: '' }],
  ])('is refused by its field: %s of %o', (field, wrong) => {
    expect(() => dynamicSupervisor({ name: 'pool', of: worker, ...wrong } as never)).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field }) as Error,
    )
  })
})

describe('A task', () => {
  const square = task({
    name: 'square',
    run: async (ctx, n: number) => {
      if (n < 0) throw new RangeError(`${n} has no root`)
      return ctx.effect('square', () => n * n)
    },
  })
  const jobs = dynamicSupervisor({ name: 'jobs', of: square, maxChildren: 2 })
  const JOBS = '/root/jobs'
  const asking = actor({
    name: 'asking',
    state: () => ({ seen: [] as unknown[] }),
    on: {
      async unlinked(ctx, n: number) {
        const answer = await ctx
          .ask(ctx.ref(jobs, JOBS), 'run', n)
          .catch((error: unknown) => ((error as HoldfastError).cause as Error).message)
        ctx.state.seen.push(answer)
        return answer
      },
      async linked(ctx, n: number) {
        return ctx.ask(ctx.ref(jobs, JOBS), 'run', n)
      },
    },
  })
  const start = (): Promise<World> => World.start({ root: rootOf(child(jobs), child(asking)) })

  it('is done once, answers with what it returned, and leaves nothing behind', async () => {
    const world = await start()
    expect(await world.ask(JOBS, 'run', 7)).toBe(49)
    expect(await world.ask('/root/asking', 'unlinked', 8)).toBe(64)
    expect(await counted(world, JOBS)).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 0 })
    expect(ends(world).map((each) => each.split(' ')[1])).toEqual(['normal', 'normal'])
  })

  it('SUP-168 that fails tells a caller why who catches it, and takes one along who does not', async () => {
    const world = await start()
    expect(await world.ask('/root/asking', 'unlinked', -1)).toBe('-1 has no root')
    expect(incarnations(world, '/root/asking')).toEqual([1])
    expect(await world.askFails('/root/asking', 'linked', -2)).toMatchObject({ code: 'HF_ACTOR_FAILED' })
    expect(incarnations(world, '/root/asking', JOBS)).toEqual([2, 1])
    expect(world.state('/root/asking')).toEqual({ seen: ['-1 has no root'] })
  })

  it('that fails is forgotten, and its supervisor is charged for none, however many there are', async () => {
    const world = await start()
    for (let n = -5; n < 0; n++)
      expect(await world.askFails(JOBS, 'run', n)).toMatchObject({ code: 'HF_ACTOR_FAILED' })
    expect(incarnations(world, JOBS)).toEqual([1])
    expect(await counted(world, JOBS)).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 0 })
  })

  it('is tried as often as it says, and is forgotten after that, also by the next process', async () => {
    let tries = 0
    const hopeless = task({
      name: 'hopeless',
      attempts: 3,
      run: async (ctx) => {
        await ctx.effect('try', () => ++tries)
        throw new RangeError(`no ${tries}`)
      },
    })
    const pool = dynamicSupervisor({ name: 'jobs', of: hopeless })
    const world = await World.start({ root: rootOf(child(pool)) })
    expect(await world.askFails(JOBS, 'run')).toMatchObject({ cause: { message: 'no 3' } })
    expect(tries).toBe(3)
    expect(await listed(world, JOBS)).toEqual([])
    await world.recover()
    expect(await listed(world, JOBS)).toEqual([])
  })

  it('that is under way when the process is killed is gone on with, and its caller gets the answer', async () => {
    const gate = new Later<number>()
    let runs = 0
    const slow = task({
      name: 'slow',
      run: (ctx) => {
        return ctx.effect('gate', () => (++runs === 1 ? gate.promise : 42))
      },
    })
    const slowJobs = dynamicSupervisor({ name: 'jobs', of: slow })
    const waiting = actor({
      name: 'asking',
      state: () => ({ got: 0 }),
      on: {
        async go(ctx) {
          ctx.state.got = await ctx.ask(ctx.ref(slowJobs, JOBS), 'run')
        },
      },
    })
    const world = await World.start({ root: rootOf(child(slowJobs), child(waiting)) })
    world.tell('/root/asking', 'go')
    await world.settle()
    await world.recover()
    expect(world.state('/root/asking')).toEqual({ got: 42 })
    expect(runs).toBe(2)
    expect(await listed(world, JOBS)).toEqual([])
  })

  it('is refused where there are as many as there may be', async () => {
    const hanging = task({
      name: 'hanging',
      run: (ctx) => ctx.effect('hang', () => new Promise<number>(() => undefined)),
    })
    const world = await World.start({
      root: rootOf(child(dynamicSupervisor({ name: 'jobs', of: hanging, maxChildren: 1 }))),
    })
    world.tell(JOBS, 'run')
    await world.settle()
    expect(await world.askFails(JOBS, 'run')).toMatchObject({ code: 'HF_MAX_CHILDREN' })
  })
})

describe('A partition supervisor', () => {
  const cache = actor({
    name: 'cache',
    state: () => ({ keys: [] as string[] }),
    on: { put: (ctx, key: string) => ctx.state.keys.push(key) },
  })
  const caches = partitions({ name: 'caches', of: cache, count: 8 })
  const CACHES = '/root/caches'
  const keys = Array.from({ length: 200 }, (_, i) => `customer ${i}/€`)

  async function put(world: World): Promise<number[]> {
    for (const key of keys) world.tell(keyed(CACHES, key), 'put', key)
    await world.settle()
    return Array.from({ length: 8 }, (_, i) => {
      const { status, state } = world.system.inspect(`${CACHES}/${i}`)
      return status === 'running' ? (state as { keys: string[] }).keys.length : -1
    })
  }

  it('spreads keys over its partitions, and has each of them at the same one', async () => {
    const world = await World.start({ root: rootOf(child(caches)) })
    const first = await put(world)
    expect(first.every((count) => count > 5)).toBe(true)
    expect(first.reduce((sum, count) => sum + count)).toBe(200)
    expect(await put(world)).toEqual(first.map((count) => count * 2))
    const { path } = world.system.ref(keyed(CACHES, keys[0]!))
    expect(path).toBe(`${CACHES}/#customer%200%2F%E2%82%AC`)
  })

  it('SUP-172 that shrinks has so many active, and keys reach one of those; that grows has them all again', async () => {
    const world = await World.start({ root: rootOf(child(caches)) })
    await world.ask(CACHES, 'resize', { count: 3 })
    expect(await counted(world, CACHES)).toEqual({ specs: 8, active: 3, supervisors: 0, workers: 8 })
    const counts = await put(world)
    expect(counts.slice(3)).toEqual([-1, -1, -1, -1, -1])
    expect(counts.slice(0, 3).reduce((sum, count) => sum + count)).toBe(200)
    await world.recover()
    expect((await counted(world, CACHES)).active).toBe(3)
    await world.ask(CACHES, 'resize', { count: 10 })
    expect(await counted(world, CACHES)).toEqual({ specs: 10, active: 10, supervisors: 0, workers: 10 })
    await world.recover()
    expect(await counted(world, CACHES)).toEqual({ specs: 10, active: 10, supervisors: 0, workers: 10 })
    expect(await world.askFails(CACHES, 'resize', { count: 0 })).toMatchObject({ code: 'HF_INVALID' })
  })

  it('has what is sent through one ref follow the key when there are fewer', async () => {
    const world = await World.start({ root: rootOf(child(caches)) })
    const refs = keys.map((key) => world.system.ref(keyed(CACHES, key)))
    await world.ask(CACHES, 'resize', { count: 1 })
    for (const ref of refs) ref.tell('put', 'again')
    await world.settle()
    expect(world.state<{ keys: string[] }>(`${CACHES}/0`).keys).toHaveLength(200)
  })

  it.each([
    ['count', { count: 0 }],
    ['count', { count: 1.5 }],
    ['count', { count: 1_025 }],
    ['name', { name: '' }],
    ['child.definition', { of: undefined }],
  ])('SUP-172 is refused by its field: %s of %o', (field, wrong) => {
    expect(() => partitions({ name: 'caches', of: cache, count: 8, ...wrong } as never)).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field }) as Error,
    )
  })

  it('has a key that is not empty', () => {
    expect(() => keyed(CACHES, '')).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field: 'key' }) as Error,
    )
  })
})

describe('The order of a dynamic supervisor in a tree', () => {
  it('starts and stops with its siblings, and its children before it', async () => {
    const world = await World.start({
      root: rootOf(
        child(member('first')),
        child(dynamicSupervisor({ name: 'pool', of: worker })),
        child(member('last')),
      ),
    })
    await begin(world, 'a')
    await world.reopen()
    expect(lines(world)).toEqual([
      'start first',
      'start last',
      'start worker',
      'stop last',
      'stop worker',
      'stop first',
      'start first',
      'start last',
      'start worker',
    ])
  })
})
