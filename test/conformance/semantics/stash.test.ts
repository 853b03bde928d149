import { actor, allForOne, child, supervisor, type Definition } from 'holdfast'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const gate = { later: new Later() }

interface Options {
  readonly durable?: boolean
  readonly stash?: number
  readonly attempts?: number
  readonly urgent?: readonly string[]
}

/** A door that puts aside who comes while it is shut. */
function door({ durable = true, attempts = 1, ...mailbox }: Options = {}) {
  return actor({
    name: 'door',
    durable,
    attempts,
    mailbox,
    digestEvery: durable ? 1 : 0,
    state: () => ({ isOpen: false, seen: [] as unknown[] }),
    on: {
      enter(ctx, who: { name: string; visits?: number } | string) {
        if (typeof who === 'object') who.visits = (who.visits ?? 0) + 1
        if (!ctx.state.isOpen) return ctx.stash()
        ctx.state.seen.push(who)
        return `welcome ${typeof who === 'object' ? who.name : who}`
      },
      open(ctx) {
        ctx.state.isOpen = true
        ctx.unstash()
      },
      peek(ctx) {
        ctx.unstash()
      },
      openAndFail(ctx) {
        ctx.unstash()
        throw new Error('stuck')
      },
      shut(ctx) {
        ctx.state.isOpen = false
      },
      note(ctx, what: string) {
        ctx.state.seen.push(what)
      },
      alarm(ctx, what: string) {
        if (!ctx.state.isOpen) ctx.stash()
        else ctx.state.seen.push(what)
      },
      hold: (ctx) => ctx.effect('hold', () => gate.later.promise),
      async slowly(ctx, who: string) {
        if (!ctx.state.isOpen) ctx.stash()
        await ctx.effect('hold', () => gate.later.promise)
        if (ctx.state.isOpen) ctx.state.seen.push(who)
        return who
      },
      throws(ctx) {
        ctx.stash()
        throw new Error('no')
      },
      twice(ctx) {
        ctx.stash()
        ctx.stash()
      },
      patiently(ctx, who: string) {
        try {
          ctx.stash()
        } catch (error) {
          ctx.state.seen.push((error as { code?: string }).code)
          if (who === 'again') {
            ctx.unstash()
            ctx.stash()
          }
        }
      },
      both(ctx, order: 'stash first' | 'unstash first') {
        if (ctx.state.isOpen) return void ctx.state.seen.push(order)
        if (order === 'stash first') ctx.stash()
        ctx.unstash()
        if (order === 'unstash first') ctx.stash()
        ctx.state.isOpen = order === 'stash first'
      },
      end(ctx) {
        ctx.stop(ctx.self)
      },
    },
  })
}

const guest = actor({
  name: 'guest',
  state: () => ({ heard: [] as unknown[] }),
  on: {
    async visit(ctx, timeoutMs: number) {
      const entered = ctx.ask(ctx.ref('/root/door'), 'enter', 'guest', { timeoutMs })
      ctx.state.heard.push(await entered.catch((error: unknown) => (error as { code?: string }).code))
    },
  },
})

function rootOf(it: Definition, more: readonly Definition[] = [guest]) {
  return supervisor({
    name: 'root',
    children: [child(it, { id: 'door' }), ...more.map((each) => child(each))],
  })
}

async function started(options: Options = {}): Promise<World> {
  gate.later = new Later()
  return World.start({ root: rootOf(door(options)) })
}

const at = '/root/door'
const seen = (world: World): unknown => world.state(at).seen

describe.each([true, false])('A message that is put aside (durable: %s)', (durable) => {
  it('comes back in front of the others, in its order', async () => {
    const world = await started({ durable })
    for (const name of ['a', 'b']) world.tell(at, 'enter', name)
    world.tell(at, 'note', 'between')
    await world.settle()
    expect(world.system.inspect(at)).toMatchObject({ stashed: 2, mailbox: 0 })
    world.tell(at, 'open')
    world.tell(at, 'note', 'behind')
    await world.settle()
    expect(seen(world)).toEqual(['between', 'a', 'b', 'behind'])
    expect(world.system.inspect(at)).toMatchObject({ stashed: 0, mailbox: 0 })
  })

  it('keeps who asked: nobody answers before the turn that handles it', async () => {
    const world = await started({ durable })
    const asked = world.system.ref(at).ask('enter', 'outside', { timeoutMs: 60_000 })
    let answer: unknown = 'none yet'
    void asked.then((given) => {
      answer = given
    })
    world.tell('/root/guest', 'visit', 60_000)
    await world.advance(10_000)
    expect([answer, world.state('/root/guest')]).toEqual(['none yet', { heard: [] }])
    world.tell(at, 'open')
    await world.settle()
    expect([answer, world.state('/root/guest')]).toEqual(['welcome outside', { heard: ['welcome guest'] }])
  })

  it('may be put aside again and again', async () => {
    const world = await started({ durable })
    const asked = world.system.ref(at).ask('enter', 'a', { timeoutMs: 60_000 })
    for (let i = 0; i < 3; i++) for (const type of ['open', 'shut']) world.tell(at, type)
    await world.settle()
    // It comes back in front, so it is handled before the door is shut again.
    expect(await world.settled(asked)).toBe('welcome a')
    const again = world.system.ref(at).ask('enter', 'b', { timeoutMs: 60_000 })
    for (let i = 0; i < 3; i++) {
      world.tell(at, 'peek')
      await world.settle()
    }
    expect([seen(world), world.system.inspect(at).stashed]).toEqual([['a'], 1])
    world.tell(at, 'open')
    expect(await world.settled(again)).toBe('welcome b')
  })

  it('was not put aside when its turn throws, and its asker learns of that', async () => {
    const world = await started({ durable })
    expect(await world.askFails(at, 'throws')).toMatchObject({
      code: 'HF_ACTOR_FAILED',
      cause: { message: 'no' },
    })
    expect(world.system.inspect(at)).toMatchObject({ stashed: 0, incarnation: 2 })
    world.tell(at, 'open')
    await world.settle()
    expect(seen(world)).toEqual([])
  })

  it('does not come back by a turn that throws, unless that restarts the actor', async () => {
    const world = await World.start({
      root: rootOf(actor({ ...door({ durable }).spec, onFailure: { default: 'resume' } })),
    })
    world.tell(at, 'enter', 'a')
    world.tell(at, 'openAndFail')
    await world.settle()
    expect(world.system.inspect(at).stashed).toBe(1)
  })

  it('overtakes none of the urgent ones, and among those comes first', async () => {
    const world = await started({ durable, urgent: ['alarm'] })
    world.tell(at, 'enter', 'a')
    world.tell(at, 'alarm', 'first')
    await world.settle()
    world.tell(at, 'hold')
    await world.settle()
    world.tell(at, 'open')
    world.tell(at, 'note', 'behind')
    gate.later.resolve(1)
    await world.settle()
    expect(seen(world)).toEqual(['first', 'a', 'behind'])
  })

  it.each([
    ['stash first', ['stash first'], 0],
    ['unstash first', [], 1],
  ])('and unstash in one turn go by the order of the calls: %s', async (order, handled, stashed) => {
    const world = await started({ durable })
    world.tell(at, 'both', order)
    await world.settle()
    expect([seen(world), world.system.inspect(at).stashed]).toEqual([handled, stashed])
  })

  it('becomes a dead letter when its actor ends, and who asked is told', async () => {
    const ending = child(door({ durable }), { id: 'door', restart: 'transient' })
    const world = await World.start({ root: supervisor({ name: 'root', children: [ending, child(guest)] }) })
    const asked = world.system.ref(at).ask('enter', 'outside')
    const failed = expect(asked).rejects.toMatchObject({ code: 'HF_ACTOR_STOPPED' })
    world.tell('/root/guest', 'visit', 60_000)
    await world.settle()
    world.tell(at, 'end')
    world.tell(at, 'note', 'behind')
    await world.settle()
    await failed
    expect(world.state('/root/guest')).toEqual({ heard: ['HF_ACTOR_STOPPED'] })
    const letters = world.system.deadLetters.last.map(({ type, reason }) => `${type} ${reason}`)
    expect(letters).toEqual(['enter stopped', 'enter stopped', 'note stopped'])
    await world.recover()
    expect(world.system.inspect(at)).toMatchObject({ stopped: 'normal', mailbox: 0, stashed: 0 })
  })

  it('SUP-160 is refused the second time in the same turn, by its name', async () => {
    const world = await started({ durable })
    const { cause } = (await world.askFails(at, 'twice')) as Error
    expect(cause).toMatchObject({ code: 'HF_INVALID' })
    expect((cause as Error).message).toContain('message "twice"')
    expect(world.system.inspect(at).stashed).toBe(0)
  })

  it('SUP-157 is refused when there is no room, clearly, and nothing is lost', async () => {
    const world = await started({ durable, stash: 2 })
    for (const name of ['a', 'b']) world.tell(at, 'enter', name)
    const { cause } = (await world.askFails(at, 'enter', 'c')) as Error
    expect(cause).toMatchObject({ code: 'HF_STASH_FULL' })
    expect((cause as Error).message).toContain('2 messages')
    // The failure restarted the actor, so the first two were handled again and are aside once more.
    expect(world.system.inspect(at)).toMatchObject({ incarnation: 2, stashed: 2, failures: [{}] })
    world.tell(at, 'open')
    await world.settle()
    expect(seen(world)).toEqual(['a', 'b'])
    expect(world.system.deadLetters.count).toBe(0)
  })

  it('is refused in a way that a handler can answer', async () => {
    const world = await started({ durable, stash: 1 })
    world.tell(at, 'enter', 'a')
    world.tell(at, 'patiently', 'once')
    await world.settle()
    expect([seen(world), world.system.inspect(at)]).toMatchObject([
      ['HF_STASH_FULL'],
      { stashed: 1, incarnation: 1 },
    ])
  })

  it('is the message of a handler, and never a hook', async () => {
    const starting = actor({
      name: 'door',
      durable,
      onStart(ctx) {
        ctx.stash()
      },
      on: {},
    })
    const root = supervisor({ name: 'root', children: [child(starting)] })
    const failed: unknown[] = []
    const starts = World.start({ root }).catch((error: unknown) => failed.push((error as Error).message))
    await starts
    expect(failed).toEqual([expect.stringContaining('cannot put its $start hook aside')])
  })
})

describe('SUP-159 what was put aside is handled after a restart', () => {
  it.each([true, false])(
    'of the actor, behind its start and in front of what waits (durable: %s)',
    async (durable) => {
      const starting = actor({
        ...door({ durable }).spec,
        onStart(ctx) {
          ctx.state.isOpen = true
          ctx.state.seen.push('start')
        },
      })
      const world = await World.start({ root: rootOf(starting) })
      world.tell(at, 'shut')
      const asked = world.system.ref(at).ask('enter', 'a')
      world.tell(at, 'enter', 'b')
      world.tell(at, 'throws')
      world.tell(at, 'note', 'behind')
      await world.settle()
      const before = durable ? ['start'] : []
      expect(seen(world)).toEqual([...before, 'start', 'a', 'b', 'behind'])
      expect(await world.settled(asked)).toBe('welcome a')
    },
  )

  it('of the process: it is aside as it was, and so is who asked', async () => {
    const world = await started()
    world.tell(at, 'enter', 'a')
    world.tell('/root/guest', 'visit', 60_000)
    world.tell(at, 'note', 'between')
    await world.settle()
    await world.recover()
    expect(world.system.inspect(at)).toMatchObject({ stashed: 2, mailbox: 0, state: { seen: ['between'] } })
    world.tell(at, 'open')
    await world.settle()
    expect(seen(world)).toEqual(['between', 'a', 'guest'])
    expect(world.state('/root/guest')).toEqual({ heard: ['welcome guest'] })
    await world.recover()
    expect(seen(world)).toEqual(['between', 'a', 'guest'])
    expect(world.system.inspect(at)).toMatchObject({ stashed: 0, mailbox: 0 })
  })

  it('of the system in order: it stays aside', async () => {
    const world = await started()
    const asked = world.system.ref(at).ask('enter', 'a')
    const failed = expect(asked).rejects.toMatchObject({ code: 'HF_ACTOR_STOPPED' })
    await world.settle()
    await world.reopen()
    await failed
    expect(world.system.inspect(at).stashed).toBe(1)
    world.tell(at, 'open')
    await world.settle()
    expect(seen(world)).toEqual(['a'])
    expect(world.system.deadLetters.count).toBe(0)
  })

  it('behind a message that is tried again', async () => {
    const trying = actor({
      ...door({ attempts: 2 }).spec,
      on: {
        ...door().spec.on,
        fail(ctx: { state: { seen: unknown[]; isOpen: boolean } }) {
          tries++
          if (tries === 1) throw new Error('once')
          ctx.state.isOpen = true
          ctx.state.seen.push('fail')
        },
      },
    })
    for (const isKilled of [false, true]) {
      tries = 0
      const root = supervisor({
        name: 'root',
        children: [child(trying, { id: 'door', backoff: { minMs: 100, maxMs: 100, jitter: 0 } })],
      })
      const world = await World.start({ root })
      for (const [type, payload] of [
        ['enter', 'a'],
        ['fail', undefined],
        ['note', 'behind'],
      ] as const)
        world.tell(at, type, payload)
      await world.settle()
      if (isKilled) await world.recover()
      await world.advance(200)
      expect(seen(world)).toEqual(['fail', 'a', 'behind'])
      expect(world.recordsOf('turn').map(({ attempt }) => attempt)).toEqual([1, 2, 2, 1])
    }
  })
  let tries = 0
})

describe('A turn that waits and puts its message aside', () => {
  it('does so when it ends, also after the process was killed in between', async () => {
    for (const isKilled of [false, true]) {
      const world = await started()
      world.tell(at, 'slowly', 'a')
      await world.settle()
      if (isKilled) await world.recover()
      expect(world.system.inspect(at)).toMatchObject({ status: 'waiting', stashed: 0 })
      gate.later.resolve(1)
      await world.settle()
      expect(world.system.inspect(at)).toMatchObject({ status: 'running', stashed: 1 })
      world.tell(at, 'open')
      await world.settle()
      expect(seen(world)).toEqual(['a'])
    }
  })

  it('gives it back whole, with who asked, when a sibling pulls its actor down', async () => {
    gate.later = new Later()
    const sibling = actor({
      name: 'sibling',
      on: {
        fail() {
          throw new Error('no')
        },
      },
    })
    const children = [child(door(), { id: 'door' }), child(sibling)]
    const world = await World.start({ root: supervisor({ name: 'root', strategy: allForOne(), children }) })
    const asked = world.system.ref(at).ask('slowly', 'a', { timeoutMs: 60_000 })
    await world.settle()
    world.tell('/root/sibling', 'fail')
    await world.settle()
    gate.later.resolve(1)
    await world.settle()
    expect(world.system.inspect(at)).toMatchObject({ incarnation: 2, stashed: 1 })
    world.tell(at, 'open')
    expect(await world.settled(asked)).toBe('a')
  })

  it('tells who asked when it is given up because the actor is stopped', async () => {
    const world = await started()
    const asked = world.system.ref(at).ask('slowly', 'a', { timeoutMs: 600_000 })
    const failed = expect(asked).rejects.toMatchObject({ code: 'HF_ACTOR_STOPPED' })
    await world.settle()
    void world.system.stop()
    await world.advance(5_000)
    await failed
  })
})

describe('Each handling of a message that was put aside', () => {
  const helper = actor({
    name: 'helper',
    on: { later: (ctx) => ctx.effect('later', () => gate.later.promise) },
  })
  const leaf = actor({ name: 'leaf', on: {} })
  let failures = 0
  const worker = actor({
    name: 'door',
    attempts: 3,
    digestEvery: 1,
    onFailure: { default: 'resume' },
    spawns: [leaf],
    state: () => ({ isOpen: false, ids: [] as string[], got: [] as unknown[] }),
    on: {
      async work(ctx) {
        ctx.state.ids.push(ctx.id())
        ctx.spawn(leaf)
        const answer = ctx.ask(ctx.ref(helper, '/root/helper'), 'later', undefined, { timeoutMs: 600_000 })
        if (!ctx.state.isOpen) {
          await ctx.effect('look', () => 1)
          return ctx.stash()
        }
        ctx.state.got.push(await answer)
      },
      open(ctx) {
        ctx.state.isOpen = true
        ctx.unstash()
      },
      failThenStash(ctx) {
        if (ctx.state.isOpen) return
        failures++
        if (failures < 2) throw new Error('once')
        ctx.stash()
      },
      fails() {
        throw new Error('always')
      },
      flaky(ctx) {
        if (!ctx.state.isOpen) return ctx.stash()
        failures++
        if (failures < 3) throw new Error('twice')
        ctx.state.got.push('at last')
      },
    },
  })

  it('has ids, children and questions of its own: a late answer to the first is none to the second', async () => {
    gate.later = new Later()
    const world = await World.start({ root: rootOf(worker, [helper]) })
    world.tell(at, 'work')
    await world.settle()
    const late = world.events('late-reply')
    const first = gate.later
    gate.later = new Later()
    world.tell(at, 'open')
    await world.settle()
    first.resolve('for the first')
    await world.settle()
    expect([late, world.state(at).got]).toEqual([[{ actor: at }], []])
    gate.later.resolve('for the second')
    await world.settle()
    expect(world.state(at).got).toEqual(['for the second'])
    expect(new Set(world.state<{ ids: string[] }>(at).ids).size).toBe(2)
    expect(world.system.inspect(at).children).toHaveLength(2)
    const state = world.state(at)
    await world.recover()
    expect(world.state(at)).toEqual(state)
  })

  it('has ids and children of its own also when the process ended in between', async () => {
    gate.later = new Later()
    const world = await World.start({ root: rootOf(worker, [helper]) })
    for (const type of ['work', 'work']) world.tell(at, type)
    await world.settle()
    await world.recover()
    world.tell(at, 'open')
    await world.settle()
    // One is in hand again, and the other one waits behind it.
    expect(world.system.inspect(at)).toMatchObject({ status: 'waiting', waiting: ['work'], stashed: 0 })
    await world.recover()
    gate.later.resolve(1)
    await world.settle()
    expect(new Set(world.state<{ ids: string[] }>(at).ids).size).toBe(4)
    expect(world.system.inspect(at).children).toHaveLength(4)
    const { id } = world.system.inspect(at)
    const turns = world.recordsOf('turn').filter((turn) => turn.actor === id)
    expect(turns.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 2, 2])
  })

  it('leaves the message behind it on its first attempt, also when the process ended in between', async () => {
    for (const isKilled of [false, true]) {
      failures = 0
      const world = await World.start({ root: rootOf(worker, [helper]) })
      world.tell(at, 'failThenStash')
      await world.settle()
      expect(world.system.inspect(at).stashed).toBe(1)
      if (isKilled) await world.recover()
      world.tell(at, 'open')
      await world.settle()
      expect(world.recordsOf('turn').map(({ attempt }) => attempt)).toEqual([2, 1, 3])
    }
  })

  it('is as often tried as the definition says, however often it was put aside', async () => {
    for (const isKilled of [false, true]) {
      failures = 0
      const world = await World.start({ root: rootOf(worker, [helper]) })
      world.tell(at, 'flaky')
      await world.settle()
      if (isKilled) await world.recover()
      world.tell(at, 'open')
      await world.settle()
      expect([failures, world.state(at).got]).toEqual([3, ['at last']])
      // What comes after it has no more attempts than others.
      world.tell(at, 'fails')
      await world.settle()
      expect(world.recordsOf('failed').map((record) => record.data().attempt)).toEqual([2, 3, 1, 2, 3])
    }
  })
})

describe('A payload that a handler has changed', () => {
  it.each([false, true])('comes back as it was recorded (killed: %s)', async (isKilled) => {
    const world = await started()
    for (const name of ['a', 'b', 'c']) world.tell(at, 'enter', { name })
    await world.settle()
    if (isKilled) await world.recover()
    world.tell(at, 'open')
    await world.settle()
    const guests = ['a', 'b', 'c'].map((name) => ({ name, visits: 1 }))
    expect(seen(world)).toEqual(guests)
    await world.recover()
    expect(seen(world)).toEqual(guests)
  })

  it('comes back as it was recorded from far apart in the log', async () => {
    const world = await started()
    for (const name of ['a', 'b', 'c']) {
      world.tell(at, 'enter', { name })
      for (let i = 0; i < 200; i++) world.tell(at, 'shut')
      await world.settle()
    }
    world.tell(at, 'open')
    await world.settle()
    expect(seen(world)).toEqual(['a', 'b', 'c'].map((name) => ({ name, visits: 1 })))
  })

  it('is also whole for the next attempt at the message', async () => {
    let tries = 0
    const trying = actor({
      name: 'door',
      attempts: 2,
      digestEvery: 1,
      state: () => ({ got: [] as unknown[] }),
      on: {
        take(ctx, list: number[]) {
          list.push(list.length)
          if (++tries === 1) throw new Error('once')
          ctx.state.got.push(list)
        },
      },
    })
    const world = await World.start({ root: rootOf(trying) })
    world.tell(at, 'take', [])
    await world.settle()
    expect(world.state(at)).toEqual({ got: [[0]] })
    await world.recover()
    expect(world.state(at)).toEqual({ got: [[0]] })
  })
})

describe('A refusal to put aside', () => {
  it.each(['once', 'again'])('is given again when the turn is run again (%s)', async (how) => {
    const world = await started({ stash: 1 })
    world.tell(at, 'enter', 'a')
    world.tell(at, 'patiently', how)
    await world.settle()
    const state = world.state(at)
    expect(state.seen).toEqual(['HF_STASH_FULL'])
    await world.recover()
    expect(world.state(at)).toEqual(state)
    // What failed is rebuilt from the log by the same turns.
    world.tell(at, 'throws')
    await world.settle()
    expect(world.state(at)).toEqual(state)
    expect(world.recordsOf('stopped')).toEqual([])
  })
})

describe('Killed at any commits', () => {
  const command = fc.oneof(
    { weight: 5, arbitrary: fc.constant('enter') },
    { weight: 2, arbitrary: fc.constant('alarm') },
    { weight: 1, arbitrary: fc.constant('slowly') },
    { weight: 2, arbitrary: fc.constant('note') },
    { weight: 1, arbitrary: fc.constantFrom('open', 'shut', 'throws', 'peek', 'patiently') },
  )
  const options: Options = { stash: 3, attempts: 2, urgent: ['alarm'] }
  // What it cannot put aside it refuses, and goes on: a restart would depend on what had come by then.
  const steady = actor({ ...door(options).spec, onFailure: { default: 'resume' } })

  async function remains(commands: readonly string[], cuts: readonly number[]): Promise<unknown> {
    gate.later = new Later()
    gate.later.resolve(1)
    const world = new World({ root: rootOf(steady) }, cuts[0])
    await world.open()
    await send(world, commands)
    for (const [i] of cuts.entries()) {
      world.crash(0, cuts[i + 1] ?? Infinity)
      await world.open()
      await world.settle()
      await send(world, commands)
    }
    const { state, stashed, mailbox, status } = world.system.inspect(at)
    return { state, stashed, mailbox, status, commits: world.store.commits }
  }

  // One after the other, so that every run takes them in hand in the same order.
  async function send(world: World, commands: readonly string[]): Promise<void> {
    const known = world.recordsOf('message').filter(({ sender }) => sender === 0).length
    for (const [i, type] of commands.entries()) {
      if (i < known) continue
      world.tell(at, type, `${type} ${i}`)
      await world.settle()
    }
  }

  it('an actor has handled and put aside what it would have undisturbed, in the same order', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 25 }), cuts, async (commands, cut) => {
        const { commits: _, ...whole } = (await remains(commands, [])) as { commits: number }
        expect(await remains(commands, cut)).toMatchObject(whole)
      }),
      { numRuns: 60 },
    )
  })
})

describe('An actor that drains', () => {
  it('handles what comes out of the stash, and makes dead letters of what does not', async () => {
    const inner = door()
    const owner = actor({
      name: 'owner',
      spawns: [inner],
      onStart(ctx) {
        ctx.spawn(inner, { name: 'inner' })
      },
      on: {
        drain(ctx) {
          ctx.stop(ctx.ref('/root/owner/inner'), 'drain')
        },
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(owner)] }) })
    await world.settle()
    const path = '/root/owner/inner'
    gate.later = new Later()
    const asked = world.system.ref(path).ask('enter', 'a')
    for (const [type, payload] of [
      ['hold', undefined],
      ['open', undefined],
      ['shut', undefined],
      ['enter', 'b'],
    ] as const)
      world.tell(path, type, payload)
    await world.settle()
    world.tell('/root/owner', 'drain')
    await world.settle()
    gate.later.resolve(1)
    expect(await world.settled(asked)).toBe('welcome a')
    await world.settle()
    expect(world.system.deadLetters.last).toMatchObject([{ to: path, type: 'enter', reason: 'stopped' }])
    expect(world.system.inspect('/root/owner').children).toEqual([])
  })
})
