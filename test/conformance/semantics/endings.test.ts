// What an end says to those who watch it, and what a start hook knows of the life that it begins.

import { actor, child, supervisor } from 'holdfast'
import type { TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from './world.js'

const worker = actor({
  name: 'worker',
  state: () => ({ done: 0 }),
  output: ({ done }) => {
    if (done < 0) throw new RangeError('less than nothing')
    return done > 100 ? () => done : { done }
  },
  on: {
    work(ctx, n: number) {
      ctx.state.done += n
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
    fail() {
      throw new Error('no')
    },
  },
})

const boss = actor({
  name: 'boss',
  spawns: [worker],
  state: () => ({ over: [] as TerminatedNotice[] }),
  onStart(ctx) {
    ctx.watch(ctx.spawn(worker, { name: 'worker', restart: 'temporary' }), 'over')
  },
  on: {
    over(ctx, notice: TerminatedNotice) {
      ctx.state.over.push(notice)
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
  },
})

const path = '/root/boss/worker'

async function started(): Promise<World> {
  return World.start({
    root: supervisor({ name: 'root', children: [child(boss, { restart: 'transient' })] }),
  })
}

const over = (world: World): unknown => world.state('/root/boss').over

describe('The notice of an end', () => {
  it('says what the definition makes of the last state', async () => {
    const world = await started()
    await world.ask(path, 'work', 3)
    await world.ask(path, 'end')
    await world.settle()
    expect(over(world)).toEqual([{ path, reason: 'normal', output: { done: 3 } }])
  })

  it('says it also when the process died between the decision to end and the end', async () => {
    const world = await started()
    await world.ask(path, 'work', 3)
    const { id } = world.system.inspect(path)
    world.crash()
    world.journal.record('halting', id, 0, 0, { child: id })
    world.journal.flush()
    await new Promise((resolve) => setImmediate(resolve))
    await world.recover()
    expect(over(world)).toEqual([{ path, reason: 'normal', output: { done: 3 } }])
  })

  it('says nothing of the kind when it is a failure', async () => {
    const world = await started()
    world.tell(path, 'fail')
    await world.settle()
    expect(over(world)).toEqual([{ path, reason: 'failed', error: { name: 'Error', message: 'no' } }])
  })

  it.each([
    ['be made', -1],
    ['be stored', 101],
  ])('comes without an output that cannot %s, and somebody is told', async (_what, n) => {
    const world = await started()
    const warnings = world.events('warning')
    await world.ask(path, 'work', n)
    await world.ask(path, 'end')
    await world.settle()
    expect(over(world)).toEqual([{ path, reason: 'normal' }])
    expect(warnings).toMatchObject([{ actor: path, message: 'Its output cannot be told.' }])
  })

  it('does not come to one that is on its way out itself', async () => {
    const world = await started()
    await world.ask('/root/boss', 'end')
    await world.settle()
    expect(world.system.deadLetters.count).toBe(0)
  })
})

describe('A start hook', () => {
  const lives = actor({
    name: 'lives',
    state: () => ({ seen: [] as number[] }),
    onStart(ctx, incarnation) {
      ctx.state.seen.push(incarnation)
    },
    on: {
      fail() {
        throw new Error('no')
      },
    },
  })

  it('knows which incarnation it begins; one that goes on after an ordered stop keeps its number', async () => {
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(lives)] }) })
    const seen = (): unknown => world.state('/root/lives').seen
    expect(seen()).toEqual([1])
    await world.askFails('/root/lives', 'fail')
    expect(seen()).toEqual([1, 2])
    await world.recover()
    expect(seen()).toEqual([1, 2])
    await world.reopen()
    expect(seen()).toEqual([1, 2, 2])
    await world.askFails('/root/lives', 'fail')
    expect(seen()).toEqual([1, 2, 2, 3])
  })
})
