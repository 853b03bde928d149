import { actor, allForOne, child, registry, supervisor } from 'holdfast'
import type { ActorRef, HandlersOf, RegistryAnswer, RegistryPage } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'

const names = registry({ name: 'names', maxNames: 4, maxMembers: 4 })
const NAMES = '/root/names'

const worker = actor({
  name: 'worker',
  state: () => ({ heard: [] as unknown[] }),
  onFailure: { RangeError: 'stop', default: 'restart' },
  on: {
    /** Asks the registry as itself. */
    ask: (ctx, { type, payload }: { type: 'register'; payload: { name: string } }) =>
      ctx.ask(ctx.ref(names, NAMES), type, payload),
    registerAndEnd(ctx, name: string) {
      ctx.tell(ctx.ref(names, NAMES), 'register', { name })
      ctx.stop(ctx.self)
    },
    async find(ctx, name: string) {
      return (await ctx.ask(ctx.ref(names, NAMES), 'whereis', { name }))?.path
    },
    forge(ctx, path: string) {
      ctx.tell(ctx.ref(NAMES), 'terminated', { path, reason: 'normal' })
    },
    hear(ctx, what: unknown) {
      ctx.state.heard.push([ctx.sender?.path, what])
    },
    restart() {
      throw new TypeError('once more')
    },
    fail() {
      throw new RangeError('for good')
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
  },
})
const deaf = actor({ ...worker.spec, name: 'deaf', on: { end: worker.spec.on.end } })
const keeper = actor({
  name: 'keeper',
  spawns: [worker],
  on: {
    bear(ctx, name: string) {
      ctx.spawn(worker, { name })
    },
  },
})
const volatileWorker = actor({ ...worker.spec, name: 'volatile-worker', durable: false })
const volatileKeeper = actor({
  name: 'volatile-keeper',
  durable: false,
  spawns: [volatileWorker],
  on: {
    bear(ctx, name: string) {
      ctx.spawn(volatileWorker, { name })
    },
  },
})

const [A, B, C, D] = ['/root/a', '/root/b', '/root/c', '/root/d']

function started(): Promise<World> {
  const workers = ['a', 'b', 'c'].map((id) => child(worker, { id, restart: 'transient' }))
  const others = [child(deaf, { id: 'd', restart: 'transient' }), child(keeper), child(volatileKeeper)]
  return World.start({ root: supervisor({ name: 'root', children: [child(names), ...workers, ...others] }) })
}

type Protocol = HandlersOf<typeof names>
const self = (world: World, path: string, type: keyof Protocol, payload: unknown): Promise<RegistryAnswer> =>
  world.ask(path, 'ask', { type, payload })
const outside = <T = RegistryAnswer>(world: World, type: keyof Protocol, payload?: unknown): Promise<T> =>
  world.ask<T>(NAMES, type, payload)
const whereis = async (world: World, name: string): Promise<string | undefined> =>
  (await outside<ActorRef | undefined>(world, 'whereis', { name }))?.path
const members = async (world: World, group: string): Promise<string[]> =>
  (await outside<ActorRef[]>(world, 'members', { group })).map(({ path }) => path)
const ref = (world: World, path: string): ActorRef => world.system.ref(path)

const isOk = { ok: true }

describe('SUP-170 A name', () => {
  it('has one holder: a second one is refused, told who has it, and the registry does not fail', async () => {
    const world = await started()
    expect(await self(world, A, 'register', { name: 'printer' })).toEqual(isOk)
    const refused = await self(world, B, 'register', { name: 'printer' })
    expect(refused).toMatchObject({ ok: false, reason: 'held', holder: { path: A } })
    expect(await world.ask(C, 'find', 'printer')).toBe(A)
    expect(world.recordsOf('failed')).toEqual([])
    expect(world.system.inspect(NAMES)).toMatchObject({ restarts: 0, incarnation: 1 })
  })

  it('may be asked for again by who has it, and one actor may have several', async () => {
    const world = await started()
    for (const name of ['printer', 'printer', 'scanner']) {
      expect(await self(world, A, 'register', { name })).toEqual(isOk)
    }
    const page = await outside<RegistryPage>(world, 'names')
    expect(page.names.map(({ name, ref: { path } }) => [name, path])).toEqual([
      ['printer', A],
      ['scanner', A],
    ])
  })

  it.each(['end', 'fail'])('is free once its holder has ended: %s', async (type) => {
    const world = await started()
    await self(world, A, 'register', { name: 'printer' })
    world.tell(A, type)
    await world.settle()
    expect(await whereis(world, 'printer')).toBeUndefined()
    expect(await self(world, B, 'register', { name: 'printer' })).toEqual(isOk)
  })

  it('stays with its holder over restarts, its own, that of the registry and that of the process', async () => {
    const world = await started()
    await self(world, A, 'register', { name: 'printer' })
    world.tell(A, 'restart')
    await world.settle()
    expect(world.system.inspect(A).incarnation).toBe(2)
    await world.recover()
    await world.reopen()
    expect(await whereis(world, 'printer')).toBe(A)
    world.tell(A, 'fail')
    await world.settle()
    expect(await whereis(world, 'printer')).toBeUndefined()
    await world.recover()
    expect(await whereis(world, 'printer')).toBeUndefined()
  })

  it('is given back by who has it and by the outside, and not by others', async () => {
    const world = await started()
    await self(world, A, 'register', { name: 'printer' })
    expect(await self(world, B, 'unregister', { name: 'printer' })).toMatchObject({ holder: { path: A } })
    expect(await outside(world, 'unregister', { name: 'printer', ref: 7 })).toMatchObject({ reason: 'held' })
    expect(await whereis(world, 'printer')).toBe(A)
    for (const from of [A, undefined]) {
      await self(world, A, 'register', { name: 'printer' })
      const payload = { name: 'printer' }
      const answer =
        from === undefined ? outside(world, 'unregister', payload) : self(world, from, 'unregister', payload)
      expect(await answer).toEqual(isOk)
      expect(await whereis(world, 'printer')).toBeUndefined()
    }
    // It is not watched any more, so its end is told to nobody.
    world.tell(A, 'end')
    await world.settle()
    expect(world.recordsOf('message').filter(({ type }) => type === 'terminated')).toEqual([])
  })

  it('goes to one that somebody else names, from outside too, if that one lives', async () => {
    const world = await started()
    const ended = ref(world, C)
    await world.ask(C, 'end')
    expect(await outside(world, 'register', { name: 'printer', ref: ref(world, A) })).toEqual(isOk)
    expect(await self(world, A, 'register', { name: 'scanner', ref: ref(world, B) })).toEqual(isOk)
    for (const wrong of [ended, ref(world, '/root/nobody'), { path: 'nowhere' }, 7, null]) {
      const answer = await outside(world, 'register', { name: 'fax', ref: wrong })
      expect(answer).toEqual({ ok: false, reason: 'no-actor' })
    }
    expect(await outside(world, 'register', { name: 'fax' })).toEqual({ ok: false, reason: 'no-actor' })
    expect([await whereis(world, 'printer'), await whereis(world, 'scanner')]).toEqual([A, B])
    expect(await whereis(world, 'fax')).toBeUndefined()
  })

  it('is not given to one that has ended before its message was handled', async () => {
    const world = await started()
    await world.ask(A, 'registerAndEnd', 'printer')
    await world.settle()
    expect(await whereis(world, 'printer')).toBeUndefined()
    expect(world.state<{ holders: Map<string, unknown> }>(NAMES).holders.size).toBe(0)
  })

  it('goes from a holder that has ended to the next one, before the news of the end is handled', async () => {
    const world = await started()
    await self(world, A, 'register', { name: 'printer' })
    const claimed = world.system.ref(NAMES).ask('register', { name: 'printer', ref: ref(world, B) })
    world.tell(A, 'end')
    expect(await world.settled(claimed)).toEqual(isOk)
    await world.settle()
    expect(await whereis(world, 'printer')).toBe(B)
    expect(world.system.deadLetters.last).toMatchObject([{ type: 'terminated', reason: 'stale-notice' }])
  })

  it('stays with the path when the next one there registers before the news of the end is handled', async () => {
    const world = await started()
    await world.ask('/root/keeper', 'bear', 'kid')
    const KID = '/root/keeper/kid'
    await self(world, KID, 'register', { name: 'printer' })
    // The registry is busy while the one ends and the other is born, so that it hears of the end behind the claim.
    const busy = world.system.ref(NAMES).ask('register', { name: 'other', ref: ref(world, A) })
    world.tell(NAMES, 'register', { name: 'scanner', ref: ref(world, KID) })
    world.tell(KID, 'end')
    world.tell('/root/keeper', 'bear', 'kid')
    await world.settled(busy)
    await world.settle()
    expect([await whereis(world, 'printer'), await whereis(world, 'scanner')]).toEqual([KID, KID])
    world.tell(KID, 'end')
    await world.settle()
    expect([await whereis(world, 'printer'), await whereis(world, 'scanner')]).toEqual([undefined, undefined])
  })

  it('of an actor that the log does not know is free when the process ends', async () => {
    const world = await started()
    await world.ask('/root/volatile-keeper', 'bear', 'kid')
    await self(world, '/root/volatile-keeper/kid', 'register', { name: 'printer' })
    await world.recover()
    expect(await whereis(world, 'printer')).toBeUndefined()
  })

  it('is free for nobody who forges the news of an end', async () => {
    const world = await started()
    await self(world, A, 'register', { name: 'printer' })
    world.tell(B, 'forge', A)
    expect(() => world.tell(NAMES, 'terminated', { path: A, reason: 'normal' })).toThrow(
      'only the runtime says',
    )
    await world.settle()
    expect(await whereis(world, 'printer')).toBe(A)
  })
})

describe('A group', () => {
  it('has its members in the order in which they joined, each once, until they leave or end', async () => {
    const world = await started()
    for (const path of [B, A, B, C]) expect(await self(world, path, 'join', { group: 'pool' })).toEqual(isOk)
    expect(await members(world, 'pool')).toEqual([B, A, C])
    expect(await self(world, A, 'leave', { group: 'pool' })).toEqual(isOk)
    expect(await self(world, A, 'leave', { group: 'pool' })).toEqual(isOk)
    expect(await outside(world, 'leave', { group: 'pool' })).toEqual({ ok: false, reason: 'no-actor' })
    await world.recover()
    world.tell(B, 'fail')
    world.tell(C, 'restart')
    await world.settle()
    expect(await members(world, 'pool')).toEqual([C])
    expect(await members(world, 'nobody')).toEqual([])
    await self(world, C, 'leave', { group: 'pool' })
    expect(world.state(NAMES)).toEqual({
      names: new Map(),
      groups: new Map(),
      holders: new Map(),
      members: 0,
    })
  })

  it('is told something in one turn: all members hear it, in their order, or nobody does', async () => {
    const world = await started()
    for (const path of [A, B]) await self(world, path, 'join', { group: 'pool' })
    const asked = { group: 'pool', type: 'hear', payload: { n: 1 } }
    expect(await outside(world, 'publish', asked)).toEqual({ told: 2, refused: [] })
    await world.settle()
    for (const path of [A, B]) expect(world.state(path).heard).toEqual([[NAMES, { n: 1 }]])
    const told = world.recordsOf('message').filter(({ type }) => type === 'hear')
    const [turn] = world.recordsOf('turn').filter(({ position }) => position > told.at(-1)!.position)
    expect(told.map(({ position }) => turn!.position - position)).toEqual([2, 1])
    expect(turn).toMatchObject({ told: 2 })
  })

  it('hears also when one member has no handler for it, and that one is named', async () => {
    const world = await started()
    for (const path of [A, D]) await outside(world, 'join', { group: 'pool', ref: ref(world, path) })
    const answer = await outside(world, 'publish', { group: 'pool', type: 'hear', payload: 1 })
    expect(answer).toMatchObject({ told: 1, refused: [{ path: D }] })
    await world.settle()
    expect(world.state(A).heard).toEqual([[NAMES, 1]])
    expect(await outside(world, 'publish', { group: 'empty', type: 'hear' })).toEqual({
      told: 0,
      refused: [],
    })
  })
})

describe('A registry', () => {
  it('is bounded: one more name or membership is refused, and there is room when one is free', async () => {
    const world = await started()
    for (const name of ['n1', 'n2', 'n3', 'n4']) await self(world, A, 'register', { name })
    for (const group of ['g1', 'g2']) for (const path of [A, B]) await self(world, path, 'join', { group })
    expect(await self(world, B, 'register', { name: 'n5' })).toEqual({ ok: false, reason: 'full' })
    expect(await self(world, C, 'join', { group: 'g1' })).toEqual({ ok: false, reason: 'full' })
    expect(await self(world, A, 'register', { name: 'n4' })).toEqual(isOk)
    expect(await self(world, A, 'join', { group: 'g2' })).toEqual(isOk)
    world.tell(A, 'end')
    await world.settle()
    expect(await self(world, B, 'register', { name: 'n5' })).toEqual(isOk)
    for (const group of ['g1', 'g2']) expect(await self(world, C, 'join', { group })).toEqual(isOk)
    expect(await members(world, 'g2')).toEqual([B, C])
  })

  it('lists its names in pages', async () => {
    const world = await started()
    for (const name of ['d', 'b', 'c', 'a']) await self(world, A, 'register', { name })
    const pages: RegistryPage[] = []
    for (let after: string | undefined = ''; after !== undefined; after = pages.at(-1)!.next) {
      pages.push(await outside<RegistryPage>(world, 'names', { after, limit: 3 }))
    }
    expect(pages.map((page) => page.names.map(({ name }) => name))).toEqual([['a', 'b', 'c'], ['d']])
  })

  it('fails for nothing that it is sent', async () => {
    const world = await started()
    const types = [
      'register',
      'unregister',
      'whereis',
      'names',
      'join',
      'leave',
      'members',
      'publish',
    ] as const
    const odd = [
      undefined,
      null,
      7,
      'x',
      {},
      { name: 7, group: 7, ref: {} },
      { name: '', group: '', type: 7 },
    ]
    await self(world, A, 'join', { group: 'pool' })
    for (const type of types) for (const payload of odd) await outside(world, type, payload)
    await outside(world, 'register', { name: 'x'.repeat(201), ref: ref(world, A) })
    await outside(world, 'publish', { group: 'pool', type: '$stop' })
    expect(world.recordsOf('failed')).toEqual([])
    expect(await outside<RegistryPage>(world, 'names', { limit: -1 })).toEqual({ names: [] })
  })

  it('forgets nobody when it is pulled down with a sibling', async () => {
    const group = supervisor({
      name: 'root',
      strategy: allForOne(),
      children: [child(names), child(worker, { id: 'a' })],
    })
    const world = await World.start({ root: group })
    await self(world, A, 'register', { name: 'printer' })
    world.tell(A, 'restart')
    await world.settle()
    expect(world.system.inspect(NAMES).incarnation).toBe(2)
    expect(await whereis(world, 'printer')).toBe(A)
  })

  it.each([
    [{ name: 'n', maxNames: 0 }, 'maxNames is 0; it must be a whole number from 1 to 131072.'],
    [{ name: 'n', maxMembers: 131_073 }, 'maxMembers is 131073; it must be a whole number from 1 to 131072.'],
    [
      { name: '' },
      'name is ""; it must be a name of 1 to 200 characters without "/" and control characters.',
    ],
  ])('is refused with %j', (options, message) => {
    expect(() => registry(options)).toThrow(message)
  })
})
