import { actor, child, supervisor, type Overflow } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const gate = { later: new Later() }

interface Options {
  readonly durable?: boolean
  readonly capacity?: number
  readonly overflow?: Overflow
  readonly attempts?: number
}

function worker({ durable = true, attempts = 1, ...mailbox }: Options = {}) {
  return actor({
    name: 'worker',
    durable,
    attempts,
    onFailure: { default: 'resume' },
    mailbox: { urgent: ['cancel', 'alarm'], ...mailbox },
    state: () => ({ seen: [] as string[] }),
    on: {
      hold: (ctx) => ctx.effect('hold', () => gate.later.promise),
      work(ctx, n: number) {
        ctx.state.seen.push(`work ${n}`)
      },
      cancel(ctx, n: number) {
        ctx.state.seen.push(`cancel ${n}`)
      },
      alarm(ctx, n: number) {
        ctx.state.seen.push(`alarm ${n}`)
      },
      async fail(ctx, n: number) {
        await ctx.effect('hold', () => gate.later.promise)
        failures.push(n)
        if (failures.length < 2) throw new Error('once')
        ctx.state.seen.push(`fail ${n}`)
      },
    },
  })
}

const failures: number[] = []
const teller = actor({
  name: 'teller',
  on: {
    tell(ctx, messages: readonly (readonly [string, number])[]) {
      for (const [type, n] of messages) ctx.tell(ctx.ref('/root/worker'), type, n)
    },
  },
})

async function held(options: Options = {}, first = 'hold'): Promise<World> {
  gate.later = new Later()
  failures.length = 0
  const root = supervisor({ name: 'root', children: [child(worker(options)), child(teller)] })
  const world = await World.start({ root })
  world.tell('/root/worker', first, 0)
  await world.settle()
  return world
}

async function seen(world: World): Promise<unknown> {
  gate.later.resolve(1)
  await world.settle()
  return world.state('/root/worker').seen
}

describe.each([true, false])('An urgent message (durable: %s)', (durable) => {
  it('overtakes the others that wait, and neither kind changes its order', async () => {
    const world = await held({ durable })
    world.tell('/root/worker', 'work', 1)
    world.tell('/root/worker', 'cancel', 2)
    world.tell('/root/worker', 'work', 3)
    await world.ask('/root/teller', 'tell', [
      ['alarm', 4],
      ['work', 5],
      ['cancel', 6],
    ])
    expect(await seen(world)).toEqual(['cancel 2', 'alarm 4', 'cancel 6', 'work 1', 'work 3', 'work 5'])
  })

  it('has room beside the others, and as much of it', async () => {
    const world = await held({ durable, capacity: 2 })
    for (const n of [1, 2]) world.tell('/root/worker', 'work', n)
    for (const n of [3, 4]) world.tell('/root/worker', 'cancel', n)
    for (const type of ['work', 'cancel']) {
      expect(() => {
        world.tell('/root/worker', type, 5)
      }).toThrow(expect.objectContaining({ code: 'HF_MAILBOX_FULL' }) as Error)
    }
    await world.ask('/root/teller', 'tell', [['alarm', 6]])
    expect(world.system.deadLetters.last).toMatchObject([{ type: 'alarm', reason: 'mailbox-full' }])
    expect(await seen(world)).toEqual(['cancel 3', 'cancel 4', 'work 1', 'work 2'])
  })

  it('pushes out an urgent one and no other, where the oldest gives way', async () => {
    const world = await held({ durable, capacity: 2, overflow: 'drop-oldest' })
    for (const n of [1, 2, 3]) world.tell('/root/worker', 'work', n)
    for (const n of [4, 5, 6]) world.tell('/root/worker', 'cancel', n)
    expect(world.system.deadLetters.last).toMatchObject([
      { type: 'work', reason: 'dropped-oldest' },
      { type: 'cancel', reason: 'dropped-oldest' },
    ])
    expect(await seen(world)).toEqual(['cancel 5', 'cancel 6', 'work 2', 'work 3'])
  })

  it('does not overtake a message that is tried again', async () => {
    const world = await held({ durable, attempts: 2 }, 'fail')
    world.tell('/root/worker', 'work', 1)
    world.tell('/root/worker', 'cancel', 2)
    expect(await seen(world)).toEqual(['fail 0', 'cancel 2', 'work 1'])
    expect(failures).toEqual([0, 0])
  })
})

describe('After a restart of the process urgent messages', () => {
  it('stand where they stood, behind the message in hand', async () => {
    const world = await held()
    for (const [type, n] of [
      ['work', 1],
      ['cancel', 2],
      ['work', 3],
      ['alarm', 4],
    ] as const)
      world.tell('/root/worker', type, n)
    await world.settle()
    await world.recover()
    expect(world.system.inspect('/root/worker')).toMatchObject({
      status: 'waiting',
      waiting: ['cancel', 'alarm', 'work', 'work'],
    })
    expect(await seen(world)).toEqual(['cancel 2', 'alarm 4', 'work 1', 'work 3'])
  })

  it('do not overtake a message that is to be tried again by the next life', async () => {
    const fragile = actor({ ...worker({ attempts: 2 }).spec, onFailure: { default: 'restart' } })
    gate.later = new Later()
    failures.length = 0
    const root = supervisor({
      name: 'root',
      children: [child(fragile, { backoff: { minMs: 1_000, maxMs: 1_000 } })],
    })
    const world = await World.start({ root })
    world.tell('/root/worker', 'fail', 0)
    await world.settle()
    world.tell('/root/worker', 'cancel', 1)
    gate.later.resolve(1)
    await world.settle()
    await world.recover()
    expect(world.system.inspect('/root/worker')).toMatchObject({
      status: 'restarting',
      waiting: ['fail', 'cancel'],
    })
    await world.advance(2_000)
    expect(world.state('/root/worker')).toEqual({ seen: ['fail 0', 'cancel 1'] })
    expect(world.recordsOf('turn').map(({ attempt }) => attempt)).toEqual([2, 1])
  })
})
