import { actor, allForOne, child, supervisor } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const gates = new Map<string, Later>()

interface Options {
  readonly durable?: boolean
  readonly capacity?: number
}

type Command =
  | { readonly do: 'tell'; readonly to: string; readonly count: number; readonly command?: Command }
  | { readonly do: 'ask'; readonly to: string; readonly command?: Command }
  | { readonly do: 'note'; readonly what?: string }
  | { readonly do: 'hold' }
  | { readonly do: 'fail' }

/** An actor that does what it is told, and has little room. */
function worker(name: string, { durable = true, capacity = 4 }: Options = {}) {
  return actor({
    name,
    durable,
    mailbox: { capacity, overflow: 'backpressure' },
    state: () => ({ seen: [] as unknown[], starts: 0, stops: 0 }),
    onStart(ctx) {
      ctx.state.starts++
    },
    onStop(ctx) {
      ctx.state.stops++
    },
    on: {
      run(ctx, command: Command): unknown {
        if (command.do === 'hold') return ctx.effect('hold', () => gateOf(name).promise)
        if (command.do === 'fail') throw new Error('no')
        if (command.do === 'note') return ctx.state.seen.push(command.what)
        const to = ctx.ref(`/root/${command.to}`)
        if (command.do === 'tell') {
          for (let i = 1; i <= command.count; i++)
            ctx.tell(to, 'run', command.command ?? { do: 'note', what: `${name} ${i}` })
          return undefined
        }
        const asked = command.command ?? { do: 'note', what: 'asked' }
        return ctx.ask(to, 'run', asked, { timeoutMs: 60_000 }).then(() => ctx.state.seen.push('answer'))
      },
    },
  })
}

function gateOf(name: string): Later {
  const gate = gates.get(name) ?? new Later()
  gates.set(name, gate)
  return gate
}

function started(names: readonly string[], options: Options = {}): Promise<World> {
  gates.clear()
  const root = supervisor({ name: 'root', children: names.map((name) => child(worker(name, options))) })
  return World.start({ root })
}

async function run(world: World, name: string, command: Command): Promise<void> {
  world.tell(`/root/${name}`, 'run', command)
  await world.settle()
}

async function released(world: World, ...names: string[]): Promise<void> {
  for (const name of names) gateOf(name).resolve(1)
  await world.settle()
}

const status = (world: World, ...names: string[]): string[] =>
  names.map((name) => world.system.inspect(`/root/${name}`).status)
const seen = (world: World, name: string): unknown => world.state(`/root/${name}`).seen
const waiting = (world: World, name: string): number => world.system.inspect(`/root/${name}`).mailbox
const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name} ${i + 1}`)

describe.each([true, false])('A sender that fills a mailbox with backpressure (durable: %s)', (durable) => {
  it('takes no further message until half of it is free, and nothing is lost', async () => {
    const world = await started(['a', 'b'], { durable })
    await run(world, 'b', { do: 'hold' })
    await run(world, 'a', { do: 'tell', to: 'b', count: 6 })
    await run(world, 'a', { do: 'note', what: 'later' })
    expect([status(world, 'a', 'b'), waiting(world, 'b'), seen(world, 'a')]).toEqual([
      ['blocked', 'waiting'],
      6,
      [],
    ])
    await released(world, 'b')
    expect([seen(world, 'b'), seen(world, 'a')]).toEqual([numbered('a', 6), ['later']])
    expect(status(world, 'a', 'b')).toEqual(['running', 'running'])
    expect(world.system.deadLetters.count).toBe(0)
  })

  it('is not held back before that mailbox is full', async () => {
    const world = await started(['a', 'b'], { durable })
    await run(world, 'b', { do: 'hold' })
    await run(world, 'a', { do: 'tell', to: 'b', count: 4 })
    expect(status(world, 'a')).toEqual(['running'])
  })

  it('waits until there is half of it, and not only for a place', async () => {
    const world = await started(['a', 'b'], { durable })
    await run(world, 'b', { do: 'hold' })
    await run(world, 'a', { do: 'tell', to: 'b', count: 1 })
    await run(world, 'a', { do: 'tell', to: 'b', count: 1, command: { do: 'hold' } })
    gates.get('b')!.resolve(1)
    gates.delete('b')
    await run(world, 'a', { do: 'tell', to: 'b', count: 5 })
    expect([status(world, 'a', 'b'), waiting(world, 'b')]).toEqual([['blocked', 'waiting'], 5])
    await released(world, 'b')
    expect([status(world, 'a', 'b'), waiting(world, 'b')]).toEqual([['running', 'running'], 0])
  })

  it('waits for all that it has filled in one turn', async () => {
    gates.clear()
    const both = actor({
      name: 'a',
      durable,
      state: () => ({ seen: [] as unknown[] }),
      on: {
        run(ctx, what: string) {
          ctx.state.seen.push(what)
          for (const name of ['b', 'c'])
            for (let i = 0; i < 5; i++) ctx.tell(ctx.ref(`/root/${name}`), 'run', { do: 'note', what })
        },
      },
    })
    const children = [both, worker('b', { durable }), worker('c', { durable })].map((each) => child(each))
    const world = await World.start({ root: supervisor({ name: 'root', children }) })
    for (const name of ['b', 'c']) await run(world, name, { do: 'hold' })
    for (const what of ['one', 'two']) world.tell('/root/a', 'run', what)
    await world.settle()
    for (const name of ['b', 'c']) {
      expect([status(world, 'a'), seen(world, 'a')]).toEqual([['blocked'], ['one']])
      await released(world, name)
    }
    expect([status(world, 'a'), seen(world, 'a'), seen(world, 'c')]).toMatchObject([
      ['running'],
      ['one', 'two'],
      { length: 10 },
    ])
  })

  it('by a question waits as well, and gets its answer', async () => {
    const world = await started(['a', 'b'], { durable })
    await run(world, 'b', { do: 'hold' })
    for (let i = 0; i < 4; i++) world.tell('/root/b', 'run', { do: 'note', what: 'outside' })
    await run(world, 'a', { do: 'ask', to: 'b' })
    await run(world, 'a', { do: 'note', what: 'later' })
    expect([waiting(world, 'b'), seen(world, 'a')]).toEqual([5, []])
    await released(world, 'b')
    expect([seen(world, 'a'), status(world, 'a')]).toEqual([['answer', 'later'], ['running']])
  })

  it('can be stopped, and its stop hook runs', async () => {
    const world = await started(['a', 'b'], { durable })
    await run(world, 'b', { do: 'hold' })
    await run(world, 'a', { do: 'tell', to: 'b', count: 6 })
    const stopped = world.system.stop()
    await released(world, 'b')
    await world.settled(stopped)
    expect(status(world, 'a', 'b')).toEqual(['stopped', 'stopped'])
    expect(world.state('/root/a')).toMatchObject({ stops: 1 })
  })

  it('is free when it begins anew', async () => {
    gates.clear()
    const children = ['a', 'b', 'c'].map((name) => child(worker(name, { durable })))
    const world = await World.start({ root: supervisor({ name: 'root', strategy: allForOne(), children }) })
    await run(world, 'b', { do: 'hold' })
    await run(world, 'a', { do: 'tell', to: 'b', count: 5, command: { do: 'hold' } })
    expect(status(world, 'a')).toEqual(['blocked'])
    await run(world, 'c', { do: 'fail' })
    await run(world, 'a', { do: 'note', what: 'anew' })
    expect([status(world, 'a', 'b'), seen(world, 'a')]).toEqual([['running', 'waiting'], ['anew']])
    await run(world, 'a', { do: 'tell', to: 'b', count: 1 })
    expect(status(world, 'a')).toEqual(['blocked'])
  })
})

describe('The end of an actor', () => {
  it.each([true, false])('frees those that had filled it (durable: %s)', async (durable) => {
    gates.clear()
    const b = worker('b', { durable })
    const owner = actor({
      name: 'owner',
      durable,
      spawns: [b],
      onStart(ctx) {
        ctx.spawn(b, { name: 'b' })
      },
      on: {
        kill(ctx) {
          ctx.stop(ctx.ref('/root/owner/b'), 'kill')
        },
      },
    })
    const root = supervisor({ name: 'root', children: [child(worker('a', { durable })), child(owner)] })
    const world = await World.start({ root })
    world.tell('/root/owner/b', 'run', { do: 'hold' })
    await run(world, 'a', { do: 'tell', to: 'owner/b', count: 6 })
    await run(world, 'a', { do: 'note', what: 'later' })
    expect(status(world, 'a')).toEqual(['blocked'])
    let isRoom = false
    void world.system.room('/root/owner/b').then(() => {
      isRoom = true
    })
    await world.settle()
    expect(isRoom).toBe(false)
    world.tell('/root/owner', 'kill')
    await world.settle()
    expect([status(world, 'a'), seen(world, 'a'), isRoom]).toEqual([['running'], ['later'], true])
  })
})

describe('A caller outside', () => {
  it('is refused by a full mailbox with backpressure, and can wait for room without looking again and again', async () => {
    const world = await started(['b'])
    await run(world, 'b', { do: 'hold' })
    await world.settled(world.system.room('/root/b'))
    for (let i = 1; i <= 4; i++) world.tell('/root/b', 'run', { do: 'note', what: `outside ${i}` })
    expect(() => {
      world.tell('/root/b', 'run', { do: 'note' })
    }).toThrow(
      expect.objectContaining({
        code: 'HF_MAILBOX_FULL',
        hint: `Await system.room('/root/b') before sending more.`,
      }) as Error,
    )
    const rooms = [world.system.room('/root/b'), world.system.room('/root/b')]
    let isRoom = false
    void Promise.all(rooms).then(() => {
      isRoom = true
    })
    await world.advance(10_000)
    expect([isRoom, world.authorities.timers]).toEqual([false, 1])
    await released(world, 'b')
    expect(isRoom).toBe(true)
    expect(seen(world, 'b')).toEqual(numbered('outside', 4))
  })

  it('may wait for room in any mailbox, and at a path where nobody lives there is nothing to wait for', async () => {
    gates.clear()
    const plain = actor({ ...worker('b').spec, mailbox: { capacity: 1 } })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(plain)] }) })
    await world.settled(world.system.room('/root/nobody'))
    await run(world, 'b', { do: 'hold' })
    await run(world, 'b', { do: 'note', what: 'last' })
    let isRoom = false
    void world.system.room('/root/b').then(() => {
      isRoom = true
    })
    await world.settle()
    expect(isRoom).toBe(false)
    await released(world, 'b')
    expect([isRoom, seen(world, 'b')]).toEqual([true, ['last']])
  })

  it('is let in when the system stops', async () => {
    const world = await started(['b'], { capacity: 1 })
    await run(world, 'b', { do: 'hold' })
    await run(world, 'b', { do: 'note' })
    const room = world.system.room('/root/b')
    const stopped = world.system.stop()
    await world.advance(5_000)
    await Promise.all([room, stopped])
  })
})

describe('B2 a circle of actors', () => {
  it.each([
    ['two', ['a', 'b']],
    ['three', ['a', 'b', 'c']],
  ])('of %s that fill each other goes on, and says so once', async (_, names) => {
    const world = await started(names, { capacity: 2 })
    const warnings = world.events('warning')
    for (const name of names) await run(world, name, { do: 'hold' })
    for (const [i, name] of names.entries()) {
      const to = names[(i + 1) % names.length]!
      world.tell(`/root/${name}`, 'run', { do: 'tell', to, count: 3, command: { do: 'note', what: name } })
    }
    for (const name of names) gateOf(name).resolve(1)
    await world.settle()
    for (const [i, name] of names.entries()) {
      expect(seen(world, name)).toEqual(Array.from({ length: 3 }, () => names.at(i - 1)))
    }
    expect(status(world, ...names)).toEqual(names.map(() => 'running'))
    expect(world.system.deadLetters.count).toBe(0)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]!.message).toContain(`does not wait, because ${warnings[0]!.actor} waits for it`)
  })

  it('of one that sends to itself goes on, and makes dead letters of what is far too much', async () => {
    const world = await started(['a'], { capacity: 2, durable: false })
    const warnings = world.events('warning')
    await run(world, 'a', { do: 'tell', to: 'a', count: 2 + 16_384 + 3 })
    expect(seen(world, 'a')).toHaveLength(2 + 16_384)
    expect(world.system.deadLetters.last.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 3 }, () => 'mailbox-full'),
    )
    expect(warnings).toMatchObject([{ actor: '/root/a' }])
    expect(warnings[0]!.message).toContain('with what it sends itself')
  })

  it('is not closed by a question: who is asked and waits for the asker is freed', async () => {
    for (const names of [
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]) {
      const world = await started(names, { capacity: 2 })
      const last = names.at(-1)!
      // The first one fills the last one, which then asks its way back to the first one.
      const question = names
        .slice(0, -1)
        .reduce<Command | undefined>((command, to) => ({ do: 'ask', to, command }), undefined)!
      await run(world, last, { do: 'hold' })
      world.tell(`/root/${last}`, 'run', question)
      await run(world, 'a', { do: 'tell', to: last, count: 3 })
      expect(status(world, 'a')).toEqual(['blocked'])
      await released(world, last)
      expect(status(world, ...names)).toEqual(names.map(() => 'running'))
      expect(seen(world, last)).toEqual(['answer', ...numbered('a', 3)])
      expect(world.authorities.timers).toBe(0)
    }
  })

  it('is not closed by a sender that fills the mailbox of one that waits for its answer', async () => {
    const world = await started(['a', 'b'], { capacity: 1 })
    await run(world, 'a', { do: 'hold' })
    await run(world, 'a', { do: 'tell', to: 'b', count: 3 })
    await run(world, 'b', { do: 'ask', to: 'a' })
    await released(world, 'a')
    expect([status(world, 'a', 'b'), seen(world, 'b')]).toEqual([
      ['running', 'running'],
      ['answer', ...numbered('a', 3)],
    ])
  })
})

describe('After a restart of the process', () => {
  it('nobody is blocked, and what was taken in is handled', async () => {
    const world = await started(['a', 'b'])
    await run(world, 'b', { do: 'hold' })
    await run(world, 'a', { do: 'tell', to: 'b', count: 6 })
    await run(world, 'a', { do: 'note', what: 'later' })
    await world.recover()
    expect([status(world, 'a', 'b'), seen(world, 'a'), waiting(world, 'b')]).toEqual([
      ['running', 'waiting'],
      ['later'],
      6,
    ])
    await run(world, 'a', { do: 'tell', to: 'b', count: 1 })
    expect(status(world, 'a')).toEqual(['blocked'])
    await released(world, 'b')
    expect(seen(world, 'b')).toEqual([...numbered('a', 6), 'a 1'])
  })
})
