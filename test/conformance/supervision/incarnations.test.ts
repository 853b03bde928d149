import { actor, allForOne, child, ignore, supervisor } from 'holdfast'
import type { RestartNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { ends, failEach, incarnations, lines, member, rootOf } from './chronicle.js'

const A = '/root/a'
const restarting = actor({
  ...member('a').spec,
  onRestart(ctx, { incarnation, reason }: RestartNotice) {
    ctx.tell(
      ctx.ref('/root/chronicle'),
      'note',
      `again ${incarnation} ${reason?.message ?? 'with a sibling'}`,
    )
  },
})

describe('A restart hook', () => {
  it('SUP-98 SUP-105 runs in place of the start hook, and is told what the life before failed with', async () => {
    const world = await World.start({ root: rootOf(child(restarting)) })
    await failEach(world, A, A)
    expect(lines(world)).toEqual(['start a', 'again 2 a failed', 'again 3 a failed'])
  })

  it('SUP-106 does not run for an actor that is stopped, killed with the process, or opened again', async () => {
    const world = await World.start({ root: rootOf(child(restarting)) })
    await world.recover()
    expect(lines(world)).toEqual(['start a'])
    await world.reopen()
    expect(lines(world)).toEqual(['start a', 'stop a', 'start a'])
  })

  it('is told of no reason when a sibling takes it along', async () => {
    const group = supervisor({
      name: 'group',
      strategy: allForOne(),
      children: [child(restarting), child(member('b'))],
    })
    const world = await World.start({ root: rootOf(child(group)) })
    await failEach(world, '/root/group/b')
    expect(lines(world)).toEqual(['start a', 'start b', 'stop a', 'again 2 with a sibling', 'start b'])
  })

  it('that throws is a failure to start: it is tried again within the budget, and told of itself', async () => {
    const seen: string[] = []
    const failing = actor({
      ...member('a').spec,
      durable: false,
      onRestart(_ctx, { incarnation, reason }: RestartNotice) {
        seen.push(`${incarnation} ${reason?.message}`)
        if (incarnation < 4) throw new Error(`no ${incarnation}`)
      },
    })
    const world = await World.start({ root: rootOf(child(failing)) })
    await failEach(world, A)
    expect(seen).toEqual(['2 a failed', '3 no 2', '4 no 3'])
    expect(world.system.inspect(A)).toMatchObject({ incarnation: 4, status: 'running' })
  })

  it('that a crash has cut short runs again, with the same notice', async () => {
    let runs = 0
    const waiting = actor({
      ...member('a').spec,
      async onRestart(ctx, { incarnation, reason }: RestartNotice) {
        runs++
        if (runs === 1) await ctx.effect('hang', () => new Promise<number>(() => undefined))
        ctx.tell(ctx.ref('/root/chronicle'), 'note', `again ${incarnation} ${reason?.message}`)
      },
    })
    const world = await World.start({ root: rootOf(child(waiting)) })
    world.tell(A, 'fail', 'cut short')
    await world.settle()
    expect(lines(world)).toEqual(['start a'])
    // What hangs is done again, and now it answers.
    await world.recover({ root: rootOf(child(actor({ ...waiting.spec, onRestart: hasAnswered }))) })
    expect(lines(world)).toEqual(['start a', 'again 2 cut short'])
  })
})

async function hasAnswered(
  ctx: Parameters<NonNullable<(typeof restarting)['spec']['onRestart']>>[0],
  { incarnation, reason }: RestartNotice,
): Promise<void> {
  await ctx.effect('hang', () => 1)
  ctx.tell(ctx.ref('/root/chronicle'), 'note', `again ${incarnation} ${reason?.message}`)
}

describe('A start hook that answers ignore', () => {
  const shy = actor({ ...member('shy').spec, onStart: () => ignore })
  const shyLater = actor({ ...member('shy').spec, onRestart: () => ignore })

  it.each(['permanent', 'transient'] as const)(
    'SUP-6 leaves a %s child in its place, ended as ignored and without a stop hook; the next one starts',
    async (restart) => {
      const world = await World.start({ root: rootOf(child(shy, { restart }), child(member('next'))) })
      const tree = (): string[] => world.system.tree().children.map(({ name, status }) => `${name} ${status}`)
      expect(tree()).toEqual(['chronicle running', 'shy stopped', 'next running'])
      expect(ends(world)).toEqual(['shy ignored'])
      expect(lines(world)).toEqual(['start next'])
      await world.recover()
      expect(tree()).toEqual(['chronicle running', 'shy stopped', 'next running'])
      expect(ends(world)).toEqual(['shy ignored'])
    },
  )

  it('after it has waited is heeded as well', async () => {
    const late = actor({
      ...member('shy').spec,
      onStart: (ctx) => ctx.effect('look', () => 0).then((found) => (found === 0 ? ignore : undefined)),
    })
    const world = await World.start({ root: rootOf(child(late), child(member('next'))) })
    await world.settle()
    expect(ends(world)).toEqual(['shy ignored'])
    expect(lines(world)).toEqual(['start next'])
  })

  it('SUP-39 to a restart ends the child for good, and its siblings go on', async () => {
    const world = await World.start({ root: rootOf(child(shyLater), child(member('next'))) })
    await failEach(world, '/root/shy')
    expect(ends(world)).toEqual(['shy ignored'])
    expect(world.system.inspect('/root/shy')).toMatchObject({ status: 'stopped', incarnation: 2 })
    expect(incarnations(world, '/root', '/root/next')).toEqual([1, 1])
  })

  it('SUP-39 of a child that an actor spawned has it forgotten', async () => {
    const owner = actor({
      name: 'owner',
      spawns: [shy],
      on: {
        begin(ctx) {
          ctx.spawn(shy, { name: 'shy' })
        },
      },
    })
    const world = await World.start({ root: rootOf(child(owner)) })
    world.tell('/root/owner', 'begin')
    await world.settle()
    expect(ends(world)).toEqual(['shy ignored'])
    expect(() => world.system.inspect('/root/owner/shy')).toThrow(
      expect.objectContaining({ code: 'HF_NO_SUCH_ACTOR' }) as Error,
    )
  })

  it('does not count as the end of a significant child', async () => {
    const group = supervisor({
      name: 'group',
      autoShutdown: 'any',
      children: [child(shy, { restart: 'transient', significant: true }), child(member('next'))],
    })
    const world = await World.start({ root: rootOf(child(group)) })
    expect(world.system.inspect('/root/group')).toMatchObject({ status: 'running', incarnation: 1 })
  })

  it('of the root is a system that did not start', async () => {
    await expect(World.start({ root: shy })).rejects.toMatchObject({ code: 'HF_START_FAILED' })
  })
})

describe('An actor that keeps its children', () => {
  const keptOne = member('kept')
  const owner = actor({
    name: 'owner',
    keepChildren: true,
    spawns: [keptOne],
    onStart(ctx) {
      ctx.spawn(keptOne, { name: 'kept' })
    },
    onRestart: () => undefined,
    on: {
      fail() {
        throw new Error('the owner failed')
      },
    },
  })

  it('SUP-115 has the same ones after a restart: their hooks have not run, and their state is theirs', async () => {
    const world = await World.start({ root: rootOf(child(owner)) })
    const kept = '/root/owner/kept'
    expect(await world.ask(kept, 'add')).toBe(1)
    await failEach(world, '/root/owner')
    expect(incarnations(world, '/root/owner', kept)).toEqual([2, 1])
    expect(lines(world)).toEqual(['start kept'])
    expect(await world.ask(kept, 'add')).toBe(2)
    await world.recover()
    expect(await world.ask(kept, 'add')).toBe(3)
  })

  it('SUP-115 restarts one of them that fails while it is itself on its way back', async () => {
    const slow = actor({
      ...owner.spec,
      onRestart: (ctx) => ctx.effect('wait', () => new Promise<number>(() => undefined)),
    })
    const world = await World.start({ root: rootOf(child(slow)) })
    await failEach(world, '/root/owner', '/root/owner/kept')
    expect(world.system.inspect('/root/owner').status).toBe('restarting')
    expect(incarnations(world, '/root/owner', '/root/owner/kept')).toEqual([2, 2])
  })

  it('ends with them when it ends', async () => {
    const world = await World.start({ root: rootOf(child(owner)) })
    await world.reopen()
    expect(lines(world)).toEqual(['start kept', 'stop kept', 'start kept'])
  })

  describe('and is restarted in a turn that waits and has spawned another one', () => {
    let calls = 0
    const parent = actor({
      ...owner.spec,
      on: {
        ...owner.spec.on,
        async another(ctx) {
          const ref = ctx.spawn(keptOne, { name: 'another' })
          ctx.tell(ref, 'add')
          await ctx.effect('wait', () => (++calls === 1 ? new Promise<number>(() => undefined) : calls))
        },
      },
    })
    const another = '/root/owner/another'

    it('has it once, by the attempt that ended', async () => {
      calls = 0
      const group = supervisor({
        name: 'root',
        strategy: allForOne(),
        children: [child(member('a')), child(parent)],
      })
      const world = await World.start({ root: group })
      world.tell('/root/owner', 'another')
      await world.settle()
      await failEach(world, A)
      expect([calls, world.system.inspect('/root/owner').children]).toEqual([2, ['kept', 'another']])
      expect(world.recordsOf('failed')).toHaveLength(1)
      expect(await world.ask(another, 'add')).toBe(2)
      await world.stop()
    })
  })
})
