import { actor, allForOne, child, supervisor } from 'holdfast'
import type { TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { member, rootOf } from './chronicle.js'

const gate = { later: new Later(), next: new Later() }

const watcher = actor({
  name: 'watcher',
  attempts: 2,
  state: () => ({ heard: [] as string[], failsAt: '', starts: 0 }),
  onStart(ctx) {
    if (++ctx.state.starts > 1 && ctx.state.failsAt !== '') ctx.unwatch(ctx.ref(ctx.state.failsAt))
  },
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
    hold: (ctx) => ctx.effect('hold', () => gate.next.promise),
    /** Waits, and takes the watch back when it goes on; what comes meanwhile is in the mailbox by then. */
    async holdAndUnwatch(ctx, path: string) {
      await ctx.effect('hold', () => gate.later.promise)
      ctx.unwatch(ctx.ref(path))
    },
    async holdAndWatchAnew(ctx, path: string) {
      await ctx.effect('hold', () => gate.later.promise)
      ctx.unwatch(ctx.ref(path))
      ctx.watch(ctx.ref(path), 'gone')
    },
    async holdAndWatchAgain(ctx, path: string) {
      await ctx.effect('hold', () => gate.later.promise)
      ctx.unwatch(ctx.ref(path))
      ctx.watch(ctx.ref(path))
      ctx.unwatch(ctx.ref(path))
      ctx.watch(ctx.ref(path))
    },
    watchThrice(ctx, path: string) {
      for (const type of ['terminated', 'gone', 'terminated']) ctx.watch(ctx.ref(path), type)
    },
    async holdAndEnd(ctx) {
      await ctx.effect('hold', () => gate.next.promise)
      ctx.stop(ctx.self)
    },
    watchAndUnwatch(ctx, path: string) {
      ctx.watch(ctx.ref(path))
      ctx.unwatch(ctx.ref(path))
    },
    async waitWatchAndUnwatch(ctx, path: string) {
      ctx.watch(ctx.ref(path))
      await ctx.effect('pass', () => 1)
      ctx.unwatch(ctx.ref(path))
    },
    failAt(ctx, path: string) {
      ctx.state.failsAt = path
    },
    hear: (ctx) => ctx.state.heard.length,
    terminated(ctx, { path, reason }: TerminatedNotice) {
      if (path === ctx.state.failsAt) throw new RangeError('not this one')
      ctx.state.heard.push(`${path} ${reason}`)
    },
    gone(ctx, { path, reason }: TerminatedNotice) {
      ctx.state.heard.push(`gone ${path} ${reason}`)
    },
  },
})

const TARGET = '/root/target'
const OTHER = '/root/other'
const volatile = actor({ ...watcher.spec, name: 'volatile', durable: false, onStart: undefined })
const root = rootOf(
  child(watcher),
  child(volatile),
  ...['target', 'other'].map((name) => child(member(name), { restart: 'transient' })),
)
const heard = (world: World, path = '/root/watcher'): unknown => world.state(path).heard
const letters = (world: World): unknown[] =>
  world.system.deadLetters.last.map(({ type, reason }) => [type, reason])

/** Both targets have ended while the watcher of them waits, and their notices are in its mailbox. */
async function queued(
  type: string,
  path = '/root/watcher',
  world?: World,
  between: () => void = () => undefined,
): Promise<World> {
  gate.later = new Later()
  world ??= await World.start({ root })
  await world.ask(path, 'watch', TARGET)
  await world.ask(path, 'watch', OTHER)
  world.tell(path, type, TARGET)
  await world.settle()
  between()
  world.tell(TARGET, 'end')
  world.tell(OTHER, 'end')
  await world.settle()
  expect(world.system.inspect(path).waiting.slice(-2)).toEqual(['terminated', 'terminated'])
  return world
}

describe('SUP-138 A notice that waits when its watch is taken back', () => {
  it.each(['/root/watcher', '/root/volatile'])('is not handled any more by %s', async (path) => {
    const world = await queued('holdAndUnwatch', path)
    gate.later.resolve(1)
    await world.settle()
    expect(heard(world, path)).toEqual([`${OTHER} normal`])
    expect(letters(world)).toEqual([['terminated', 'stale-notice']])
  })

  it('is named by the record of that, so that the next process does not handle it either', async () => {
    const world = await queued('holdAndUnwatch')
    const [notice] = world.recordsOf('message').filter((record) => record.type === 'terminated')
    gate.later.resolve(1)
    await world.settle()
    expect(world.recordsOf('unwatched').map((record) => record.data())).toMatchObject([
      { taken: [notice!.position] },
    ])
    expect(world.recordsOf('dead').map((record) => record.data())).toEqual([
      { message: notice!.position, reason: 'stale-notice' },
    ])
  })

  it('is not handled wherever the process is killed between the two', async () => {
    const whole = await queued('holdAndUnwatch')
    gate.later.resolve(1)
    await whole.settle()
    for (let cut = 1; cut <= whole.store.commits; cut++) {
      const world = new World({ root }, cut)
      await world.open()
      gate.later = new Later()
      for (const path of [TARGET, OTHER]) world.tell('/root/watcher', 'watch', path)
      world.tell('/root/watcher', 'holdAndUnwatch', TARGET)
      await world.settle()
      for (const path of [TARGET, OTHER]) world.tell(path, 'end')
      await world.settle()
      gate.later.resolve(1)
      await world.settle()
      await world.recover()
      if (world.recordsOf('unwatched').length > 0)
        expect(heard(world), `cut ${cut}`).not.toContain(`${TARGET} normal`)
      expect(world.system.inspect('/root/watcher').mailbox, `cut ${cut}`).toBe(0)
    }
  })

  it('waits no longer in the next process, when the process is killed before it is dropped', async () => {
    const world = await World.start({ root })
    gate.next = new Later()
    await queued('holdAndUnwatch', '/root/watcher', world, () => world.tell('/root/watcher', 'hold'))
    gate.later.resolve(1)
    await world.settle()
    const waiting = (): readonly string[] => world.system.inspect('/root/watcher').waiting
    expect(waiting()).toEqual(['terminated', 'terminated'])
    expect(letters(world)).toEqual([])
    await world.recover()
    expect(waiting()).toEqual(['terminated'])
    gate.next.resolve(1)
    await world.settle()
    expect(heard(world)).toEqual([`${OTHER} normal`])
    expect(letters(world)).toEqual([])
  })

  it('is marked again in the next process, where it is taken back as well', async () => {
    const world = await queued('holdAndUnwatch')
    await world.recover()
    expect(world.system.inspect('/root/watcher').waiting).toEqual(['terminated', 'terminated'])
    gate.later.resolve(1)
    await world.settle()
    expect(heard(world)).toEqual([`${OTHER} normal`])
    expect(letters(world)).toEqual([['terminated', 'stale-notice']])
    await world.recover()
    expect(heard(world)).toEqual([`${OTHER} normal`])
  })

  it('gives way to the notice of a watch that begins again', async () => {
    const world = await queued('holdAndWatchAnew')
    gate.later.resolve(1)
    await world.settle()
    expect(heard(world)).toEqual([`${OTHER} normal`, `gone ${TARGET} normal`])
  })

  it('gives way to one like it, when the same turn begins the watch again', async () => {
    for (const isKilled of [false, true]) {
      const world = await queued('holdAndWatchAgain')
      gate.later.resolve(1)
      if (isKilled) await world.recover()
      await world.settle()
      expect(heard(world)).toEqual([`${OTHER} normal`, `${TARGET} normal`])
      const [first, second] = world.recordsOf('unwatched').map((record) => record.data().taken)
      expect([first?.length, second?.length, first?.[0] === second?.[0]]).toEqual([1, 1, false])
    }
  })

  it.each(['watchAndUnwatch', 'waitWatchAndUnwatch'])(
    'is not handled when one turn begins and ends the watch on one that is gone: %s',
    async (type) => {
      const world = await World.start({ root })
      await world.ask(TARGET, 'end')
      for (const path of [TARGET, '/root/nobody']) await world.ask('/root/watcher', type, path)
      const isTaken = (position: number): boolean =>
        world.recordsOf('unwatched').some((record) => record.data().taken?.includes(position) === true)
      const notices = world.recordsOf('message').filter((record) => record.type === 'terminated')
      expect(notices.map(({ position }) => isTaken(position))).toEqual([true, true])
      await world.recover()
      expect(heard(world)).toEqual([])
    },
  )

  it('is not tried again either, when a start hook takes the watch back', async () => {
    const world = await World.start({ root })
    await world.ask('/root/watcher', 'failAt', TARGET)
    await world.ask('/root/watcher', 'watch', TARGET)
    await world.ask(TARGET, 'end')
    await world.settle()
    expect(world.system.inspect('/root/watcher')).toMatchObject({
      incarnation: 2,
      failures: [{}],
      mailbox: 0,
    })
    expect(letters(world)).toEqual([['terminated', 'stale-notice']])
    // The message behind it begins with its first attempt.
    await world.ask('/root/watcher', 'hear')
    expect(world.recordsOf('turn').at(-1)).toMatchObject({ attempt: 1 })
    await world.recover()
    expect(heard(world)).toEqual([])
  })

  it('is not handled by the next life, which takes the watch back, when a sibling has put it back', async () => {
    gate.later = new Later()
    const slow = actor({
      ...watcher.spec,
      name: 'slow',
      on: { ...watcher.spec.on, terminated: (ctx) => ctx.effect('hold', () => gate.later.promise) },
      onStart(ctx) {
        if (++ctx.state.starts > 1) ctx.unwatch(ctx.ref('/root/target'))
      },
    })
    const pair = supervisor({
      name: 'pair',
      strategy: allForOne(),
      children: [child(slow), child(member('sibling'))],
    })
    const world = await World.start({
      root: rootOf(child(pair), child(member('target'), { restart: 'transient' })),
    })
    await world.ask('/root/pair/slow', 'watch', TARGET)
    await world.ask(TARGET, 'end')
    await world.settle()
    expect(world.system.inspect('/root/pair/slow').status).toBe('waiting')
    world.tell('/root/pair/sibling', 'fail')
    await world.settle()
    expect(world.system.inspect('/root/pair/slow')).toMatchObject({
      status: 'running',
      incarnation: 2,
      mailbox: 0,
    })
    expect(letters(world)).toEqual([['terminated', 'stale-notice']])
  })

  it('is handled after a restart of the watcher, because its mailbox lives on', async () => {
    const world = await queued('holdAndUnwatch')
    gate.later.reject(new RangeError('no'))
    await world.settle()
    expect(world.system.inspect('/root/watcher')).toMatchObject({ incarnation: 3, mailbox: 0 })
    expect(heard(world)).toEqual([`${TARGET} normal`, `${OTHER} normal`])
  })
})

describe('SUP-138 A message that somebody sends', () => {
  it('is no notice, whatever its type: it is handled, and no unwatch takes it back', async () => {
    gate.later = new Later()
    const world = await World.start({ root })
    await world.ask('/root/watcher', 'watch', TARGET)
    world.tell('/root/watcher', 'holdAndUnwatch', TARGET)
    world.tell('/root/watcher', 'terminated', { path: TARGET, reason: 'failed' })
    await world.settle()
    gate.later.resolve(1)
    await world.settle()
    expect(heard(world)).toEqual([`${TARGET} failed`])
    world.tell(TARGET, 'end')
    await world.settle()
    expect(heard(world)).toHaveLength(1)
    const terminated = world.recordsOf('message').filter((record) => record.type === 'terminated')
    expect(terminated.map((record) => record.notice)).toEqual([false])
  })
})

describe('A notice', () => {
  it.each(['reject', 'drop-oldest', 'drop-newest'] as const)(
    'is heard of over the bound of a mailbox that would %s, and makes room for no other message',
    async (overflow) => {
      gate.next = new Later()
      const narrow = actor({ ...watcher.spec, name: 'narrow', mailbox: { capacity: 1, overflow } })
      const targets = ['target', 'other'].map((name) => child(member(name), { restart: 'transient' }))
      const world = await World.start({ root: rootOf(child(narrow), ...targets) })
      for (const path of [TARGET, OTHER]) await world.ask('/root/narrow', 'watch', path)
      world.tell('/root/narrow', 'hold')
      await world.settle()
      if (overflow !== 'drop-oldest') world.tell('/root/narrow', 'hear')
      for (const path of [TARGET, OTHER]) await world.ask(path, 'end')
      if (overflow === 'drop-oldest') for (let i = 0; i < 5; i++) world.tell('/root/narrow', 'hear')
      const rest =
        overflow === 'drop-oldest'
          ? ['terminated', 'terminated', 'hear']
          : ['hear', 'terminated', 'terminated']
      expect(world.system.inspect('/root/narrow').waiting).toEqual(rest)
      gate.next.resolve(1)
      await world.settle()
      expect(heard(world, '/root/narrow')).toEqual([`${TARGET} normal`, `${OTHER} normal`])
    },
  )

  it('of one that has ended is given once while it waits, however often somebody asks for it', async () => {
    gate.next = new Later()
    const world = await World.start({ root })
    await world.ask(TARGET, 'end')
    world.tell('/root/watcher', 'watchThrice', TARGET)
    await world.settle()
    expect(heard(world)).toEqual([`${TARGET} normal`, `gone ${TARGET} normal`])
    await world.ask('/root/watcher', 'watch', TARGET)
    await world.settle()
    expect(heard(world)).toHaveLength(3)
  })

  it('that the end of its watcher has buried does not stand in the way of the next one', async () => {
    gate.next = new Later()
    const world = await World.start({ root })
    await world.ask('/root/watcher', 'watch', TARGET)
    world.tell('/root/watcher', 'holdAndEnd')
    await world.settle()
    await world.ask(TARGET, 'end')
    gate.next.resolve(1)
    await world.settle()
    expect(letters(world)).toEqual([['terminated', 'stopped']])
    await world.ask('/root/watcher', 'watch', TARGET)
    await world.settle()
    expect(heard(world)).toEqual([`${TARGET} normal`])
  })
})
