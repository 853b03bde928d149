// Handlers that change on purpose: turns from before the change go the old way for good, new ones the new way.

import { actor, child, ctxOf, machine, supervisor, type Context, type Definition } from 'holdfast'
import { assign, setup } from 'xstate'
import { Incident, replay, type ReplayReport } from 'holdfast/replay'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

interface Shop {
  total: number
  lines: string[]
}

let gate = new Later()
let later = new Later()
const PATH = '/root/shop'

const before = actor({
  name: 'shop',
  digestEvery: 1,
  state: (): Shop => ({ total: 0, lines: [] }),
  onFailure: { default: 'resume' },
  on: {
    sell(ctx, price: number) {
      ctx.state.total += price
      ctx.state.lines.push('old')
    },
    async order(ctx) {
      const price = (await ctx.effect('price', () => gate.promise, { timeoutMs: 600_000 })) as number
      const fee = (await ctx.effect('fee', () => later.promise, { timeoutMs: 600_000 })) as number
      ctx.state.total += price + fee
      ctx.state.lines.push('old')
    },
  },
})

function changed(on: Readonly<Record<string, unknown>>, spec: object = {}) {
  return actor({ ...before.spec, ...spec, on: { ...before.spec.on, ...on } })
}

/** The same shop with a tax, asked for twice, and with an effect less. */
const after = changed({
  sell(ctx: Context<Shop>, price: number) {
    ctx.state.total += ctx.patched('tax') ? price * 2 : price
    ctx.state.lines.push(ctx.patched('tax') ? 'new' : 'old')
  },
  async order(ctx: Context<Shop>) {
    const isNew = ctx.patched('flat')
    const price = (await ctx.effect('price', () => gate.promise, { timeoutMs: 600_000 })) as number
    const fee = isNew ? 1 : ((await ctx.effect('fee', () => later.promise, { timeoutMs: 600_000 })) as number)
    ctx.state.total += price + fee
    ctx.state.lines.push(isNew ? 'new' : 'old')
  },
})

const rootOf = (definition: Definition) => supervisor({ name: 'root', children: [child(definition)] })
const state = (world: World): Shop => world.state<Shop>(PATH)
const markers = (world: World): string[] => world.recordsOf('patched').map((each) => each.data().id)

function replayed(world: World, root: Definition): Promise<ReplayReport> {
  return replay(new Incident(world.journal, 'sale'), { swarm: { root } })
}

function opened(definition: Definition): Promise<World> {
  gate = new Later()
  later = new Later()
  return World.start({ root: rootOf(definition) })
}

describe('A turn that runs for the first time', () => {
  it('goes the new way, and has one marker for each change, among its own records', async () => {
    const world = await opened(after)
    world.tell(PATH, 'sell', 10)
    await world.settle()
    expect(state(world)).toEqual({ total: 20, lines: ['new'] })
    const records = world.records()
    const at = records.findIndex(({ kind }) => kind === 'patched')
    expect(records.slice(at).map(({ kind }) => kind)).toEqual(['patched', 'turn'])
    expect(records[at]).toMatchObject({
      cause: records[at + 1]!.cause,
      correlation: records[at + 1]!.correlation,
    })
    expect(world.recordsOf('turn').at(-1)).toMatchObject({ told: 1 })
  })

  it('that does not ask has none, and nothing else is written for it', async () => {
    const world = await opened(before)
    world.tell(PATH, 'sell', 10)
    await world.settle()
    expect(markers(world)).toEqual([])
  })

  it('of a volatile actor goes the new way, and writes nothing', async () => {
    const world = await opened(changed(after.spec.on, { durable: false }))
    world.tell(PATH, 'sell', 10)
    await world.settle()
    expect([state(world).lines, markers(world)]).toEqual([['new'], []])
  })
})

describe('A turn that is run again', () => {
  it('goes the way that it went, after a crash, a failure and an ordered stop', async () => {
    const world = await opened(before)
    world.tell(PATH, 'sell', 10)
    await world.settle()
    await world.recover({ root: rootOf(after) })
    world.tell(PATH, 'sell', 10)
    await world.settle()
    const both = { total: 30, lines: ['old', 'new'] }
    expect(state(world)).toEqual(both)
    world.tell(PATH, 'order')
    await world.settle()
    gate.reject(new RangeError('closed'))
    await world.settle()
    // The failure took the state back, which the log has made anew.
    expect([state(world), world.recordsOf('failed')]).toEqual([both, [expect.anything()]])
    await world.recover({ root: rootOf(after) })
    expect(state(world)).toEqual(both)
    await world.reopen({ root: rootOf(after) })
    expect(state(world)).toEqual(both)
    expect(markers(world)).toEqual(['tax', 'flat'])
  })

  it('is replayed the way that it went', async () => {
    const world = await opened(before)
    world.tell(PATH, 'sell', 10, { correlation: 'sale' })
    await world.settle()
    await world.recover({ root: rootOf(after) })
    world.tell(PATH, 'sell', 10, { correlation: 'sale' })
    await world.settle()
    const report = await replayed(world, rootOf(after))
    expect(report).toMatchObject({ identical: true, counts: { digests: 2 } })
    // And the markers are what that rests on.
    const always = changed({
      sell(ctx: Context<Shop>, price: number) {
        ctx.state.total += price * 2
        ctx.state.lines.push('new')
      },
    })
    const other = await replayed(world, rootOf(always))
    expect(other.divergences.map(({ kind }) => kind)).toContain('state')
  })

  it('needs nobody who asks: the call can go when no old turn is left', async () => {
    const world = await opened(after)
    world.tell(PATH, 'sell', 10)
    await world.settle()
    const clean = changed({
      sell(ctx: Context<Shop>, price: number) {
        ctx.state.total += price * 2
        ctx.state.lines.push('new')
      },
    })
    await world.recover({ root: rootOf(clean) })
    world.tell(PATH, 'sell', 1)
    await world.settle()
    expect(state(world)).toEqual({ total: 22, lines: ['new', 'new'] })
  })
})

describe('A turn that waits', () => {
  it('has its marker with the first mark that it has begun, before any result', async () => {
    const world = await opened(after)
    world.tell(PATH, 'order')
    await world.settle()
    const kinds = world.records().map(({ kind }) => kind)
    expect(kinds.slice(kinds.indexOf('began'))).toEqual(['began', 'patched'])
    gate.resolve(5)
    await world.settle()
    expect([state(world), markers(world)]).toEqual([{ total: 6, lines: ['new'] }, ['flat']])
  })

  it('is the same when its handler is none of those that are async', async () => {
    const plain = changed({
      order(ctx: Context<Shop>) {
        const isNew = ctx.patched('flat')
        ctx.tell(ctx.self, 'sell', 1)
        return ctx
          .effect('price', () => gate.promise, { timeoutMs: 600_000 })
          .then((price) => void (ctx.state.total += isNew ? (price as number) : -1))
      },
    })
    const world = await opened(plain)
    world.tell(PATH, 'order')
    await world.settle()
    for (let i = 0; i < 2; i++) {
      const kinds = world.records().map(({ kind }) => kind)
      expect(kinds.slice(kinds.indexOf('began'), kinds.indexOf('began') + 2)).toEqual(['began', 'patched'])
      await world.recover()
    }
    gate.resolve(5)
    await world.settle()
    for (let i = 0; i < 2; i++) {
      expect([state(world).total, markers(world)]).toEqual([6, ['flat']])
      await world.recover()
    }
  })

  it('goes on on the new way when the process died, with what it had learned', async () => {
    const slow = changed({
      async order(ctx: Context<Shop>) {
        const first = (await ctx.effect('price', () => gate.promise, { timeoutMs: 600_000 })) as number
        const isNew = ctx.patched('flat')
        const second = await ctx.effect(isNew ? 'new' : 'fee', () => later.promise, { timeoutMs: 600_000 })
        ctx.state.total += first + (second as number)
        ctx.state.lines.push(isNew ? 'new' : 'old')
      },
    })
    const world = await opened(slow)
    world.tell(PATH, 'order')
    await world.settle()
    gate.resolve(5)
    await world.settle()
    await world.recover()
    later.resolve(2)
    await world.settle()
    expect([state(world), markers(world)]).toEqual([{ total: 7, lines: ['new'] }, ['flat']])
    await world.recover()
    expect(state(world)).toEqual({ total: 7, lines: ['new'] })
  })

  it('goes on on the old way when it had begun on that, also after its last result', async () => {
    for (const learned of [0, 1, 2]) {
      const world = await opened(before)
      world.tell(PATH, 'order')
      await world.settle()
      if (learned > 0) gate.resolve(5)
      await world.settle()
      await world.recover({ root: rootOf(after) })
      if (learned === 2) await world.recover({ root: rootOf(after) })
      gate.resolve(5)
      later.resolve(2)
      await world.settle()
      expect([state(world), markers(world)]).toEqual([{ total: 7, lines: ['old'] }, []])
      await world.recover({ root: rootOf(after) })
      expect(state(world)).toEqual({ total: 7, lines: ['old'] })
    }
  })

  it('and never reached outside begins anew, on the new way', async () => {
    const own = { later: new Later() }
    const waits = (isAfter: boolean) =>
      changed({
        async sell(ctx: Context<Shop>, price: number) {
          const isNew = isAfter && ctx.patched('tax')
          await own.later.promise
          ctx.state.total += isNew ? price * 2 : price
        },
      })
    const world = await opened(waits(false))
    world.tell(PATH, 'sell', 10)
    await world.settled(world.system.flushed())
    await world.recover({ root: rootOf(waits(true)) })
    own.later.resolve(0)
    await world.settle()
    expect([state(world).total, markers(world)]).toEqual([20, ['tax']])
    await world.recover({ root: rootOf(waits(true)) })
    expect(state(world).total).toBe(20)
  })

  it('comes to the same, wherever the process dies', async () => {
    for (let commits = 0; commits < 12; commits++) {
      gate = new Later()
      later = new Later()
      gate.resolve(5)
      later.resolve(2)
      const world = new World({ root: rootOf(before) })
      await world.open()
      world.tell(PATH, 'order')
      await world.settled(world.system.flushed())
      world.crash(0, commits)
      await world.open({ root: rootOf(after) })
      world.tell(PATH, 'order')
      world.tell(PATH, 'sell', 10)
      await world.settle()
      await world.recover({ root: rootOf(after) })
      const whole = state(world)
      await world.recover({ root: rootOf(after) })
      expect([commits, state(world)]).toEqual([commits, whole])
      expect(world.system.inspect(PATH).status).toBe('running')
    }
  })
})

describe('An attempt', () => {
  it('is one of its own: it asks anew, and its answers are kept with it', async () => {
    let fails = 1
    const twice = changed(
      {
        async order(ctx: Context<Shop>) {
          const isNew = ctx.patched('flat')
          await ctx.effect('price', () => 1)
          if (fails-- > 0) throw new Error('no')
          ctx.state.lines.push(isNew ? 'new' : 'old')
        },
      },
      { attempts: 2 },
    )
    const world = await opened(twice)
    world.tell(PATH, 'order')
    await world.settle()
    expect(state(world).lines).toEqual(['new'])
    const data = world.recordsOf('patched').map((each) => each.data())
    expect(data).toEqual([{ id: 'flat' }, { id: 'flat', attempt: 2 }])
    fails = 0
    await world.recover()
    expect(state(world).lines).toEqual(['new'])
  })

  it('that was given up leaves nothing to the next one, which may be on other code', async () => {
    const world = await opened(after)
    world.tell(PATH, 'order')
    await world.settle()
    await world.settled(world.system.steer.quarantine(PATH, { by: 'ana' }))
    await world.recover({ root: rootOf(before) })
    await world.settled(world.system.steer.release(PATH, { by: 'ana' }))
    gate.resolve(5)
    later.resolve(2)
    await world.settle()
    const old = { total: 7, lines: ['old'] }
    expect([state(world), markers(world)]).toEqual([old, ['flat']])
    await world.recover({ root: rootOf(after) })
    expect([state(world), world.system.inspect(PATH).status]).toEqual([old, 'running'])
  })

  it('that failed says with its failure what it was under, and is replayed so', async () => {
    const strict = changed({
      sell(ctx: Context<Shop>, price: number) {
        if (ctx.patched('strict') && price > 100) throw new RangeError('too much')
        ctx.state.total += price
      },
    })
    const world = await opened(strict)
    world.tell(PATH, 'sell', 1_000, { correlation: 'sale' })
    await world.settle()
    expect([markers(world), world.recordsOf('failed')[0]!.data().patched]).toEqual([[], ['strict']])
    expect(await replayed(world, rootOf(strict))).toMatchObject({ identical: true })
  })
})

describe('A change', () => {
  it.each([[''], ['x'.repeat(201)], ['\ud800'], [7]])('is not named %j', async (id) => {
    const odd = changed({ sell: (ctx: Context<Shop>) => ctx.patched(id as string) })
    const world = await opened(odd)
    expect(await world.askFails(PATH, 'sell', 1)).toMatchObject({
      code: 'HF_ACTOR_FAILED',
      cause: { code: 'HF_INVALID' },
    })
  })

  it('is one of at most 100 in a turn; a turn that is run again is refused the same', async () => {
    const many = changed({
      sell(ctx: Context<Shop>) {
        for (let i = 0; i < 100; i++) ctx.patched(`change ${i}`)
        ctx.patched('change 7')
        try {
          ctx.patched('one more')
        } catch (error) {
          ctx.state.lines.push((error as { code: string }).code)
        }
      },
    })
    const world = await opened(many)
    world.tell(PATH, 'sell', 1)
    await world.settle()
    expect([state(world).lines, markers(world).length]).toEqual([['HF_INVALID'], 100])
    await world.recover()
    expect(state(world).lines).toEqual(['HF_INVALID'])
  })

  it('is asked for in a machine through its ctx', async () => {
    const till = (isAfter: boolean) =>
      machine({
        name: 'shop',
        machine: setup({
          types: { context: {} as { total: number }, events: {} as { type: 'sell'; price: number } },
        }).createMachine({
          context: { total: 0 },
          on: {
            sell: {
              actions: assign({
                total: ({ context, event, self }) =>
                  context.total + (isAfter && ctxOf(self).patched('tax') ? 2 : 1) * event.price,
              }),
            },
          },
        }),
      })
    const world = await opened(till(false))
    const total = (): number => world.state<{ context: { total: number } }>(PATH).context.total
    world.tell(PATH, 'sell', { price: 10 })
    await world.settle()
    for (const expected of [10, 30, 50]) {
      await world.recover({ root: rootOf(till(true)) })
      expect(total()).toBe(expected)
      world.tell(PATH, 'sell', { price: 10 })
      await world.settle()
    }
    expect(markers(world)).toEqual(['tax', 'tax', 'tax'])
  })
})
