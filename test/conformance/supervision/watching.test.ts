import { actor, child, oneForOne, supervisor } from 'holdfast'
import type { TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'
import { failEach, incarnations, member, rootOf } from './chronicle.js'

const watcher = actor({
  name: 'watcher',
  state: () => ({ notices: [] as TerminatedNotice[], gone: [] as TerminatedNotice[] }),
  on: {
    watch(ctx, path: string) {
      ctx.watch(ctx.ref(path))
    },
    watchAs(ctx, path: string) {
      ctx.watch(ctx.ref(path), 'gone')
    },
    unwatch(ctx, path: string) {
      ctx.unwatch(ctx.ref(path))
    },
    terminated(ctx, notice: TerminatedNotice) {
      ctx.state.notices.push(notice)
    },
    gone(ctx, notice: TerminatedNotice) {
      ctx.state.gone.push(notice)
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
  },
})

const TARGET = '/root/group/target'
const target = actor({ ...member('target').spec, onFailure: { default: 'stop' } })
const watchers = ['w1', 'w2', 'w3'].map((id) => child(watcher, { id, restart: 'transient' }))

/** Three watchers, and a group whose target ends in the way that it is told to. */
function watched(): Promise<World> {
  const group = supervisor({
    name: 'group',
    strategy: oneForOne({ maxRestarts: 0 }),
    children: [child(target, { restart: 'transient' }), child(member('sibling'))],
  })
  return World.start({ root: rootOf(...watchers, child(group, { restart: 'temporary' })) })
}

const notices = (world: World, id: string): unknown => world.state(`/root/${id}`).notices

describe('The end of an actor', () => {
  it('SUP-129 gives each of three watchers one notice', async () => {
    const world = await watched()
    for (const id of ['w1', 'w2', 'w3', 'w1']) await world.ask(`/root/${id}`, 'watch', TARGET)
    world.tell(TARGET, 'end')
    await world.advance(60_000)
    const notice = { path: TARGET, reason: 'normal' }
    for (const id of ['w1', 'w2', 'w3']) expect(notices(world, id)).toEqual([notice])
    expect(world.recordsOf('message').filter(({ type }) => type === 'terminated')).toHaveLength(3)
  })

  it('SUP-131 is not told to one that has taken its watch back, and is told to the others', async () => {
    const world = await watched()
    await world.ask('/root/w1', 'watch', TARGET)
    await world.ask('/root/w2', 'watch', TARGET)
    await world.ask('/root/w1', 'unwatch', TARGET)
    world.tell(TARGET, 'end')
    await world.settle()
    expect(notices(world, 'w1')).toEqual([])
    expect(notices(world, 'w2')).toEqual([{ path: TARGET, reason: 'normal' }])
  })

  it('SUP-133 is told once, after the failure that was one too many, and not after those before it', async () => {
    const group = supervisor({
      name: 'group',
      strategy: oneForOne({ maxRestarts: 2 }),
      children: [child(member('target'))],
    })
    const world = await World.start({ root: rootOf(...watchers, child(group, { restart: 'temporary' })) })
    await world.ask('/root/w1', 'watch', TARGET)
    await failEach(world, TARGET, TARGET)
    expect(world.system.inspect(TARGET)).toMatchObject({ incarnation: 3, status: 'running' })
    expect(notices(world, 'w1')).toEqual([])
    await failEach(world, TARGET)
    await world.advance(60_000)
    expect(notices(world, 'w1')).toEqual([{ path: TARGET, reason: 'shutdown' }])
  })

  it('SUP-135 comes as the message that the watcher has chosen, and in no other way', async () => {
    const world = await watched()
    await world.ask('/root/w1', 'watchAs', TARGET)
    world.tell(TARGET, 'end')
    await world.settle()
    expect(world.state('/root/w1')).toEqual({ notices: [], gone: [{ path: TARGET, reason: 'normal' }] })
  })

  it.each([
    ['normal', TARGET, 'end', undefined],
    ['failed', TARGET, 'fail', { name: 'RangeError', message: 'target failed' }],
    ['shutdown', '/root/group/sibling', 'fail', undefined],
  ])('SUP-137 is told with its reason: %s', async (reason, path, type, error) => {
    const world = await watched()
    await world.ask('/root/w1', 'watch', TARGET)
    await world.ask('/root/w2', 'watch', TARGET)
    await world.ask('/root/w2', 'unwatch', TARGET)
    world.tell(path, type)
    await world.settle()
    const notice = error === undefined ? { path: TARGET, reason } : { path: TARGET, reason, error }
    expect(notices(world, 'w1')).toEqual([notice])
    expect(notices(world, 'w2')).toEqual([])
    expect(incarnations(world, '/root/w1', '/root/w2')).toEqual([1, 1])
  })

  it('SUP-137 goes one way: the end of a watcher does nothing to the one that it watched', async () => {
    const world = await watched()
    await world.ask('/root/w1', 'watch', TARGET)
    await world.ask('/root/w1', 'end')
    expect(world.system.inspect('/root/w1').stopped).toBe('normal')
    expect(world.system.inspect(TARGET)).toMatchObject({ status: 'running', incarnation: 1 })
    world.tell(TARGET, 'end')
    await world.settle()
    expect(world.system.inspect(TARGET).stopped).toBe('normal')
    expect(world.system.deadLetters.count).toBe(0)
  })
})
