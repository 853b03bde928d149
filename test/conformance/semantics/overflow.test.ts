import { actor, child, supervisor, type Overflow } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const gate = { later: new Later() }

function bounded(overflow: Overflow, durable: boolean) {
  return actor({
    name: 'bounded',
    durable,
    mailbox: { capacity: 2, overflow },
    attempts: 2,
    onFailure: { default: 'resume' },
    state: () => ({ seen: [] as number[] }),
    onStart() {
      // A start hook stands in front of the mailbox and is never pushed out of it.
    },
    on: {
      hold: (ctx) => ctx.effect('hold', () => gate.later.promise),
      see(ctx, n: number) {
        ctx.state.seen.push(n)
        return n
      },
    },
  })
}

const teller = actor({
  name: 'teller',
  state: () => ({ answers: [] as unknown[] }),
  on: {
    tell(ctx, numbers: readonly number[]) {
      for (const n of numbers) ctx.tell(ctx.ref('/root/bounded'), 'see', n)
    },
    async ask(ctx, n: number) {
      try {
        ctx.state.answers.push(await ctx.ask(ctx.ref('/root/bounded'), 'see', n))
      } catch (error) {
        ctx.state.answers.push((error as { code?: string }).code)
      }
    },
  },
})

async function held(overflow: Overflow, durable = true): Promise<World> {
  gate.later = new Later()
  const root = supervisor({ name: 'root', children: [child(bounded(overflow, durable)), child(teller)] })
  const world = await World.start({ root })
  world.tell('/root/bounded', 'hold')
  await world.settle()
  return world
}

async function released(world: World): Promise<unknown> {
  gate.later.resolve(1)
  await world.settle()
  return world.state('/root/bounded').seen
}

const reasons = (world: World): unknown =>
  world.system.deadLetters.last.map(({ type, reason }) => `${type} ${reason}`)

describe.each([true, false])('M3: a full mailbox (durable: %s)', (durable) => {
  it('that rejects refuses what comes from outside, and takes in again when there is room', async () => {
    const world = await held('reject', durable)
    world.tell('/root/bounded', 'see', 1)
    world.tell('/root/bounded', 'see', 2)
    const refused = expect.objectContaining({ code: 'HF_MAILBOX_FULL', disposition: 'retryable' }) as Error
    expect(() => {
      world.tell('/root/bounded', 'see', 3)
    }).toThrow(refused)
    expect(await world.askFails('/root/bounded', 'see', 3)).toMatchObject({ code: 'HF_MAILBOX_FULL' })
    expect(await released(world)).toEqual([1, 2])
    expect(await world.ask('/root/bounded', 'see', 4)).toBe(4)
    expect(world.system.deadLetters.count).toBe(0)
  })

  it('that rejects makes dead letters of what actors tell, and never fails the teller', async () => {
    const world = await held('reject', durable)
    await world.ask('/root/teller', 'tell', [1, 2, 3, 4])
    expect(reasons(world)).toEqual(['see mailbox-full', 'see mailbox-full'])
    expect(await released(world)).toEqual([1, 2])
  })

  it('that drops the newest makes a dead letter of what comes', async () => {
    const world = await held('drop-newest', durable)
    for (const n of [1, 2, 3]) world.tell('/root/bounded', 'see', n)
    await world.ask('/root/teller', 'tell', [4])
    expect(reasons(world)).toEqual(['see dropped-newest', 'see dropped-newest'])
    expect(await world.askFails('/root/bounded', 'see', 5)).toMatchObject({ code: 'HF_MAILBOX_FULL' })
    expect(await released(world)).toEqual([1, 2])
  })

  it('that drops the oldest makes a dead letter of the one in front, and its asker learns of it', async () => {
    const world = await held('drop-oldest', durable)
    const first = world.system.ref('/root/bounded').ask('see', 1)
    const failed = expect(first).rejects.toMatchObject({ code: 'HF_MAILBOX_FULL' })
    for (const n of [2, 3]) world.tell('/root/bounded', 'see', n)
    await world.ask('/root/teller', 'tell', [4])
    await world.settle()
    await failed
    expect(reasons(world)).toEqual(['see dropped-oldest', 'see dropped-oldest'])
    expect(await released(world)).toEqual([3, 4])
  })

  it.each(['reject', 'drop-newest'] as const)(
    'that is to %s fails the ask of a turn at once',
    async (overflow) => {
      const world = await held(overflow, durable)
      for (const n of [1, 2]) world.tell('/root/bounded', 'see', n)
      await world.ask('/root/teller', 'ask', 3)
      expect(world.state('/root/teller')).toEqual({ answers: ['HF_MAILBOX_FULL'] })
    },
  )
})

describe('A mailbox of a durable actor', () => {
  it('that was full when the process ended has lost nothing, also not the message in hand', async () => {
    const world = await held('reject')
    for (const n of [1, 2]) world.tell('/root/bounded', 'see', n)
    await world.settle()
    await world.recover()
    expect(world.system.inspect('/root/bounded')).toMatchObject({
      status: 'waiting',
      waiting: ['see', 'see'],
    })
    expect(() => {
      world.tell('/root/bounded', 'see', 3)
    }).toThrow(expect.objectContaining({ code: 'HF_MAILBOX_FULL' }) as Error)
    expect(await released(world)).toEqual([1, 2])
    expect(world.system.deadLetters.count).toBe(0)
  })

  it('does not hand out again after recovery what it had dropped', async () => {
    const world = await held('drop-oldest')
    for (const n of [1, 2, 3]) world.tell('/root/bounded', 'see', n)
    await world.settle()
    await world.recover()
    expect(await released(world)).toEqual([2, 3])
  })

  it('keeps a start hook that waits when it drops the oldest', async () => {
    gate.later = new Later()
    const slow = actor({
      name: 'bounded',
      mailbox: { capacity: 1, overflow: 'drop-oldest' },
      state: () => ({ seen: [] as unknown[] }),
      onStart(ctx) {
        ctx.state.seen.push('start')
      },
      on: {
        see(ctx, n: number) {
          ctx.state.seen.push(n)
        },
      },
    })
    const parent = actor({
      name: 'parent',
      spawns: [slow],
      on: {
        spawn(ctx) {
          const kid = ctx.spawn(slow, { name: 'kid' })
          for (const n of [1, 2, 3]) ctx.tell(kid, 'see', n)
        },
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(parent)] }) })
    await world.ask('/root/parent', 'spawn')
    await world.settle()
    expect(world.state('/root/parent/kid')).toEqual({ seen: ['start', 3] })
  })
})
