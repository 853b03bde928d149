import { HoldfastError, actor, child, supervisor, type Definition } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const listener = actor({
  name: 'listener',
  state: () => ({ heard: [] as unknown[] }),
  on: {
    hear(ctx, what: unknown) {
      ctx.state.heard.push(what)
    },
    also(ctx, what: unknown) {
      ctx.state.heard.push(`also ${String(what)}`)
    },
    heard: (ctx) => ctx.state.heard,
  },
})

/** An actor under test as `/root/it`, and a listener as `/root/listener`. */
function rootOf(it: Definition) {
  return supervisor({ name: 'root', children: [child(listener), child(it, { id: 'it' })] })
}

const heard = (world: World): unknown => world.state('/root/listener').heard

describe('T1: a turn that throws', () => {
  const leaf = actor({ name: 'leaf', on: { hi: () => 'hi' } })
  const thrower = actor({
    name: 'thrower',
    spawns: [leaf],
    state: () => ({ n: 0, list: [] as number[] }),
    onFailure: { default: 'resume' },
    on: {
      change(ctx, { fail }: { fail: boolean }) {
        ctx.state.n++
        ctx.state.list.push(ctx.state.n)
        ctx.tell(ctx.ref('/root/listener'), 'hear', ctx.state.n)
        ctx.spawn(leaf, { name: `leaf-${ctx.state.n}` })
        ctx.schedule('change', { fail: false }, { afterMs: 1_000, key: `k${ctx.state.n}` })
        if (fail) throw new RangeError('no')
        return ctx.state.n
      },
      replace(ctx) {
        ctx.state = { n: 100, list: [] }
        throw new Error('no')
      },
    },
  })

  it('leaves no changed state, told message, child or timer behind', async () => {
    const world = await World.start({ root: rootOf(thrower) })
    world.tell('/root/it', 'change', { fail: false })
    world.tell('/root/it', 'change', { fail: true })
    await world.settle()
    const { state, children, timers } = world.system.inspect('/root/it')
    expect(state).toEqual({ n: 1, list: [1] })
    expect(children).toEqual(['leaf-1'])
    expect(timers.map(({ key }) => key)).toEqual(['k1'])
    expect(heard(world)).toEqual([1])
  })

  it('leaves none of that in the log either, only its failure', async () => {
    const world = await World.start({ root: rootOf(thrower) })
    const before = world.records().length
    world.tell('/root/it', 'change', { fail: true })
    await world.settle()
    const kinds = world
      .records()
      .slice(before)
      .map(({ kind }) => kind)
    expect(kinds).toEqual(['message', 'failed', 'directive'])
  })

  it('leaves the old state in place when it had assigned a new one', async () => {
    const world = await World.start({ root: rootOf(thrower) })
    world.tell('/root/it', 'change', { fail: false })
    world.tell('/root/it', 'replace')
    await world.settle()
    expect(world.state('/root/it')).toEqual({ n: 1, list: [1] })
  })

  it('answers its asker with the error as the cause', async () => {
    const world = await World.start({ root: rootOf(thrower) })
    const error = await world.askFails('/root/it', 'change', { fail: true })
    expect(error).toBeInstanceOf(HoldfastError)
    expect(error).toMatchObject({
      code: 'HF_ACTOR_FAILED',
      actor: '/root/it',
      cause: { name: 'RangeError', message: 'no' },
    })
  })

  it('frees the name of the child that it had spawned', async () => {
    const world = await World.start({ root: rootOf(thrower) })
    world.tell('/root/it', 'change', { fail: true })
    world.tell('/root/it', 'change', { fail: false })
    await world.settle()
    expect(world.system.inspect('/root/it').children).toEqual(['leaf-1'])
    expect(await world.ask('/root/it/leaf-1', 'hi')).toBe('hi')
  })

  it('takes back what a volatile actor told a durable one', async () => {
    const volatile = actor({
      name: 'volatile',
      durable: false,
      on: {
        shout(ctx) {
          ctx.tell(ctx.ref('/root/listener'), 'hear', 'never')
          throw new Error('no')
        },
      },
    })
    const world = await World.start({ root: rootOf(volatile) })
    world.tell('/root/it', 'shout')
    await world.settle()
    expect(heard(world)).toEqual([])
    await world.recover()
    expect(heard(world)).toEqual([])
  })

  it.each(['sync', 'async'] as const)(
    'takes back nothing of others when it throws after waiting (%s begin)',
    async (how) => {
      const gate = new Later()
      const waiter = actor({
        name: 'waiter',
        onFailure: { default: 'resume' },
        on: {
          wait:
            how === 'async'
              ? async (ctx) => {
                  await ctx.effect('gate', () => gate.promise)
                  throw new Error('no')
                }
              : (ctx) =>
                  ctx
                    .effect('gate', () => gate.promise)
                    .then(() => {
                      throw new Error('no')
                    }),
        },
      })
      const world = await World.start({ root: rootOf(waiter) })
      world.tell('/root/it', 'wait')
      await world.settle()
      gate.resolve(1)
      world.tell('/root/listener', 'hear', 'between')
      await world.settle()
      world.tell('/root/listener', 'hear', 'after')
      await world.settle()
      expect(world.recordsOf('effect')).toHaveLength(1)
      expect(world.records().map(({ position }) => position)).toEqual(world.records().map((_, i) => i + 1))
      await world.recover()
      expect(heard(world)).toEqual(['between', 'after'])
    },
  )

  it('fails with what cannot be stored, and has done nothing', async () => {
    const teller = actor({
      name: 'teller',
      onFailure: { default: 'resume' },
      state: () => ({ n: 0 }),
      on: {
        tell(ctx) {
          ctx.state.n++
          ctx.tell(ctx.ref('/root/listener'), 'hear', 'first')
          ctx.tell(ctx.ref('/root/listener'), 'hear', () => 'a function')
        },
        answer(ctx) {
          ctx.state.n++
          return () => 'a function'
        },
      },
    })
    const world = await World.start({ root: rootOf(teller) })
    world.tell('/root/it', 'tell')
    expect(await world.askFails('/root/it', 'answer')).toMatchObject({ cause: { code: 'HF_NOT_STORABLE' } })
    expect(heard(world)).toEqual([])
    expect(world.state('/root/it')).toEqual({ n: 0 })
  })
})

describe('T2: a turn stands in the log whole', () => {
  const teller = actor({
    name: 'teller',
    on: {
      speak(ctx, words: readonly string[]) {
        for (const word of words) ctx.tell(ctx.ref('/root/listener'), 'hear', word)
      },
      mixed(ctx) {
        const to = ctx.ref('/root/listener')
        ctx.tell(to, 'hear', 1)
        ctx.tell(to, 'hear', 2, { correlation: 'named' })
        ctx.tell(to, 'hear', 3)
        ctx.tell(to, 'also', 4)
      },
      async slowly(ctx) {
        const to = ctx.ref('/root/listener')
        ctx.tell(to, 'hear', 'a')
        await ctx.effect('pause', () => 1)
        ctx.tell(to, 'hear', 'b')
      },
      mixedSlowly(ctx) {
        const to = ctx.ref('/root/listener')
        ctx.tell(to, 'hear', 1)
        ctx.tell(to, 'hear', 2, { correlation: 'named' })
        ctx.tell(to, 'hear', 3)
        return ctx
          .effect('pause', () => 1)
          .then(() => {
            ctx.tell(to, 'hear', 4)
          })
      },
    },
  })

  it('with its told messages right before it', async () => {
    const world = await World.start({ root: rootOf(teller) })
    world.tell('/root/it', 'speak', ['a', 'b', 'c'])
    await world.settle()
    const [turn] = world.recordsOf('turn').filter((each) => each.told === 3)
    const before = world
      .records()
      .filter(({ position }) => position < turn!.position && position >= turn!.position - 3)
    expect(before.map((each) => (each.kind === 'message' ? each.payload() : each.kind))).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  it('and they arrive in the order in which they were told', async () => {
    const world = await World.start({ root: rootOf(teller) })
    world.tell('/root/it', 'speak', ['a', 'b', 'c'])
    await world.settle()
    expect(heard(world)).toEqual(['a', 'b', 'c'])
  })

  it.each([
    ['mixed', [1, 2, 3, 'also 4']],
    ['mixedSlowly', [1, 2, 3, 4]],
  ])('also when some start a correlation of their own (%s)', async (type, expected) => {
    const world = await World.start({ root: rootOf(teller) })
    world.tell('/root/it', type)
    await world.settle()
    expect(heard(world)).toEqual(expected)
    const named = world.recordsOf('message').filter((each) => each.correlationName === 'named')
    expect(named.map((each) => each.payload())).toEqual([2])
  })

  it('and what a waiting turn told is written and delivered at its end', async () => {
    const world = await World.start({ root: rootOf(teller) })
    world.tell('/root/it', 'slowly')
    await world.settle()
    expect(heard(world)).toEqual(['a', 'b'])
    const kinds = world.records().map(({ kind }) => kind)
    expect(kinds.join(' ')).toContain('began effect message message turn')
  })
})

describe('T4: after its end a turn', () => {
  it('refuses every call of a ctx that was kept', async () => {
    let kept: Record<string, (...args: unknown[]) => unknown> = {}
    const keeper = actor({
      name: 'keeper',
      state: () => ({ n: 0 }),
      on: {
        keep(ctx) {
          kept = ctx as never
        },
      },
    })
    const world = await World.start({ root: rootOf(keeper) })
    world.tell('/root/it', 'keep')
    await world.settle()
    const to = world.system.ref('/root/listener')
    const calls: readonly (() => unknown)[] = [
      () => kept['tell']!(to, 'hear', 1),
      () => kept['ask']!(to, 'heard'),
      () => kept['effect']!('late', () => 1),
      () => kept['reply']!(1),
      () => kept['stash']!(),
      () => kept['unstash']!(),
      () => kept['spawn']!(listener),
      () => kept['stop']!(to),
      () => kept['watch']!(to),
      () => kept['unwatch']!(to),
      () => kept['link']!(to),
      () => kept['dependOn']!(to),
      () => kept['unlink']!(to),
      () => kept['lives']!(to),
      () => kept['schedule']!('keep', undefined, { afterMs: 1 }),
      () => kept['unschedule']!('keep'),
      () => kept['now']!(),
      () => kept['random']!(),
      () => kept['id']!(),
      () => (kept as { state?: unknown }).state,
      () => {
        ;(kept as { state?: unknown }).state = {}
      },
    ]
    for (const call of calls)
      expect(call).toThrow(expect.objectContaining({ code: 'HF_TURN_CLOSED' }) as Error)
    expect(heard(world)).toEqual([])
  })

  it('refuses also while a later message of the same actor is handled', async () => {
    const gate = new Later()
    const leaker = actor({
      name: 'leaker',
      state: () => ({ refused: [] as string[] }),
      on: {
        async first(ctx) {
          await ctx.effect('one', () => 1)
          void gate.promise.then(() => {
            try {
              ctx.tell(ctx.self, 'refused', 'never')
            } catch (error) {
              refusals.push((error as HoldfastError).code)
            }
          })
        },
        async second(ctx) {
          await ctx.effect('two', () => gate.promise)
        },
        refused: () => undefined,
      },
    })
    const refusals: string[] = []
    const world = await World.start({ root: rootOf(leaker) })
    world.tell('/root/it', 'first')
    world.tell('/root/it', 'second')
    await world.settle()
    gate.resolve(1)
    await world.settle()
    expect(refusals).toEqual(['HF_TURN_CLOSED'])
  })
})

describe('A message', () => {
  it('of a type that nobody handles is refused with the types that are', async () => {
    const world = await World.start({ root: rootOf(actor({ name: 'x', on: {} })) })
    expect(() => {
      world.tell('/root/listener', 'nothing')
    }).toThrow(
      expect.objectContaining({
        code: 'HF_UNKNOWN_MESSAGE',
        hint: 'It handles: hear, also, heard.',
      }) as Error,
    )
    expect(await world.askFails('/root/listener', '$start')).toMatchObject({ code: 'HF_UNKNOWN_MESSAGE' })
  })

  it('sent through a ref inside a handler is refused, because it would not belong to the turn', async () => {
    const sender = actor({
      name: 'sender',
      onFailure: { default: 'resume' },
      on: {
        tell: () => {
          world.tell('/root/listener', 'hear', 1)
        },
        ask: () => world.system.ref('/root/listener').ask('heard'),
      },
    })
    const world: World = await World.start({ root: rootOf(sender) })
    for (const type of ['tell', 'ask']) {
      const error = await world.askFails('/root/it', type)
      expect(error).toMatchObject({ cause: { code: 'HF_TELL_INSIDE_TURN' } })
    }
    expect(heard(world)).toEqual([])
  })

  it('does not change when the sender changes the object afterwards', async () => {
    const world = await World.start({ root: rootOf(actor({ name: 'x', on: {} })) })
    const payload = { deep: { n: 1 } }
    world.tell('/root/listener', 'hear', payload)
    payload.deep.n = 2
    await world.settle()
    expect(heard(world)).toEqual([{ deep: { n: 1 } }])
  })

  it('may carry refs, which reach the same actor after recovery', async () => {
    const carrier = actor({
      name: 'carrier',
      state: (): { to: unknown } => ({ to: undefined }),
      digestEvery: 1,
      on: {
        take(ctx, { to }: { to: { readonly path: string } }) {
          ctx.state.to = to
        },
        use(ctx) {
          ctx.tell(ctx.state.to as never, 'hear' as never, 'hello' as never)
        },
      },
    })
    const world = await World.start({ root: rootOf(carrier) })
    world.tell('/root/it', 'take', { to: world.system.ref('/root/listener') })
    await world.settle()
    await world.recover()
    world.tell('/root/it', 'use')
    await world.settle()
    expect(heard(world)).toEqual(['hello'])
  })

  it('to a path where nobody lives becomes a dead letter', async () => {
    const world = await World.start({ root: rootOf(actor({ name: 'x', on: {} })) })
    const letters = world.events('dead-letter')
    world.tell('/root/nobody', 'hear', 1)
    expect(letters).toMatchObject([{ to: '/root/nobody', type: 'hear', reason: 'no-actor' }])
    expect(world.system.deadLetters).toMatchObject({ count: 1, last: [{ to: '/root/nobody' }] })
    expect(await world.askFails('/root/nobody', 'hear', 1)).toMatchObject({ code: 'HF_NO_SUCH_ACTOR' })
  })

  it('that becomes a dead letter is counted, and can be found; a flood of them is told in one event', async () => {
    const world = await World.start({ root: rootOf(actor({ name: 'x', on: {} })) })
    const letters = world.events('dead-letter')
    const suppressed = world.events('dead-letters-suppressed')
    for (let i = 0; i < 150; i++) world.tell('/root/nobody', i % 2 === 0 ? 'hear' : 'also', i)
    await world.advance(1_000)
    expect([letters.length, suppressed]).toEqual([100, [{ count: 50, byReason: { 'no-actor': 50 } }]])
    expect(world.system.deadLetters).toMatchObject({ count: 150, byReason: { 'no-actor': 150 } })
    expect(world.system.findDeadLetters({ type: 'also' })).toHaveLength(75)
    expect(world.system.findDeadLetters()).toHaveLength(150)
    for (let i = 0; i < 101; i++) world.tell('/root/nobody', 'hear', i)
    await world.stop()
    expect([suppressed.length, world.authorities.timers]).toEqual([2, 0])
  })
})

describe('An answer', () => {
  it('is given only once its turn is on stable storage', async () => {
    const world = await World.start({ root: rootOf(actor({ name: 'x', on: {} })) })
    world.store.cut()
    let isAnswered = false
    void world.system
      .ref('/root/listener')
      .ask('heard')
      .then(() => {
        isAnswered = true
      })
    await world.settle()
    expect(isAnswered).toBe(false)
    expect(world.recordsOf('turn')).toHaveLength(1)
  })

  it('is what reply gave when the handler replied, and what it returned otherwise', async () => {
    const answerer = actor({
      name: 'answerer',
      on: {
        returns: () => 'returned',
        replies(ctx) {
          ctx.reply('replied')
          return 'returned'
        },
        nothing: () => undefined,
      },
    })
    const world = await World.start({ root: rootOf(answerer) })
    expect(await world.ask('/root/it', 'returns')).toBe('returned')
    expect(await world.ask('/root/it', 'replies')).toBe('replied')
    expect(await world.ask('/root/it', 'nothing')).toBeUndefined()
  })

  it('that comes late is counted and given to nobody', async () => {
    const gate = new Later()
    const slow = actor({ name: 'slow', on: { wait: (ctx) => ctx.effect('gate', () => gate.promise) } })
    const world = await World.start({ root: rootOf(slow) })
    const late = world.events('late-reply')
    const asked = world.system.ref('/root/it').ask('wait', undefined, { timeoutMs: 100 })
    const failed = expect(asked).rejects.toMatchObject({ code: 'HF_ASK_TIMEOUT', disposition: 'timeout' })
    await world.advance(100)
    await failed
    gate.resolve(1)
    await world.settle()
    expect(late).toEqual([{ actor: '/root/it' }])
    expect(world.system.inspect('/root/it').turns).toBe(1)
  })

  it.each([0, -1, NaN, 2 ** 31])('is not waited for when the time for it is %d', async (timeoutMs) => {
    const world = await World.start({ root: rootOf(actor({ name: 'x', on: {} })) })
    expect(() => world.system.ref('/root/listener').ask('heard', undefined, { timeoutMs })).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field: 'ask.timeoutMs' }) as Error,
    )
  })
})
