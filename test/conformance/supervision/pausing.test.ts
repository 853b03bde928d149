// An operator pauses actors and resumes them, on virtual time.

import { actor, child, oneForOne, supervisor, type ChildSpec } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { chronicle, lines, ownerOf } from './chronicle.js'

const ana = { by: 'ana', reason: 'looks wrong' }
const plenty = oneForOne({ maxRestarts: 1_000, withinMs: 1_000_000 })

const counter = actor({
  name: 'counter',
  state: () => ({ n: 0 }),
  onStart(ctx) {
    ctx.tell(ctx.ref('/root/chronicle'), 'note', 'start')
  },
  onStop(ctx) {
    ctx.tell(ctx.ref('/root/chronicle'), 'note', 'stop')
  },
  on: {
    add: (ctx) => ++ctx.state.n,
    fail() {
      throw new Error('no')
    },
    async hold(ctx) {
      await ctx.effect('hold', () => gate.promise, { timeoutMs: 600_000 })
      return ++ctx.state.n
    },
  },
})
const volatile = actor({ ...counter.spec, name: 'volatile', durable: false })
const kinds = [counter, volatile]
let gate = new Later()

const PATH = '/root/it'
const rootWith = (definition = counter, ...more: ChildSpec[]) =>
  supervisor({
    name: 'root',
    strategy: plenty,
    children: [child(chronicle), child(definition, { id: 'it' }), ...more],
  })

const status = (world: World, path = PATH): string => world.system.inspect(path).status
const pause = (world: World, path = PATH): Promise<void> => world.settled(world.system.steer.pause(path, ana))
const resume = (world: World, path = PATH): Promise<void> =>
  world.settled(world.system.steer.resume(path, { by: 'ana' }))

/** Asks with an end of its own, and lets that time pass. */
async function timesOut(world: World): Promise<unknown> {
  const asked = world.system.ref(PATH).ask('add', undefined, { timeoutMs: 100 })
  const error = asked.catch((reason: unknown) => reason)
  await world.advance(100)
  return error
}

describe.each(kinds)('A paused actor ($name)', (definition) => {
  it('SUP-164 answers nobody and says so, also when it is paused twice; resumed, it answers again', async () => {
    const world = await World.start({ root: rootWith(definition) })
    await pause(world)
    await pause(world)
    expect(status(world)).toBe('paused')
    expect(await timesOut(world)).toMatchObject({ code: 'HF_ASK_TIMEOUT' })
    expect(world.system.inspect(PATH)).toMatchObject({ mailbox: 1, turns: 1, status: 'paused' })
    await resume(world)
    await resume(world)
    expect([status(world), await world.ask(PATH, 'add')]).toEqual(['running', 2])
    await world.stop()
  })

  it('handles what waited when it is resumed, in order', async () => {
    const world = await World.start({ root: rootWith(definition) })
    await pause(world)
    for (let i = 0; i < 3; i++) world.tell(PATH, 'add')
    await world.settle()
    expect(world.system.inspect(PATH)).toMatchObject({ mailbox: 3, state: { n: 0 } })
    await resume(world)
    expect(await world.ask(PATH, 'add')).toBe(4)
  })

  it('ends the turn in hand, and takes no other', async () => {
    gate = new Later()
    const world = await World.start({ root: rootWith(definition) })
    const asked = world.system.ref(PATH).ask('hold')
    world.tell(PATH, 'add')
    await world.settle()
    expect(status(world)).toBe('waiting')
    await pause(world)
    expect(status(world)).toBe('paused')
    gate.resolve(1)
    expect(await world.settled(asked)).toBe(1)
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'paused', mailbox: 1, state: { n: 1 } })
  })

  it('stays paused over a restart of its own: its start hook runs, and nobody behind it waits', async () => {
    gate = new Later()
    const world = await World.start({ root: rootWith(definition) })
    world.tell(PATH, 'hold')
    world.tell(PATH, 'add')
    await world.settle()
    await pause(world)
    gate.reject(new Error('broken'))
    await world.settle()
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'paused', incarnation: 2, mailbox: 1 })
    expect(lines(world)).toEqual(['start', 'start'])
    await resume(world)
    expect(await world.ask(PATH, 'add')).toBe(2)
  })

  it('that is told to stop ends, with its stop hook, and whoever watches hears of it', async () => {
    const world = await World.start({ root: ownersOf(definition) })
    await pause(world, OWNED)
    world.tell('/root/owner', 'stop')
    await world.settle()
    expect(world.state('/root/owner')).toMatchObject({ notices: [{ path: OWNED, reason: 'normal' }] })
    expect(lines(world)).toEqual(['start', 'stop'])
  })
})

const OWNED = '/root/owner/it'

function ownersOf(definition: typeof counter) {
  const owner = ownerOf(actor({ ...definition.spec, name: 'it' }))
  return supervisor({ name: 'root', children: [child(chronicle), child(owner)] })
}

describe('A pause', () => {
  it('is a record with who and why, and an event, once for every time', async () => {
    const world = await World.start({ root: rootWith() })
    const events = world.events('steered')
    await pause(world)
    await resume(world)
    const { id } = world.system.inspect(PATH)
    const said = world.recordsOf('steered').map((record) => ({ actor: record.actor, ...record.data() }))
    expect(said).toEqual([
      { actor: id, command: 'pause', by: 'ana', reason: 'looks wrong' },
      { actor: id, command: 'resume', by: 'ana' },
    ])
    expect(events.map(({ actor: path, command }) => [path, command])).toEqual([
      [PATH, 'pause'],
      [PATH, 'resume'],
    ])
  })

  it.each(kinds)('outlives the process, however it ended ($name)', async (definition) => {
    const world = await World.start({ root: rootWith(definition) })
    world.tell(PATH, 'add')
    await world.settle()
    await pause(world)
    world.tell(PATH, 'add')
    await world.settled(world.system.flushed())
    for (const again of [() => world.recover(), () => world.reopen(), () => world.recover()]) {
      await again()
      expect(status(world)).toBe('paused')
    }
    await resume(world)
    expect(await world.ask(PATH, 'add')).toBe(definition.spec.durable === false ? 1 : 3)
    await world.recover()
    expect(status(world)).toBe('running')
  })

  it('resolves when it is on stable storage, and one that is not is undone by a crash', async () => {
    const world = await World.start({ root: rootWith() })
    world.store.cut()
    let isDone = false
    void world.system.steer.pause(PATH, ana).then(() => (isDone = true))
    await world.settle()
    expect([isDone, status(world)]).toEqual([false, 'paused'])
    await world.recover()
    expect(status(world)).toBe('running')
  })

  it('that begins while the actor starts lets it start', async () => {
    gate = new Later()
    gate.resolve(1)
    const slow = actor({
      ...counter.spec,
      name: 'slow',
      onStart: (ctx) => ctx.effect('up', () => gate.promise),
    })
    const world = await World.start({ root: rootWith(slow) })
    gate = new Later()
    world.tell(PATH, 'fail')
    await world.settle()
    expect(status(world)).toBe('restarting')
    await pause(world)
    world.tell(PATH, 'add')
    gate.resolve(1)
    await world.settle()
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'paused', mailbox: 1 })
  })

  it('holds up neither the end of the system nor that of the actor in any of three ways', async () => {
    for (const how of ['stop', 'kill'] as const) {
      const world = await World.start({ root: managed() })
      await pause(world, '/root/manager/it')
      world.tell('/root/manager/it', 'add')
      world.tell('/root/manager', 'end', how)
      await world.settle()
      expect(world.system.inspect('/root/manager').children).toEqual([])
      expect(world.system.deadLetters.count).toBe(1)
      await world.stop()
    }
  })

  it('of an actor that drains lets it wait: resumed, it handles what waited, and ends', async () => {
    const world = await World.start({ root: managed() })
    await pause(world, '/root/manager/it')
    world.tell('/root/manager/it', 'add')
    world.tell('/root/manager', 'end', 'drain')
    await world.settle()
    expect(world.system.inspect('/root/manager/it')).toMatchObject({ status: 'paused', mailbox: 2 })
    world.tell('/root/manager/it', 'add')
    expect(world.system.deadLetters.count).toBe(1)
    await world.recover()
    expect(world.system.inspect('/root/manager/it').status).toBe('paused')
    await resume(world, '/root/manager/it')
    await world.settle()
    expect(world.system.inspect('/root/manager').children).toEqual([])
    expect(world.recordsOf('turn').filter((turn) => turn.answered)).toEqual([])
    expect(lines(world)).toEqual(['start', 'stop'])
  })

  it('of a full mailbox leaves its bound as it is', async () => {
    const small = actor({ ...counter.spec, mailbox: { capacity: 1 } })
    const world = await World.start({ root: rootWith(small) })
    await pause(world)
    world.tell(PATH, 'add')
    expect(() => {
      world.tell(PATH, 'add')
    }).toThrow(expect.objectContaining({ code: 'HF_MAILBOX_FULL' }))
  })

  it.each([
    ['without options', '/root/it', undefined, { code: 'HF_INVALID', field: 'by' }],
    ['without by', '/root/it', {}, { code: 'HF_INVALID', field: 'by' }],
    ['by a blank', '/root/it', { by: ' ' }, { code: 'HF_INVALID', field: 'by' }],
    [
      'by a name that is too long',
      '/root/it',
      { by: 'x'.repeat(1_001) },
      { code: 'HF_INVALID', field: 'by' },
    ],
    [
      'for a reason that is no text',
      '/root/it',
      { by: 'ana', reason: 7 },
      { code: 'HF_INVALID', field: 'reason' },
    ],
    [
      'of nobody',
      '/root/nobody',
      { by: 'ana' },
      { code: 'HF_NO_SUCH_ACTOR', field: 'path', actor: '/root/nobody' },
    ],
    ['of what is no path', 'root', { by: 'ana' }, { code: 'HF_INVALID', field: 'path' }],
    ['of a supervisor', '/root', { by: 'ana' }, { code: 'HF_INVALID', field: 'path' }],
  ])('%s is refused, and nothing is done', async (_what, path, options, refused) => {
    const world = await World.start({ root: rootWith() })
    await expect(world.system.steer.pause(path, options as never)).rejects.toMatchObject(refused)
    expect(world.recordsOf('steered')).toEqual([])
  })

  it('is refused from within a turn, for one that has ended, and by a system that stops', async () => {
    const meddler = actor({
      name: 'meddler',
      durable: false,
      on: {
        async go(): Promise<void> {
          await world.system.steer.pause(PATH, ana)
        },
        end(ctx) {
          ctx.stop(ctx.self)
        },
      },
    })
    const root = rootWith(counter, child(meddler, { restart: 'transient' }))
    const world = await World.start({ root })
    expect(await world.askFails('/root/meddler', 'go')).toMatchObject({
      cause: { code: 'HF_TELL_INSIDE_TURN' },
    })
    world.tell('/root/meddler', 'end')
    await world.settle()
    await expect(pause(world, '/root/meddler')).rejects.toMatchObject({ code: 'HF_ACTOR_STOPPED' })
    const stopping = world.system.stop()
    await expect(world.system.steer.pause(PATH, ana)).rejects.toMatchObject({ code: 'HF_SYSTEM_STOPPED' })
    await world.settled(stopping)
  })

  it('may be given by a listener, in the middle of what it is told of', async () => {
    const world = await World.start({ root: rootWith() })
    world.system.on('failed', ({ offender }) => void world.system.steer.pause(offender, { by: 'policy' }))
    world.tell(PATH, 'fail')
    await world.settle()
    world.tell(PATH, 'add')
    await world.settle()
    expect(world.system.inspect(PATH)).toMatchObject({ status: 'paused', mailbox: 1, incarnation: 2 })
  })
})

function managed() {
  const kid = actor({ ...counter.spec, name: 'it' })
  const manager = actor({
    name: 'manager',
    spawns: [kid],
    onStart(ctx) {
      ctx.spawn(kid, { name: 'it' })
    },
    on: {
      end(ctx, how: 'stop' | 'kill' | 'drain') {
        ctx.stop(ctx.ref(`${ctx.self.path}/it`), how)
      },
    },
  })
  return supervisor({ name: 'root', children: [child(chronicle), child(manager)] })
}
