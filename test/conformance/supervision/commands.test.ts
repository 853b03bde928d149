// What a supervisor does for those who ask it, whose spec names its children.

import { actor, child, type HoldfastError, oneForOne, supervisor } from 'holdfast'
import type { ChildStatus } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { ends, failEach, incarnations, lines, member, rootOf } from './chronicle.js'

const [a, b, later] = ['a', 'b', 'later'].map(member) as [
  ReturnType<typeof member>,
  ReturnType<typeof member>,
  ReturnType<typeof member>,
]
const group = supervisor({ name: 'group', children: [child(a), child(b)] })
const GROUP = '/root/group'

const start = (definitions = [later]): Promise<World> =>
  World.start({ root: rootOf(child(group)), definitions })

/** What a command was refused with. */
async function refusal(world: World, command: string, order?: unknown): Promise<unknown> {
  const error = (await world.askFails(GROUP, command, order)) as HoldfastError
  return error.code
}

const listed = async (world: World): Promise<string[]> => {
  const children = await world.ask<ChildStatus[]>(GROUP, 'which')
  return children.map(({ id, status }) => `${id} ${status}`)
}

describe('A supervisor that is asked', () => {
  it('which and how many children it has, lists them in start order and counts them', async () => {
    const world = await start()
    expect(await world.ask(GROUP, 'which')).toEqual([
      {
        id: 'a',
        path: `${GROUP}/a`,
        definition: 'a',
        kind: 'actor',
        restart: 'permanent',
        status: 'running',
        stopped: undefined,
      },
      {
        id: 'b',
        path: `${GROUP}/b`,
        definition: 'b',
        kind: 'actor',
        restart: 'permanent',
        status: 'running',
        stopped: undefined,
      },
    ])
    expect(await world.ask(GROUP, 'count')).toEqual({ specs: 2, active: 2, supervisors: 0, workers: 2 })
    expect(await world.ask('/root', 'count')).toEqual({ specs: 2, active: 2, supervisors: 1, workers: 1 })
    expect(await world.ask(GROUP, 'which', { after: 'a', limit: 1 })).toMatchObject([{ id: 'b' }])
    expect(await refusal(world, 'which', { after: 'nobody' })).toBe('HF_NO_SUCH_CHILD')
    expect(await refusal(world, 'which', { limit: 0 })).toBe('HF_INVALID')
  })

  it('to start another child, adds it behind the others, answers its ref, and has it after a crash as before', async () => {
    const world = await start()
    const order = {
      definition: 'later',
      id: 'c',
      restart: 'transient',
      shutdown: 1_234,
      budget: { maxRestarts: 0 },
    }
    expect(await world.ask(GROUP, 'start', order)).toMatchObject({ path: `${GROUP}/c` })
    expect(lines(world).at(-1)).toBe('start later')
    expect(await world.ask(`${GROUP}/c`, 'add')).toBe(1)
    await world.recover()
    expect(await listed(world)).toEqual(['a running', 'b running', 'c running'])
    expect(await world.ask(`${GROUP}/c`, 'add')).toBe(2)
    // Its budget came back with it: none.
    await failEach(world, `${GROUP}/c`)
    expect(ends(world)).toEqual(['c gave-up'])
  })

  it('SUP-17 to start a child whose id is that of a running one, says who has it and starts nothing', async () => {
    const world = await start()
    const error = (await world.askFails(GROUP, 'start', { definition: 'later', id: 'a' })) as HoldfastError
    expect(error).toMatchObject({ code: 'HF_CHILD_RUNNING', actor: GROUP })
    expect(error.message).toBe(`${GROUP}/a is running.`)
    expect(incarnations(world, '/root', GROUP, `${GROUP}/a`)).toEqual([1, 1, 1])
    expect(world.recordsOf('failed')).toEqual([])
  })

  it('SUP-18 to start one whose id is that of a child that has ended, says that it has its place', async () => {
    const world = await start()
    await world.ask(GROUP, 'terminate', { id: 'a' })
    expect(await refusal(world, 'start', { definition: 'later', id: 'a' })).toBe('HF_CHILD_PRESENT')
  })

  it('SUP-19 to terminate a permanent child, ends it as shutdown, keeps its place, and does not mind to be asked again', async () => {
    const world = await start()
    await world.ask(GROUP, 'terminate', { id: 'a' })
    expect(ends(world)).toEqual(['a shutdown'])
    expect(lines(world).at(-1)).toBe('stop a')
    await world.ask(GROUP, 'terminate', { id: 'a' })
    expect(await listed(world)).toEqual(['a stopped', 'b running'])
    expect(await world.ask(GROUP, 'count')).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 })
    expect(await refusal(world, 'terminate', { id: 'nobody' })).toBe('HF_NO_SUCH_CHILD')
    await world.recover()
    expect(await listed(world)).toEqual(['a stopped', 'b running'])
  })

  it('to terminate a child answers when it has ended, and serves others meanwhile', async () => {
    const gate = new Later()
    const slow = actor({ ...a.spec, onStop: (ctx) => ctx.effect('gate', () => gate.promise) })
    const world = await World.start({
      root: rootOf(child(supervisor({ name: 'group', children: [child(slow), child(b)] }))),
    })
    let isOver = false
    const asked = world.system.ref(GROUP).ask('terminate' as never, { id: 'a' })
    void asked.then(() => (isOver = true))
    await world.settle()
    expect(await listed(world)).toEqual(['a stopping', 'b running'])
    expect(isOver).toBe(false)
    gate.resolve(1)
    await world.settled(asked)
    expect(await listed(world)).toEqual(['a stopped', 'b running'])
  })

  it('SUP-21 SUP-34 to restart a child, starts one that has ended in its place, and refuses one that runs or is unknown', async () => {
    const world = await start()
    expect(await refusal(world, 'restart', { id: 'a' })).toBe('HF_CHILD_RUNNING')
    expect(await refusal(world, 'restart', { id: 'nobody' })).toBe('HF_NO_SUCH_CHILD')
    await world.ask(`${GROUP}/a`, 'add')
    await world.ask(GROUP, 'terminate', { id: 'a' })
    expect(await world.ask(GROUP, 'restart', { id: 'a' })).toMatchObject({ path: `${GROUP}/a` })
    expect(await listed(world)).toEqual(['a running', 'b running'])
    expect(incarnations(world, `${GROUP}/a`, `${GROUP}/b`)).toEqual([2, 1])
    expect(await world.ask(`${GROUP}/a`, 'add')).toBe(2)
  })

  it('SUP-60 to terminate and restart oftener than its budget grants, is charged nothing', async () => {
    const world = await start()
    for (let i = 0; i < 6; i++) {
      await world.ask(GROUP, 'terminate', { id: 'a' })
      await world.ask(GROUP, 'restart', { id: 'a' })
    }
    expect(incarnations(world, GROUP, `${GROUP}/a`)).toEqual([1, 7])
    await failEach(world, `${GROUP}/a`, `${GROUP}/a`, `${GROUP}/a`)
    expect(incarnations(world, GROUP)).toEqual([1])
  })

  it('to delete a child, forgets one that has ended; its id is free, and a crash does not bring it back', async () => {
    const world = await start()
    expect(await refusal(world, 'delete', { id: 'a' })).toBe('HF_CHILD_RUNNING')
    await world.ask(GROUP, 'terminate', { id: 'a' })
    await world.ask(GROUP, 'delete', { id: 'a' })
    expect(await listed(world)).toEqual(['b running'])
    await world.reopen()
    expect(await listed(world)).toEqual(['b running'])
    expect(await world.ask(GROUP, 'start', { definition: 'later', id: 'a' })).toMatchObject({
      path: `${GROUP}/a`,
    })
    expect(await listed(world)).toEqual(['b running', 'a running'])
  })

  it('for what makes no sense, refuses it by its field and goes on', async () => {
    const world = await start()
    const fieldOf = async (command: string, order?: unknown): Promise<string> =>
      ((await world.askFails(GROUP, command, order)) as Error).message
    expect(await fieldOf('start', {})).toContain('start.definition')
    expect(await fieldOf('start', { definition: 'later', id: 'x/y' })).toContain('child.id')
    expect(await fieldOf('start', { definition: 'later', restart: 'always' })).toContain('child.restart')
    expect(await fieldOf('start', { definition: 'nobody' })).toContain('"nobody"')
    expect(await fieldOf('terminate', 'a')).toContain('terminate')
    expect(await fieldOf('terminate', {})).toContain('id')
    const warnings = world.events('warning')
    world.tell(GROUP, 'terminate', { id: 'nobody' })
    await world.settle()
    expect(warnings).toMatchObject([{ actor: GROUP, error: { code: 'HF_NO_SUCH_CHILD' } }])
    expect(world.recordsOf('failed')).toEqual([])
    expect(await listed(world)).toEqual(['a running', 'b running'])
  })

  it('SUP-23 to start a child that does not come up, tells why, keeps no place for it, and has not failed', async () => {
    const broken = actor({
      name: 'broken',
      onStart() {
        throw new RangeError('no ground')
      },
      on: {},
    })
    const world = await World.start({ root: rootOf(child(group)), definitions: [broken] })
    const error = (await world.askFails(GROUP, 'start', { definition: 'broken' })) as HoldfastError
    expect(error).toMatchObject({ code: 'HF_START_FAILED' })
    expect(error.message).toContain('no ground')
    expect(await listed(world)).toEqual(['a running', 'b running'])
    expect(incarnations(world, GROUP)).toEqual([1])
    await world.recover()
    expect(await listed(world)).toEqual(['a running', 'b running'])
  })

  it('by another actor answers in its turn, which a crash does not lose', async () => {
    const asking = actor({
      name: 'asking',
      state: () => ({ got: [] as string[] }),
      on: {
        async go(ctx) {
          const ref = await ctx.ask(ctx.ref(group, GROUP), 'start', { definition: 'later' })
          ctx.state.got.push(ref?.path ?? 'nothing')
          await ctx.ask(ctx.ref(group, GROUP), 'terminate', { id: 'nobody' }).catch((error: unknown) => {
            ctx.state.got.push((error as HoldfastError).code)
          })
          return ctx.effect('end', () => ctx.state.got.length)
        },
      },
    })
    const world = await World.start({ root: rootOf(child(group), child(asking)), definitions: [later] })
    expect(await world.ask('/root/asking', 'go')).toBe(2)
    const got = { got: [`${GROUP}/later`, 'HF_NO_SUCH_CHILD'] }
    expect(world.state('/root/asking')).toEqual(got)
    await world.recover()
    expect(world.state('/root/asking')).toEqual(got)
  })
})

describe('A child in a failing restart loop', () => {
  // It comes up once; then it waits between one failing start and the next.
  const failing = (mayStart: () => boolean) =>
    actor({
      ...a.spec,
      onRestart() {
        if (!mayStart()) throw new Error('not yet')
      },
    })

  async function inLoop(): Promise<{ world: World; repair: () => void }> {
    let isWell = true
    const spec = child(
      failing(() => isWell),
      { backoff: { minMs: 1_000, maxMs: 1_000, jitter: 0 } },
    )
    const looping = supervisor({
      name: 'group',
      strategy: oneForOne({ maxRestarts: 100, withinMs: 60_000 }),
      children: [spec, child(b)],
    })
    const world = await World.start({ root: rootOf(child(looping)), definitions: [later] })
    isWell = false
    await failEach(world, `${GROUP}/a`)
    await world.advance(2_500)
    return { world, repair: () => (isWell = true) }
  }

  it('SUP-68 is listed as restarting and not as active; start says present, restart and delete say restarting', async () => {
    const { world } = await inLoop()
    expect(await listed(world)).toEqual(['a restarting', 'b running'])
    expect(await world.ask(GROUP, 'count')).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 })
    expect(await refusal(world, 'start', { definition: 'later', id: 'a' })).toBe('HF_CHILD_PRESENT')
    expect(await refusal(world, 'restart', { id: 'a' })).toBe('HF_CHILD_RESTARTING')
    expect(await refusal(world, 'delete', { id: 'a' })).toBe('HF_CHILD_RESTARTING')
  })

  it('SUP-68 is ended by terminate between two attempts, and starts by hand when it is well again', async () => {
    const { world, repair } = await inLoop()
    await world.ask(GROUP, 'terminate', { id: 'a' })
    expect(await listed(world)).toEqual(['a stopped', 'b running'])
    const attempts = incarnations(world, `${GROUP}/a`)
    await world.advance(60_000)
    expect(incarnations(world, `${GROUP}/a`)).toEqual(attempts)
    expect(await refusal(world, 'restart', { id: 'a' })).toBe('HF_START_FAILED')
    expect(await listed(world)).toEqual(['a stopped', 'b running'])
    repair()
    await world.ask(GROUP, 'restart', { id: 'a' })
    expect(await listed(world)).toEqual(['a running', 'b running'])
  })
})

describe('A significant child', () => {
  it('SUP-92 that is terminated by hand does not end its supervisor', async () => {
    const finishing = supervisor({
      name: 'group',
      autoShutdown: 'any',
      children: [child(a, { restart: 'transient', significant: true }), child(b)],
    })
    const world = await World.start({ root: rootOf(child(finishing)) })
    await world.ask(GROUP, 'terminate', { id: 'a' })
    expect(await listed(world)).toEqual(['a stopped', 'b running'])
    expect(incarnations(world, GROUP)).toEqual([1])
  })
})
