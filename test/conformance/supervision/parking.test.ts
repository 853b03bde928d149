// Messages that were given up, and what an operator does with them, on virtual time.

import { actor, child, oneForOne, supervisor, type ParkedMessage } from 'holdfast'
import { System } from '@holdfast/kernel'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'

const ana = { by: 'ana', reason: 'fixed' }
let isBroken = true
const plenty = oneForOne({ maxRestarts: 100_000 })

const till = actor({
  name: 'till',
  state: () => ({ sum: 0, from: [] as string[] }),
  attempts: 2,
  on: {
    add(ctx, { n }: { n: number }) {
      if (isBroken && n < 0) throw new RangeError(`no ${n}`)
      ctx.state.sum += n
      ctx.state.from.push(`${ctx.sender?.path ?? 'outside'} ${ctx.correlationId}`)
      return ctx.state.sum
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
  },
})
const volatile = actor({ ...till.spec, name: 'volatile', durable: false })
const own = actor({ ...till.spec, name: 'own' })
const payer = actor({
  name: 'payer',
  spawns: [own],
  onStart(ctx) {
    ctx.spawn(own, { name: 'own' })
  },
  on: {
    pay(ctx, n: number) {
      ctx.tell(ctx.ref('/root/till'), 'add', { n })
    },
  },
})

const PATH = '/root/till'
const rootWith = (definition = till) =>
  supervisor({
    name: 'root',
    strategy: plenty,
    children: [child(definition, { id: 'till', restart: 'transient' }), child(payer)],
  })

async function start(definition = till): Promise<World> {
  isBroken = true
  return World.start({ root: rootWith(definition) })
}

async function park(world: World, n = -1, path = PATH, correlation?: string): Promise<number> {
  world.tell(path, 'add', { n }, correlation === undefined ? {} : { correlation })
  await world.settle()
  return world.system.parked({ limit: Infinity }).at(-1)!.position
}

const seen = (parked: readonly ParkedMessage[]): unknown[] =>
  parked.map(({ payload, error, ...rest }) => ({ ...rest, payload: payload(), error: error.message }))
const redrive = (world: World, position: number): Promise<number> =>
  world.settled(world.system.steer.redrive(position, ana))

describe('A message whose last attempt failed', () => {
  it('is parked, with what it was, how often it was tried and what it came to', async () => {
    const world = await start()
    const position = await park(world, -1, PATH, 'incident-1')
    const [message, { timeMs }] = [world.recordsOf('message').at(-1)!, world.recordsOf('failed').at(-1)!]
    expect(seen(world.system.parked())).toEqual([
      {
        position: message.position,
        actor: PATH,
        type: 'add',
        atMs: timeMs,
        correlationId: 'incident-1',
        attempts: 2,
        error: 'no -1',
        payload: { n: -1 },
      },
    ])
    expect(position).toBe(message.position)
  })

  it('is not while it is tried again, nor when it is handled in the end', async () => {
    let tries = 0
    const moody = actor({
      name: 'moody',
      attempts: 3,
      on: {
        go() {
          if (++tries < 3) throw new Error('not yet')
        },
      },
    })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(moody)] }) })
    world.tell('/root/moody', 'go')
    await world.settle()
    expect([tries, world.system.parked()]).toEqual([3, []])
  })

  it('is listed the oldest first, up to a limit, and by actor', async () => {
    const world = await start()
    for (const n of [-1, -2, -3]) await park(world, n)
    await park(world, -4, '/root/payer/own')
    const carried = (options?: { readonly actor?: string; readonly limit?: number }): unknown[] =>
      world.system.parked(options).map((each) => (each.payload() as { n: number }).n)
    expect(carried()).toEqual([-1, -2, -3, -4])
    expect(carried({ limit: 2 })).toEqual([-1, -2])
    expect(carried({ actor: '/root/payer/own' })).toEqual([-4])
    expect(carried({ actor: PATH, limit: 1 })).toEqual([-1])
    expect(carried({ actor: '/root/nobody' })).toEqual([])
    for (const limit of [0, -1, 1.5, '7'])
      expect(() => world.system.parked({ limit: limit as number })).toThrow(
        expect.objectContaining({ code: 'HF_INVALID', field: 'limit' }),
      )
  })

  it('is delivered no more by itself, however often the process dies, and stays on the list', async () => {
    const world = await start()
    const position = await park(world)
    await world.settled(world.system.flushed())
    for (const again of [() => world.recover(), () => world.reopen(), () => world.recover()]) {
      await again()
      expect(world.system.parked().map((each) => each.position)).toEqual([position])
    }
    expect(world.recordsOf('failed').filter((record) => record.cause === position)).toHaveLength(2)
  })

  it('of a volatile actor is not kept', async () => {
    const world = await start(volatile)
    world.tell(PATH, 'add', { n: -1 })
    await world.settle()
    expect(world.system.parked()).toEqual([])
  })
})

describe('A redrive', () => {
  it('sends it again, as a new message of the same sender and correlation that it caused', async () => {
    const world = await start()
    world.tell('/root/payer', 'pay', -5, { correlation: 'pay-5' })
    await world.settle()
    const { position } = world.system.parked()[0]!
    isBroken = false
    const again = await redrive(world, position)
    await world.settle()
    expect(world.state(PATH)).toEqual({ sum: -5, from: ['/root/payer pay-5'] })
    expect(world.system.parked()).toEqual([])
    const records = world.records().slice(again - 2, again)
    expect(records).toMatchObject([
      { kind: 'steered', cause: position },
      { kind: 'message', position: again, type: 'add', cause: position },
    ])
    expect(records[0]!.correlation).toBe(records[1]!.correlation)
    expect(world.recordsOf('steered')[0]!.data()).toEqual({ command: 'redrive', message: position, ...ana })
    await world.recover()
    expect(world.state(PATH)).toMatchObject({ sum: -5 })
  })

  it('of one that fails again parks the new one', async () => {
    const world = await start()
    const again = await redrive(world, await park(world))
    await world.settle()
    expect(world.system.parked().map((each) => each.position)).toEqual([again])
  })

  it('and what it sends are on the disk together, or neither', async () => {
    for (let commits = 0; ; commits++) {
      const world = await start()
      const position = await park(world)
      await world.settled(world.system.flushed())
      const before = world.store.commits
      isBroken = false
      const sent = world.system.steer.redrive(position, ana)
      sent.catch(() => undefined)
      for (let round = 0; round < 3 && world.store.commits < before + commits; round++) await world.settle()
      await world.recover()
      const hasSent = world.recordsOf('steered').length > 0
      expect(world.recordsOf('message').filter((each) => each.cause === position)).toHaveLength(
        hasSent ? 1 : 0,
      )
      expect(world.system.parked()).toHaveLength(hasSent ? 0 : 1)
      if (hasSent) break
    }
  })

  it('to an actor that has ended is refused, and it stays parked; a drop takes it off', async () => {
    const world = await start()
    const [fixed, spawned] = [await park(world), await park(world, -2, '/root/payer/own')]
    world.tell(PATH, 'end')
    world.tell('/root/payer/own', 'end')
    await world.settle()
    await expect(redrive(world, fixed)).rejects.toMatchObject({ code: 'HF_ACTOR_STOPPED' })
    await expect(redrive(world, spawned)).rejects.toMatchObject({ code: 'HF_NO_SUCH_ACTOR' })
    await world.recover()
    await expect(redrive(world, spawned)).rejects.toMatchObject({
      code: 'HF_NO_SUCH_ACTOR',
      actor: '/root/payer/own',
    })
    expect(world.system.parked().map((each) => [each.position, each.actor])).toEqual([
      [fixed, PATH],
      [spawned, '/root/payer/own'],
    ])
    for (const position of [fixed, spawned]) await world.settled(world.system.steer.drop(position, ana))
    expect(world.system.parked()).toEqual([])
    await world.recover()
    expect(world.system.parked()).toEqual([])
  })

  it('to a full mailbox is refused, and waits in that of a paused actor', async () => {
    const small = actor({ ...till.spec, mailbox: { capacity: 1 } })
    const world = await start(small)
    const [first, second] = [await park(world), await park(world, -2)]
    await world.settled(world.system.steer.pause(PATH, ana))
    await redrive(world, first)
    await expect(redrive(world, second)).rejects.toMatchObject({ code: 'HF_MAILBOX_FULL' })
    expect(world.system.inspect(PATH).waiting).toEqual(['add'])
    expect(world.system.parked().map((each) => each.position)).toEqual([second])
  })

  it('of what is not parked is refused with the field, and so is one without a name', async () => {
    const world = await start()
    const position = await park(world)
    for (const wrong of [position + 1, 0, -1, undefined, 'x'])
      for (const command of ['redrive', 'drop'] as const)
        await expect(world.system.steer[command](wrong as number, ana)).rejects.toMatchObject({
          code: 'HF_INVALID',
          field: 'position',
        })
    await expect(world.system.steer.redrive(position, {} as never)).rejects.toMatchObject({ field: 'by' })
    await redrive(world, position)
    await expect(redrive(world, position)).rejects.toMatchObject({ field: 'position' })
  })

  it('of a type that the definition no longer has is refused', async () => {
    const world = await start()
    const position = await park(world)
    await world.settled(world.system.flushed())
    const { add: _, ...rest } = till.spec.on
    await world.recover({ root: rootWith(actor({ ...till.spec, on: rest }) as never) })
    await expect(redrive(world, position)).rejects.toMatchObject({ code: 'HF_UNKNOWN_MESSAGE' })
    expect(world.system.parked()).toHaveLength(1)
  })
})

it('A list that is full loses its oldest, which one warning says until there is room again', async () => {
  const world = await start()
  const warnings = world.events('warning')
  const { parked } = System.kernelOf(world.system)
  const fill = (from: number): void => {
    for (let i = from; parked.size < 10_000; i++) parked.add({ position: 1e9 + i, failedAt: 1e9, actor: 1 })
  }
  fill(0)
  expect(warnings).toEqual([])
  const positions = [await park(world), await park(world, -2)]
  expect(parked.size).toBe(10_000)
  expect([1e9, 1e9 + 1, 1e9 + 2].map((position) => parked.get(position) !== undefined)).toEqual([
    false,
    false,
    true,
  ])
  expect(warnings).toMatchObject([{ actor: PATH }])
  await world.settled(world.system.steer.drop(positions[0]!, ana))
  fill(20_000)
  await park(world, -3)
  expect(warnings).toHaveLength(2)
})
