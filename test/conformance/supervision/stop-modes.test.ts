// The three ways to stop an actor: after the message in hand, after its mailbox, and now.

import { actor, child, supervisor, type StopMode } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'

const gate = { later: new Later() }
const left: string[] = []

const worker = actor({
  name: 'worker',
  state: () => ({ done: [] as number[] }),
  onStop(ctx) {
    left.push(ctx.state.done.join())
  },
  on: {
    do(ctx, n: number) {
      ctx.state.done.push(n)
    },
    hold: (ctx) => ctx.effect('hold', () => gate.later.promise),
    fail() {
      throw new Error('no')
    },
    end(ctx, how: StopMode) {
      ctx.stop(ctx.self, how)
    },
  },
})

const boss = actor({
  name: 'boss',
  spawns: [worker],
  state: (): { ended: string[] } => ({ ended: [] }),
  onStart(ctx) {
    ctx.watch(ctx.spawn(worker, { name: 'worker' }))
  },
  on: {
    end(ctx, how: StopMode) {
      ctx.stop(ctx.ref('/root/boss/worker'), how)
    },
    terminated(ctx, { reason }: { reason: string }) {
      ctx.state.ended.push(reason)
    },
  },
})
const root = supervisor({ name: 'root', children: [child(boss), child(worker, { id: 'fixed' })] })
const WORKER = '/root/boss/worker'

async function started(): Promise<World> {
  gate.later = new Later()
  left.length = 0
  return World.start({ root })
}

/** Tells a worker that is in the middle of a turn ten numbers, and its boss how to stop it. */
async function busy(world: World, how: StopMode): Promise<void> {
  world.tell(WORKER, 'hold')
  await world.settle()
  for (let n = 0; n < 10; n++) world.tell(WORKER, 'do', n)
  world.tell('/root/boss', 'end', how)
  await world.settle()
}

const ended = (world: World): unknown => world.state<{ ended: string[] }>('/root/boss').ended
const dead = (world: World): number[] => world.recordsOf('dead').map((record) => record.data().message)

describe('an actor that is told to stop', () => {
  it('SUP-149 completes the message in hand, and the ten behind it become dead letters', async () => {
    const world = await started()
    await busy(world, 'stop')
    expect(ended(world)).toEqual([])
    gate.later.resolve(1)
    await world.settle()
    expect([ended(world), left, dead(world).length]).toEqual([['normal'], [''], 10])
    await world.stop()
  })
})

describe('an actor that drains', () => {
  it('SUP-148 handles what waits, refuses tells and asks at once, and then ends with its stop hook', async () => {
    const world = await started()
    await busy(world, 'drain')
    world.tell(WORKER, 'do', 99)
    await expect(world.ask(WORKER, 'do', 99)).rejects.toMatchObject({ code: 'HF_ACTOR_STOPPED' })
    expect(world.system.inspect(WORKER).waiting).toEqual(Array(10).fill('do'))
    gate.later.resolve(1)
    await world.settle()
    expect([ended(world), left]).toEqual([['normal'], ['0,1,2,3,4,5,6,7,8,9']])
    expect(world.system.deadLetters.last).toMatchObject([
      { type: 'do', reason: 'stopped' },
      { type: 'do', reason: 'stopped' },
    ])
    await world.stop()
  })

  it('with nothing to do ends at once, and so does one that drains itself', async () => {
    const world = await started()
    world.tell('/root/boss', 'end', 'drain')
    await world.settle()
    expect(ended(world)).toEqual(['normal'])
    world.tell('/root/fixed', 'end', 'drain')
    world.tell('/root/fixed', 'do', 1)
    await world.settle()
    // Permanent, so it is there again, and what waited behind the order was handled before.
    expect(left).toEqual(['', '1'])
    expect(world.system.inspect('/root/fixed')).toMatchObject({
      status: 'running',
      incarnation: 2,
      mailbox: 0,
    })
    await world.ask('/root/fixed', 'do', 2)
    await world.stop()
  })

  it('goes on with it after a failure, in its next life', async () => {
    const world = await started()
    world.tell(WORKER, 'hold')
    await world.settle()
    world.tell(WORKER, 'fail')
    world.tell(WORKER, 'do', 1)
    world.tell('/root/boss', 'end', 'drain')
    await world.settle()
    gate.later.resolve(1)
    await world.settle()
    expect([ended(world), left]).toEqual([['normal'], ['1']])
    await world.stop()
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'goes on with it in the next process, killed after %i commits',
    async (commits) => {
      gate.later = new Later()
      left.length = 0
      const world = new World({ root }, commits)
      await world.open()
      await busy(world, 'drain')
      const isOrdered = world.recordsOf('halting').length > 0 && world.store.commits < commits
      await world.recover()
      gate.later.resolve(1)
      await world.settle()
      if (isOrdered) expect([ended(world), left]).toEqual([['normal'], ['0,1,2,3,4,5,6,7,8,9']])
      else expect(dead(world)).toEqual([])
      await world.stop()
    },
  )
})

describe('an actor that is killed', () => {
  it('SUP-150 in a long turn ends at once: the turn is given up, its mailbox is dead, its stop hook does not run', async () => {
    const world = await started()
    await busy(world, 'kill')
    expect([ended(world), left, dead(world).length]).toEqual([['killed'], [], 10])
    gate.later.resolve(1)
    await world.settle()
    expect(world.recordsOf('failed')).toHaveLength(1)
    await world.stop()
  })

  it('by itself is started again when it is permanent', async () => {
    const world = await started()
    world.tell('/root/fixed', 'end', 'kill')
    await world.settle()
    expect(world.system.inspect('/root/fixed')).toMatchObject({ status: 'running', incarnation: 2 })
    expect(left).toEqual([])
    await world.recover()
    expect(world.system.inspect('/root/fixed').status).toBe('running')
    await world.stop()
  })
})

it('a way to stop that there is not is refused by its field', async () => {
  const world = await started()
  const error = await world.askFails('/root/fixed', 'end', 'gently')
  expect(error).toMatchObject({
    code: 'HF_ACTOR_FAILED',
    message: expect.stringContaining('stop.how') as string,
  })
  await world.stop()
})
