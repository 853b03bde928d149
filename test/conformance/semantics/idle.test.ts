import { actor, child, supervisor } from 'holdfast'
import { System } from '@holdfast/kernel'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const gate = { later: new Later() }

function worker(durable: boolean, urgent: readonly string[] = []) {
  return actor({
    name: 'worker',
    durable,
    mailbox: { urgent },
    idle: { afterMs: 1_000, type: 'rest' },
    state: () => ({ seen: [] as string[] }),
    on: {
      rest(ctx) {
        ctx.state.seen.push('rest')
      },
      work(ctx, what: string) {
        ctx.state.seen.push(what)
      },
      alarm(ctx, what: string) {
        ctx.state.seen.push(what)
      },
      hold: (ctx) => ctx.effect('hold', () => gate.later.promise),
      fail() {
        throw new Error('no')
      },
      refused(ctx) {
        ctx.schedule('work', 'x', { afterMs: 1, key: '$idle' })
      },
      end(ctx) {
        ctx.stop(ctx.self)
      },
    },
  })
}

async function started(durable = true, urgent: readonly string[] = []): Promise<World> {
  gate.later = new Later()
  const it = child(worker(durable, urgent), { restart: 'transient' })
  return World.start({ root: supervisor({ name: 'root', children: [it] }) })
}

const at = '/root/worker'
const seen = (world: World): unknown => world.state(at).seen

/** Has the tick wait in the mailbox: no turn is taken meanwhile. */
async function heldTick(world: World): Promise<void> {
  System.kernelOf(world.system).dispatcher.hold()
  await world.advance(1_000)
  expect(world.system.inspect(at).waiting).toEqual(['rest'])
}

describe.each([true, false])('An actor with an idle time (durable: %s)', (durable) => {
  it('is told when it has handled nothing for so long, once', async () => {
    const world = await started(durable)
    await world.advance(999)
    expect(seen(world)).toEqual([])
    await world.advance(1)
    expect(seen(world)).toEqual(['rest'])
    await world.advance(100_000)
    expect(seen(world)).toEqual(['rest'])
    expect(world.authorities.timers).toBe(0)
  })

  it('counts anew with each message, and is told again after the next pause', async () => {
    const world = await started(durable)
    for (let i = 0; i < 5; i++) {
      await world.advance(700)
      world.tell(at, 'work', 'work')
      await world.settle()
      expect(world.authorities.timers).toBe(1)
    }
    expect(seen(world)).toEqual(Array.from({ length: 5 }, () => 'work'))
    await world.advance(999)
    expect(seen(world)).toHaveLength(5)
    await world.advance(1)
    expect(seen(world)).toHaveLength(6)
    world.tell(at, 'work', 'more')
    await world.advance(1_000)
    expect(seen(world)).toEqual([...Array.from({ length: 5 }, () => 'work'), 'rest', 'more', 'rest'])
  })

  it('is not idle while a turn of it waits, and counts from its end', async () => {
    const world = await started(durable)
    world.tell(at, 'hold')
    await world.advance(10_500)
    gate.later.resolve(1)
    await world.settle()
    await world.advance(999)
    expect(seen(world)).toEqual([])
    await world.advance(1)
    expect(seen(world)).toEqual(['rest'])
  })

  it('is told itself of a message of that type that somebody else sends, and then counts on', async () => {
    const world = await started(durable)
    world.tell(at, 'rest')
    await world.advance(1_000)
    expect(seen(world)).toEqual(['rest', 'rest'])
  })

  it('is not told what was overtaken: the tick is stale', async () => {
    const world = await started(durable, ['alarm'])
    await heldTick(world)
    world.tell(at, 'alarm', 'alarm')
    System.kernelOf(world.system).dispatcher.release()
    await world.settle()
    expect(seen(world)).toEqual(['alarm'])
    expect(world.system.deadLetters.last).toMatchObject([{ type: 'rest', reason: 'stale-tick' }])
    await world.advance(1_000)
    expect(seen(world)).toEqual(['alarm', 'rest'])
  })

  it('begins to count anew in its next life', async () => {
    const world = await started(durable)
    await world.advance(900)
    world.tell(at, 'fail')
    await world.settle()
    await world.advance(900)
    expect(seen(world)).toEqual([])
    await world.advance(100)
    expect([seen(world), world.system.inspect(at).incarnation]).toEqual([['rest'], 2])
  })

  it('leaves no timer behind when it ends, and when the system stops', async () => {
    const world = await started(durable)
    world.tell(at, 'end')
    await world.settle()
    expect(world.authorities.timers).toBe(0)
    const other = await started(durable)
    await other.stop()
    expect(other.authorities.timers).toBe(0)
  })
})

describe('After a restart of the process an actor with an idle time', () => {
  it('begins to count anew', async () => {
    const world = await started()
    await world.advance(900)
    await world.recover()
    await world.advance(999)
    expect(seen(world)).toEqual([])
    await world.advance(1)
    expect(seen(world)).toEqual(['rest'])
    await world.reopen()
    await world.advance(1_000)
    expect(seen(world)).toEqual(['rest', 'rest'])
  })

  it.each([1, 2, 3, 4, 5])('is told once, wherever the process ended (%i commits)', async (commits) => {
    gate.later = new Later()
    const root = supervisor({ name: 'root', children: [child(worker(true))] })
    const world = new World({ root }, commits)
    await world.open()
    world.tell(at, 'work', 'first')
    await world.advance(1_000)
    world.crash()
    const told = world.recordsOf('message').filter(({ timer }) => timer === '$idle').length
    await world.open()
    await world.settle()
    const rests = (seen(world) as string[]).filter((what) => what === 'rest')
    expect(rests).toHaveLength(told)
  })

  it('is told what waited when it ended', async () => {
    const world = await started()
    await heldTick(world)
    await world.recover()
    expect(seen(world)).toEqual(['rest'])
    await world.advance(10_000)
    expect(seen(world)).toEqual(['rest'])
  })

  it('is not told what had been overtaken when it ended', async () => {
    const world = await started(true, ['hold'])
    await heldTick(world)
    world.tell(at, 'hold')
    System.kernelOf(world.system).dispatcher.release()
    await world.settle()
    expect(world.system.inspect(at)).toMatchObject({ status: 'waiting', waiting: ['rest'] })
    await world.recover()
    gate.later.resolve(1)
    await world.settle()
    expect(seen(world)).toEqual([])
    expect(world.system.deadLetters.last).toMatchObject([{ type: 'rest', reason: 'stale-tick' }])
  })

  it('takes ticks of an idle time that the code no longer has as messages', async () => {
    const world = await started()
    await world.advance(1_000)
    const { idle: _, ...rest } = worker(true).spec
    await world.recover({ root: supervisor({ name: 'root', children: [child(actor(rest))] }) })
    await world.advance(10_000)
    expect(seen(world)).toEqual(['rest'])
  })
})

it('The key of idle ticks is nobody else’s', async () => {
  const world = await started()
  const { cause } = (await world.askFails(at, 'refused')) as Error
  expect(cause).toMatchObject({ code: 'HF_INVALID' })
})
