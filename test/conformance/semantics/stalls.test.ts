// What becomes of a turn in which the last process was ended, and what a watchdog can know of the thread. That a thread is
// found which really stands still is shown by real processes (`test/crash/watchdog.test.ts`).

import type { StallEnd, Watchdog, Watched } from '@holdfast/kernel'
import { actor, child, supervisor, type Context } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

let gate = new Later()
/** Whether the log held it, of each message that was handled. */
let wasDurable: boolean[] = []
let world: World

async function wait(ctx: Context<unknown>): Promise<void> {
  await ctx.effect('gate', () => gate.promise)
}

function take(ctx: Context<unknown>): void {
  const { journal } = world
  const { position } = ctx.message
  wasDurable.push(position === 0 ? journal.durable === journal.next : position < journal.durable)
}

// In place of a handler that stands still: a turn that has no end when the process ends.
const busy = actor({
  name: 'busy',
  attempts: 3,
  state: () => ({ n: 0 }),
  on: {
    add(ctx, n: number) {
      ctx.state.n += n
      return ctx.state.n
    },
    stall: wait,
    take,
    fail() {
      throw new Error('broken')
    },
  },
})
const loose = actor({ name: 'loose', durable: false, on: { take } })
const source = actor({
  name: 'source',
  on: {
    tell(ctx, { to, times }: { to: string; times: number }) {
      for (let n = 0; n < times; n++) ctx.tell(ctx.ref(to), 'take')
    },
  },
})
const root = supervisor({ name: 'root', children: [child(busy), child(source), child(loose)] })

/** A system that stood still in a message of `/root/busy`, and the report of its watchdog. */
async function standing(): Promise<StallEnd> {
  gate = new Later()
  world = await World.start({ root })
  await world.ask('/root/busy', 'add', 1)
  world.tell('/root/busy', 'stall')
  world.tell('/root/busy', 'add', 10)
  await world.settle()
  return endAt(world.recordsOf('began').at(-1)!.cause)
}

function endAt(position: number, actorPath = '/root/busy', type = 'stall'): StallEnd {
  const actorId =
    world.recordsOf('spawned').find((record) => record.data().name === actorPath.split('/').at(-1))?.actor ??
    0
  return {
    inHand: { actor: actorPath, actorId, type, position, correlation: position, attempt: 1 },
    stalledMs: 2_000,
    endAfterMs: 2_000,
    stack: '    at standing (here.ts:1:1)',
    epoch: 1,
    atMs: world.authorities.now(),
  }
}

function failures() {
  return world.recordsOf('failed').map((record) => ({ ...record.data(), message: record.cause }))
}

describe('R14 a turn in which the last process was ended', () => {
  it('has failed at the next start, once, is parked whatever its attempts, and its supervisor has decided', async () => {
    const stallEnd = await standing()
    const { position } = stallEnd.inHand!
    const system = await world.recover({ stallEnd })
    expect(failures()).toMatchObject([
      { message: position, attempt: 1, parked: true, context: 'message', error: { code: 'HF_LOOP_STALLED' } },
    ])
    expect(failures()[0]!.error.stack).toContain('at standing (here.ts:1:1)')
    expect(world.recordsOf('directive').map((record) => record.data())).toMatchObject([
      { directive: 'restart', offender: '/root/busy' },
    ])
    expect(system.parked()).toMatchObject([{ position, actor: '/root/busy', type: 'stall' }])
    expect(world.state('/root/busy')).toEqual({ n: 11 })
    expect(system.inspect('/root/busy')).toMatchObject({ incarnation: 2, status: 'running' })
  })

  it('has failed once, also when the start that says so is cut short and done again', async () => {
    const stallEnd = await standing()
    await world.recover({ stallEnd })
    await world.recover({ stallEnd })
    await world.recover({ stallEnd })
    expect(failures()).toHaveLength(1)
    expect(world.state('/root/busy')).toEqual({ n: 11 })
  })

  it('is a start that failed when it was that of a start hook', async () => {
    gate = new Later()
    const slow = actor({ name: 'slow', onStart: wait, on: {} })
    world = new World({ root: supervisor({ name: 'root', children: [child(slow)] }) })
    void world.open().catch(() => undefined)
    for (let round = 0; round < 5; round++) await world.settle()
    const { cause } = world.recordsOf('began').at(-1)!
    const stallEnd = endAt(cause, '/root/slow', '$start')
    gate.resolve(undefined)
    gate = new Later()
    gate.resolve(undefined)
    await world.recover({ stallEnd })
    expect(failures()).toMatchObject([{ message: cause, context: 'start' }])
    expect(world.system.inspect('/root/slow')).toMatchObject({ status: 'running', incarnation: 2 })
  })

  it('is not that of a stop hook again, and its actor ends', async () => {
    gate = new Later()
    let stops = 0
    const ending = actor({
      name: 'ending',
      onStop(ctx) {
        stops++
        return wait(ctx)
      },
      on: { end: (ctx) => ctx.stop(ctx.self) },
    })
    const children = [child(ending, { restart: 'transient' })]
    world = await World.start({ root: supervisor({ name: 'root', children }) })
    world.tell('/root/ending', 'end')
    await world.settle()
    const { cause } = world.recordsOf('began').at(-1)!
    await world.recover({ stallEnd: endAt(cause, '/root/ending', '$stop') })
    expect(stops).toBe(1)
    expect(failures()).toMatchObject([{ message: cause, context: 'stop' }])
    expect(world.system.inspect('/root/ending')).toMatchObject({ status: 'stopped' })
  })

  it.each([
    ['an earlier run', (end: StallEnd) => ({ ...end, epoch: 0 })],
    ['a run before this one with the same number', (end: StallEnd) => ({ ...end, atMs: 0 })],
    [
      'a message of another type',
      (end: StallEnd) => ({ ...end, inHand: { ...end.inHand!, type: 'another' } }),
    ],
    ['another actor', (end: StallEnd) => ({ ...end, inHand: { ...end.inHand!, actorId: 1 } })],
    ['a message with an outcome', (end: StallEnd) => ({ ...end, inHand: { ...end.inHand!, position: 5 } })],
    ['nobody', (end: StallEnd) => ({ ...end, inHand: null })],
  ])('is not believed of a report of %s', async (_what, change) => {
    const stallEnd = change(await standing())
    await world.recover({ stallEnd })
    expect(failures()).toEqual([])
    gate.resolve(undefined)
    await world.settle()
    expect(world.state('/root/busy')).toEqual({ n: 11 })
  })
})

describe('C1 an actor whose message was not in the log when the process was ended', () => {
  async function careful(path: string): Promise<void> {
    wasDurable = []
    world = await World.start({ root })
    await world.ask('/root/busy', 'add', 1)
    await world.settled(world.system.flushed())
    const lost = endAt(world.journal.next + 10, path, 'take')
    await world.recover({ stallEnd: lost })
  }

  it.each(['/root/busy', '/root/loose'])(
    '%s is handed one message at a time, once the log holds what it came of',
    async (path) => {
      await careful(path)
      world.tell('/root/source', 'tell', { to: path, times: 5 })
      await world.settle()
      expect(wasDurable).toEqual([true, true, true, true, true])
    },
  )

  it('is what its messages would not wait for without that', async () => {
    wasDurable = []
    world = await World.start({ root })
    world.tell('/root/source', 'tell', { to: '/root/busy', times: 5 })
    await world.settle()
    expect(wasDurable).toEqual([false, false, false, false, false])
  })

  it('is handled with care also in its next life', async () => {
    await careful('/root/busy')
    world.tell('/root/busy', 'fail')
    await world.settle()
    // Each of its three attempts ends a life.
    expect(world.system.inspect('/root/busy').incarnation).toBe(4)
    world.tell('/root/source', 'tell', { to: '/root/busy', times: 2 })
    await world.settle()
    expect(wasDurable).toEqual([true, true])
  })

  it('C2 is like any other after 1,024 messages', async () => {
    await careful('/root/busy')
    world.tell('/root/source', 'tell', { to: '/root/busy', times: 900 })
    await world.settle()
    world.tell('/root/source', 'tell', { to: '/root/busy', times: 200 })
    await world.settle()
    world.tell('/root/source', 'tell', { to: '/root/busy', times: 1 })
    await world.settle()
    expect(wasDurable).toHaveLength(1_101)
    expect(wasDurable.slice(0, 1_024)).not.toContain(false)
    expect(wasDurable.at(-1)).toBe(false)
  })
})

describe('what a watchdog can know of the thread', () => {
  const seen: { readonly where: string; readonly inHand: unknown; readonly noted: readonly number[] }[] = []
  let watched: Watched
  const hand = new Float64Array(2)
  const watchdog: Watchdog = {
    hand,
    begin: async (system) => {
      watched = system
    },
    end: async () => undefined,
  }
  const look = (where: string): void => {
    const inHand = watched.inHand()
    const known = inHand === null ? null : `${inHand.actor} ${inHand.type}`
    seen.push({ where, inHand: known, noted: [...hand].map((each) => Math.sign(each)) })
  }
  const observed = actor({
    name: 'observed',
    state: () => ({}),
    onStart: () => look('start hook'),
    on: {
      plain: () => look('handler'),
      async waits(ctx) {
        look('before')
        await ctx.effect('outside', () => look('effect'))
        look('after')
        await Promise.all([ctx.effect('one', () => 1), ctx.effect('two', () => 2)])
        look('after both')
      },
    },
  })

  it('is whose handler runs, whose effect begins and who goes on with a result, and nothing between', async () => {
    seen.length = 0
    world = await World.start({ root: observed, watchdog })
    look('between')
    world.tell('/observed', 'plain')
    await world.settle()
    world.tell('/observed', 'waits')
    await world.settle()
    look('between')
    const [nothing, something] = [
      [0, 0],
      [1, 1],
    ]
    expect(seen).toEqual([
      { where: 'start hook', inHand: '/observed $start', noted: something },
      { where: 'between', inHand: null, noted: nothing },
      { where: 'handler', inHand: '/observed plain', noted: something },
      { where: 'before', inHand: '/observed waits', noted: something },
      { where: 'effect', inHand: '/observed waits', noted: something },
      { where: 'after', inHand: '/observed waits', noted: something },
      { where: 'after both', inHand: '/observed waits', noted: something },
      { where: 'between', inHand: null, noted: nothing },
    ])
    await world.stop()
  })

  it('a stall that went on is told with the name of its correlation', async () => {
    world = await World.start({ root: observed, watchdog })
    const events = world.events('loop-stalled')
    world.tell('/observed', 'plain', undefined, { correlation: 'case-1' })
    await world.settle()
    const message = world.recordsOf('message').at(-1)!
    const inHand = { actor: '', actorId: message.actor, type: '', attempt: 1 }
    const { position, correlation } = message
    watched.wentOn({ inHand: { ...inHand, position, correlation }, stalledMs: 300, stack: '' })
    watched.wentOn({ inHand: null, stalledMs: 200, stack: 'at listener' })
    const told = { actor: '/observed', type: 'plain', position, correlationId: 'case-1', stalledMs: 300 }
    const nobody = {
      actor: '',
      type: '',
      position: 0,
      correlationId: '',
      stalledMs: 200,
      stack: 'at listener',
    }
    const lives = { ended: false, gaveUp: false }
    expect(events).toEqual([
      { ...told, stack: '', ...lives },
      { ...nobody, ...lives },
    ])
    await world.stop()
  })

  it('a watchdog that fails is told as a warning, and the system goes on', async () => {
    world = await World.start({ root: observed, watchdog })
    const warnings = world.events('warning')
    watched.failed(new Error('no thread'))
    expect(warnings).toMatchObject([{ actor: '', error: { message: 'no thread' } }])
    await world.stop()
  })
})
