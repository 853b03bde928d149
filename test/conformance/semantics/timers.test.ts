import { actor, allForOne, child, supervisor } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const gate = { later: new Later() }

const clock = actor({
  name: 'clock',
  state: () => ({ ticks: [] as unknown[] }),
  onFailure: { RangeError: 'resume', default: 'restart' },
  on: {
    once(ctx, { ms, what, key }: { ms: number; what?: unknown; key?: string }) {
      ctx.schedule('tick', what, { afterMs: ms, ...(key === undefined ? {} : { key }) })
    },
    every(ctx, { afterMs, everyMs }: { afterMs: number; everyMs: number }) {
      ctx.schedule('tick', 'again', { afterMs, everyMs })
    },
    cancel(ctx, key: string) {
      ctx.unschedule(key)
    },
    tick(ctx, what: unknown) {
      ctx.state.ticks.push(what)
      if (what === 'and again') ctx.schedule('tick', 'at last', { afterMs: 100 })
    },
    hold: (ctx) => ctx.effect('hold', () => gate.later.promise),
    async holdAndCancel(ctx, key: string) {
      await ctx.effect('hold', () => gate.later.promise)
      ctx.unschedule(key)
    },
    async holdAndReplace(ctx) {
      await ctx.effect('hold', () => gate.later.promise)
      ctx.schedule('tick', 'new', { afterMs: 100 })
    },
    fail() {
      throw new Error('no')
    },
    who: (ctx) => ctx.sender?.path ?? 'the outside',
    refused(ctx, options: { type?: string; afterMs?: number; everyMs?: number }) {
      ctx.schedule(options.type ?? 'tick', undefined, {
        afterMs: options.afterMs ?? 0,
        everyMs: options.everyMs,
      })
    },
  },
})
const root = supervisor({ name: 'root', children: [child(clock)] })
const ticks = (world: World): unknown => world.state('/root/clock').ticks
const keys = (world: World): string[] => world.system.inspect('/root/clock').timers.map(({ key }) => key)

async function started(): Promise<World> {
  gate.later = new Later()
  return World.start({ root })
}

describe('A timer', () => {
  it('sends its message once, when its time has come and not before', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 100, what: { deep: [1] } })
    await world.advance(99)
    expect(ticks(world)).toEqual([])
    await world.advance(1)
    expect(ticks(world)).toEqual([{ deep: [1] }])
    await world.advance(1_000)
    expect(ticks(world)).toHaveLength(1)
    expect(keys(world)).toEqual([])
    expect(world.authorities.timers).toBe(0)
  })

  it('with an interval goes on until it is cancelled', async () => {
    const world = await started()
    await world.ask('/root/clock', 'every', { afterMs: 10, everyMs: 100 })
    await world.advance(310)
    expect(ticks(world)).toEqual(['again', 'again', 'again', 'again'])
    await world.ask('/root/clock', 'cancel', 'tick')
    await world.advance(1_000)
    expect(ticks(world)).toHaveLength(4)
    expect(world.authorities.timers).toBe(0)
  })

  it('with an interval keeps its pace when the clock on the wall is set', async () => {
    const world = await started()
    await world.ask('/root/clock', 'every', { afterMs: 100, everyMs: 100 })
    world.authorities.stepClock(-3_600_000)
    await world.advance(300)
    expect(ticks(world)).toHaveLength(3)
    world.authorities.stepClock(7_200_000)
    await world.advance(300)
    expect(ticks(world)).toHaveLength(6)
  })

  it('is replaced by another of the same key, and lives beside those of other keys', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 100, what: 'old' })
    await world.ask('/root/clock', 'once', { ms: 200, what: 'new' })
    await world.ask('/root/clock', 'once', { ms: 100, what: 'other', key: 'other' })
    expect(keys(world)).toEqual(['tick', 'other'])
    await world.advance(100)
    expect(ticks(world)).toEqual(['other'])
    await world.advance(100)
    expect(ticks(world)).toEqual(['other', 'new'])
  })

  it('that is cancelled does not tick, and one that never was is no error', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 100 })
    await world.ask('/root/clock', 'cancel', 'tick')
    await world.ask('/root/clock', 'cancel', 'never')
    await world.advance(100)
    expect(ticks(world)).toEqual([])
  })

  it.each(['holdAndCancel', 'holdAndReplace'])(
    'SUP-161 whose tick waits in the mailbox does not tick after %s',
    async (type) => {
      for (const isKilled of [false, true]) {
        const world = await started()
        await world.ask('/root/clock', 'once', { ms: 10, what: 'old' })
        world.tell('/root/clock', type, 'tick')
        await world.advance(10)
        expect(world.system.inspect('/root/clock').waiting).toEqual(['tick'])
        if (isKilled) await world.recover()
        gate.later.resolve(1)
        await world.settle()
        expect(ticks(world)).toEqual([])
        expect(world.system.deadLetters).toMatchObject({
          count: 1,
          last: [{ type: 'tick', reason: 'stale-tick' }],
        })
        await world.advance(100)
        expect(ticks(world)).toEqual(type === 'holdAndCancel' ? [] : ['new'])
        await world.recover()
        expect(ticks(world)).toEqual(type === 'holdAndCancel' ? [] : ['new'])
      }
    },
  )

  it('ends with its incarnation: a restart cancels it', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 100 })
    await world.ask('/root/clock', 'every', { afterMs: 10, everyMs: 10 })
    await world.askFails('/root/clock', 'fail')
    expect(keys(world)).toEqual([])
    await world.advance(1_000)
    expect(ticks(world)).toEqual([])
    await world.recover()
    await world.advance(1_000)
    expect(ticks(world)).toEqual([])
  })

  it('that a stop hook sets does not reach the next incarnation', async () => {
    const leaving = actor({
      name: 'leaving',
      state: () => ({ ticks: 0 }),
      onStop(ctx) {
        ctx.schedule('tick', undefined, { afterMs: 10 })
      },
      on: {
        tick(ctx) {
          ctx.state.ticks++
        },
      },
    })
    const group = supervisor({
      name: 'root',
      strategy: allForOne(),
      children: [child(clock), child(leaving)],
    })
    const world = await World.start({ root: group })
    await world.askFails('/root/clock', 'fail')
    await world.advance(10)
    expect(world.system.inspect('/root/leaving')).toMatchObject({
      incarnation: 2,
      state: { ticks: 0 },
      timers: [],
    })
  })

  it('ends with the actor', async () => {
    const ending = actor({
      ...clock.spec,
      on: {
        ...clock.spec.on,
        end(ctx) {
          ctx.stop(ctx.self)
        },
      },
    })
    const world = await World.start({
      root: supervisor({ name: 'root', children: [child(ending, { restart: 'transient' })] }),
    })
    await world.ask('/root/clock', 'once', { ms: 100 })
    await world.ask('/root/clock', 'end')
    expect(world.authorities.timers).toBe(0)
  })

  it.each([
    [{ type: 'unknown' }, 'HF_UNKNOWN_MESSAGE', 'no handler'],
    [{ afterMs: -1 }, 'HF_INVALID', 'schedule.afterMs'],
    [{ afterMs: NaN }, 'HF_INVALID', 'schedule.afterMs'],
    [{ afterMs: 2 ** 31 }, 'HF_INVALID', 'schedule.afterMs'],
    [{ everyMs: -1 }, 'HF_INVALID', 'schedule.everyMs'],
  ])('is refused with %j', async (options, code, text) => {
    const world = await started()
    const { cause } = (await world.askFails('/root/clock', 'refused', options)) as Error
    expect(cause).toMatchObject({ code, message: expect.stringContaining(text) as string })
  })
})

describe('After a restart of the process a timer', () => {
  it('waits for the rest of its time, by the clock on the wall', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 1_000, what: 'late' })
    await world.advance(300)
    await world.recover({ awayMs: 200 })
    expect(keys(world)).toEqual(['tick'])
    await world.advance(499)
    expect(ticks(world)).toEqual([])
    await world.advance(1)
    expect(ticks(world)).toEqual(['late'])
  })

  it('that fell due meanwhile ticks at once, and once', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 1_000, what: 'late' })
    await world.recover({ awayMs: 5_000 })
    await world.advance(0)
    expect(ticks(world)).toEqual(['late'])
    await world.recover({ awayMs: 5_000 })
    await world.advance(5_000)
    expect(ticks(world)).toEqual(['late'])
  })

  it('with an interval ticks once for all that it missed, and goes on', async () => {
    const world = await started()
    await world.ask('/root/clock', 'every', { afterMs: 100, everyMs: 100 })
    await world.advance(200)
    expect(ticks(world)).toHaveLength(2)
    await world.recover({ awayMs: 1_000 })
    await world.advance(0)
    expect(ticks(world)).toHaveLength(3)
    await world.advance(300)
    expect(ticks(world)).toHaveLength(6)
  })

  it('that was cancelled or had ticked does not tick', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 100, key: 'a' })
    await world.ask('/root/clock', 'once', { ms: 100, key: 'b' })
    await world.ask('/root/clock', 'cancel', 'a')
    await world.advance(100)
    await world.recover()
    await world.advance(1_000)
    expect(ticks(world)).toEqual([undefined])
  })

  it('for a message that the code no longer handles leaves a dead letter', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 100 })
    const { tick: _gone, ...rest } = clock.spec.on
    const changed = actor({ ...clock.spec, on: rest as never })
    await world.recover({ root: supervisor({ name: 'root', children: [child(changed)] }) })
    await world.advance(100)
    expect(world.system.deadLetters).toMatchObject({
      count: 1,
      last: [{ type: 'tick', reason: 'unknown-type' }],
    })
  })

  it('that sets itself anew in the turn of its tick has that turn behind it after a crash', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 100, what: 'and again' })
    await world.advance(100)
    await world.recover()
    expect(ticks(world)).toEqual(['and again'])
    await world.advance(100)
    expect(ticks(world)).toEqual(['and again', 'at last'])
  })

  it('stays set over an ordered stop', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 100, what: 'kept' })
    await world.reopen()
    await world.advance(100)
    expect(ticks(world)).toEqual(['kept'])
  })
})

describe('A tick that was dropped', () => {
  it('leaves nothing of itself to the message behind it', async () => {
    const world = await started()
    await world.ask('/root/clock', 'once', { ms: 100 })
    world.tell('/root/clock', 'holdAndCancel', 'tick')
    await world.advance(100)
    const asked = world.system.ref('/root/clock').ask('who')
    gate.later.resolve(1)
    expect(await world.settled(asked)).toBe('the outside')
    expect(world.system.deadLetters.last).toMatchObject([{ type: 'tick', reason: 'stale-tick' }])
    await world.stop()
  })
})
