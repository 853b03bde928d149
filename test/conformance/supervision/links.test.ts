import { actor, allForOne, child, oneForOne, supervisor } from 'holdfast'
import type { ActorRef, TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { ends, incarnations, rootOf } from './chronicle.js'

const gate = { later: new Later() }

/** Does with links what it is told to. */
const tied = actor({
  name: 'tied',
  state: () => ({ heard: [] as string[], n: 0 }),
  onFailure: { HF_LINK_BROKEN: 'stop', RangeError: 'stop', default: 'restart' },
  on: {
    link(ctx, path: string) {
      ctx.link(ctx.ref(path))
    },
    unlink(ctx, path: string) {
      ctx.unlink(ctx.ref(path))
    },
    dependOn(ctx, path: string) {
      ctx.dependOn(ctx.ref(path))
    },
    watch(ctx, path: string) {
      ctx.watch(ctx.ref(path))
    },
    unwatch(ctx, path: string) {
      ctx.unwatch(ctx.ref(path))
    },
    linkAndUnlink(ctx, path: string) {
      ctx.link(ctx.ref(path))
      ctx.unlink(ctx.ref(path))
    },
    linkTwice(ctx, path: string) {
      ctx.link(ctx.ref(path))
      ctx.dependOn(ctx.ref(path))
    },
    linkAndFail(ctx, path: string) {
      ctx.link(ctx.ref(path))
      throw new TypeError('not linked')
    },
    async holdAndUnlink(ctx, path: string) {
      await ctx.effect('hold', () => gate.later.promise)
      ctx.unlink(ctx.ref(path))
    },
    hold: (ctx) => ctx.effect('hold', () => gate.later.promise),
    add: (ctx) => ++ctx.state.n,
    end(ctx) {
      ctx.stop(ctx.self)
    },
    fail(ctx) {
      throw new RangeError(`${ctx.self.path} failed`)
    },
    restart() {
      throw new TypeError('once more')
    },
    terminated(ctx, { path, reason }: TerminatedNotice) {
      ctx.state.heard.push(`${path} ${reason}`)
    },
  },
})
const restarted = actor({
  ...tied.spec,
  name: 'restarted',
  attempts: 3,
  onFailure: { RangeError: 'stop', default: 'restart' },
})
const resumed = actor({
  ...tied.spec,
  name: 'resumed',
  onFailure: { RangeError: 'stop', default: 'resume' },
})
const volatile = actor({ ...tied.spec, name: 'volatile', durable: false })

const A = '/root/a'
const B = '/root/b'
const C = '/root/c'

function started(of: Record<string, typeof tied> = {}): Promise<World> {
  const names = ['a', 'b', 'c']
  const children = names.map((id) => child(of[id] ?? tied, { id, restart: 'transient' }))
  return World.start({ root: rootOf(...children) })
}

const stopped = (world: World, ...paths: string[]): unknown[] =>
  paths.map((path) => world.system.inspect(path).stopped)
const failures = (world: World, path: string): unknown[] =>
  world.system.inspect(path).failures.map(({ error }) => error.code ?? error.name)

describe('SUP-139 Two actors that are linked to each other', () => {
  it.each([A, B])('both end when %s fails for good, and nobody waits for anybody', async (first) => {
    const world = await started()
    await world.ask(A, 'link', B)
    world.tell(first, 'fail')
    await world.settle()
    expect(stopped(world, A, B, C)).toEqual(['failed', 'failed', undefined])
    expect(ends(world)).toEqual(first === A ? ['a failed', 'b failed'] : ['b failed', 'a failed'])
    expect(await world.ask(C, 'add')).toBe(1)
    await world.stop()
  })

  it('both end when both had linked the other one', async () => {
    const world = await started()
    await world.ask(A, 'link', B)
    await world.ask(B, 'link', A)
    world.tell(B, 'fail')
    await world.settle()
    expect(ends(world)).toEqual(['b failed', 'a failed'])
    expect(failures(world, A)).toEqual(['HF_LINK_BROKEN'])
  })

  it('all end in a ring, each once', async () => {
    const world = await started()
    for (const [from, to] of [
      [A, B],
      [B, C],
      [C, A],
    ] as const)
      await world.ask(from, 'link', to)
    world.tell(B, 'fail')
    await world.settle()
    expect(ends(world).sort()).toEqual(['a failed', 'b failed', 'c failed'])
    expect(world.recordsOf('failed')).toHaveLength(3)
  })

  it('fail with an error that names who has ended and why, and has its error as the cause', async () => {
    const world = await started()
    await world.ask(A, 'link', B)
    world.tell(B, 'fail')
    await world.settle()
    const [failure] = world.system.inspect(A).failures
    expect(failure?.error).toMatchObject({
      name: 'HoldfastError',
      code: 'HF_LINK_BROKEN',
      message: '/root/a depends on /root/b, which has ended: failed (RangeError: /root/b failed).',
      cause: { name: 'RangeError', message: '/root/b failed' },
    })
    await world.recover()
    expect(world.system.inspect(A).failures[0]?.error.cause).toEqual({
      name: 'RangeError',
      message: '/root/b failed',
    })
  })

  it('do not end when one of them ends normally, or has a new life', async () => {
    const world = await started()
    await world.ask(A, 'link', B)
    world.tell(B, 'restart')
    await world.settle()
    expect([...stopped(world, A, B), ...incarnations(world, A, B)]).toEqual([undefined, undefined, 1, 2])
    await world.ask(B, 'end')
    expect(stopped(world, A, B)).toEqual([undefined, 'normal'])
    expect(world.recordsOf('message').filter(({ type }) => type === '$pact')).toEqual([])
    await world.recover()
    expect(stopped(world, A, B)).toEqual([undefined, 'normal'])
  })

  it('are linked as before after a restart of one of them', async () => {
    const world = await started()
    await world.ask(A, 'link', B)
    world.tell(A, 'restart')
    world.tell(B, 'restart')
    await world.settle()
    world.tell(B, 'fail')
    await world.settle()
    expect(stopped(world, A, B)).toEqual(['failed', 'failed'])
  })

  it.each([
    ['restart', restarted, { restarts: 1, stopped: undefined }],
    ['resume', resumed, { restarts: 0, stopped: undefined }],
  ])('are treated as their supervisors decide: %s', async (_directive, other, outcome) => {
    const world = await started({ a: other })
    await world.ask(A, 'add')
    await world.ask(A, 'link', B)
    world.tell(B, 'fail')
    await world.settle()
    expect(world.system.inspect(A)).toMatchObject(outcome)
    // Not tried again: it stays broken.
    expect(failures(world, A)).toEqual(['HF_LINK_BROKEN'])
    expect(await world.ask(A, 'add')).toBe(2)
    await world.recover()
    expect(world.system.inspect(A)).toMatchObject(outcome)
    expect(failures(world, A)).toEqual(['HF_LINK_BROKEN'])
  })

  it('fail once for all links that have broken by then', async () => {
    const world = await started({ a: restarted })
    gate.later = new Later()
    for (const path of [B, C]) await world.ask(A, 'link', path)
    world.tell(A, 'hold')
    await world.settle()
    for (const path of [B, C]) world.tell(path, 'fail')
    await world.settle()
    expect(world.system.inspect(A).waiting).toEqual(['$pact', '$pact'])
    for (const isKilled of [false, true]) {
      if (isKilled) await world.recover()
      else gate.later.resolve(1)
      await world.settle()
      expect(world.system.inspect(A)).toMatchObject({ restarts: 1, mailbox: 0 })
      expect(failures(world, A)).toEqual(['HF_LINK_BROKEN'])
    }
    expect(world.recordsOf('dead').map((record) => record.data().reason)).toEqual(['stale-notice'])
  })
})

describe('SUP-139 A broken link that waits behind another one', () => {
  it('fails nobody in the next process either, when the process is killed before the new life begins', async () => {
    gate.later = new Later()
    const backoff = { minMs: 1_000, maxMs: 1_000, jitter: 0 }
    const others = ['b', 'c'].map((id) => child(tied, { id, restart: 'transient' }))
    const world = await World.start({ root: rootOf(child(restarted, { id: 'a', backoff }), ...others) })
    for (const path of [B, C]) await world.ask(A, 'link', path)
    world.tell(A, 'hold')
    await world.settle()
    for (const path of [B, C]) world.tell(path, 'fail')
    await world.settle()
    gate.later.resolve(1)
    await world.settle()
    expect(world.system.inspect(A)).toMatchObject({ status: 'restarting', waiting: ['$pact'] })
    await world.recover()
    expect(world.system.inspect(A).waiting).toEqual([])
    await world.advance(2_000)
    expect(world.system.inspect(A)).toMatchObject({ status: 'running', restarts: 1 })
    expect(failures(world, A)).toEqual(['HF_LINK_BROKEN'])
  })
})

describe('SUP-140 A link', () => {
  it('fails a sibling when one dies, and after unlink it does not', async () => {
    for (const unlinks of [undefined, A, B]) {
      const world = await started()
      await world.ask(A, 'link', B)
      if (unlinks !== undefined) await world.ask(unlinks, 'unlink', unlinks === A ? B : A)
      world.tell(B, 'fail')
      await world.settle()
      expect(stopped(world, A, B)).toEqual([unlinks === undefined ? 'failed' : undefined, 'failed'])
      await world.recover()
      expect(stopped(world, A, B)).toEqual([unlinks === undefined ? 'failed' : undefined, 'failed'])
    }
  })

  it('that is cut fails nobody, also when its break waits in the mailbox', async () => {
    for (const isKilled of [false, true]) {
      gate.later = new Later()
      const world = await started()
      await world.ask(A, 'link', B)
      world.tell(A, 'holdAndUnlink', B)
      await world.settle()
      world.tell(B, 'fail')
      await world.settle()
      expect(world.system.inspect(A).waiting).toEqual(['$pact'])
      if (isKilled) await world.recover()
      gate.later.resolve(1)
      await world.settle()
      expect(stopped(world, A, B)).toEqual([undefined, 'failed'])
      expect(world.system.deadLetters.last).toMatchObject([{ type: '$pact', reason: 'stale-notice' }])
      await world.recover()
      expect(stopped(world, A, B)).toEqual([undefined, 'failed'])
    }
  })

  it('one way fails the one that depends, and not the other one', async () => {
    const world = await started()
    await world.ask(A, 'dependOn', B)
    await world.ask(C, 'dependOn', A)
    world.tell(A, 'fail')
    await world.settle()
    expect(stopped(world, A, B, C)).toEqual(['failed', undefined, 'failed'])
  })

  it('one way ends when either of the two unlinks', async () => {
    for (const unlinks of [A, B]) {
      const world = await started()
      await world.ask(A, 'dependOn', B)
      await world.ask(unlinks, 'unlink', unlinks === A ? B : A)
      world.tell(B, 'fail')
      await world.settle()
      expect(stopped(world, A, B)).toEqual([undefined, 'failed'])
    }
  })

  it('and a watch on the same actor are two things, and each is taken back for itself', async () => {
    for (const type of ['none', 'unwatch', 'unlink']) {
      const world = await started({ a: resumed })
      await world.ask(A, 'watch', B)
      await world.ask(A, 'link', B)
      if (type !== 'none') await world.ask(A, type, B)
      await world.recover()
      world.tell(B, 'fail')
      await world.settle()
      const heard = world.state<{ heard: string[] }>(A).heard
      expect(heard, type).toEqual(type === 'unwatch' ? [] : [`${B} failed`])
      expect(failures(world, A), type).toEqual(type === 'unlink' ? [] : ['HF_LINK_BROKEN'])
    }
  })

  it('with one that has ended fails at once, unless it has ended normally; with nobody it always does', async () => {
    for (const [ending, isBroken] of [
      ['fail', true],
      ['end', false],
      ['nobody', true],
    ] as const) {
      const world = await started()
      if (ending !== 'nobody') world.tell(B, ending)
      await world.settle()
      await world.ask(A, 'linkTwice', ending === 'nobody' ? '/root/nobody' : B)
      await world.settle()
      expect(stopped(world, A)).toEqual([isBroken ? 'failed' : undefined])
      expect(failures(world, A)).toEqual(isBroken ? ['HF_LINK_BROKEN'] : [])
      const breaks = world.recordsOf('message').filter(({ type }) => type === '$pact')
      expect(breaks).toHaveLength(isBroken ? 1 : 0)
      await world.recover()
      expect(stopped(world, A)).toEqual([isBroken ? 'failed' : undefined])
    }
  })

  it('that its own turn cuts was never there, also with one that has ended', async () => {
    const world = await started()
    await world.ask(A, 'linkAndUnlink', B)
    world.tell(B, 'fail')
    await world.settle()
    await world.ask(A, 'linkAndUnlink', B)
    await world.settle()
    expect(stopped(world, A, B)).toEqual([undefined, 'failed'])
    await world.recover()
    expect(stopped(world, A, B)).toEqual([undefined, 'failed'])
  })

  it('belongs to its turn: one that throws has linked nobody', async () => {
    const world = await started()
    await world.askFails(A, 'linkAndFail', B)
    world.tell(B, 'fail')
    await world.settle()
    expect(stopped(world, A, B)).toEqual([undefined, 'failed'])
  })

  it('survives the end of the process', async () => {
    for (const first of [A, B]) {
      const world = await started()
      await world.ask(A, 'link', B)
      await world.recover()
      await world.reopen()
      world.tell(first, 'fail')
      await world.settle()
      expect(stopped(world, A, B)).toEqual(['failed', 'failed'])
    }
  })

  it('breaks whenever the process is killed: both have ended when the system goes on', async () => {
    const whole = await started()
    await whole.ask(A, 'link', B)
    whole.tell(B, 'fail')
    await whole.settle()
    for (let cut = 1; cut <= whole.store.commits; cut++) {
      const names = ['a', 'b', 'c'].map((id) => child(tied, { id, restart: 'transient' }))
      const world = new World({ root: rootOf(...names) }, cut)
      await world.open()
      world.tell(A, 'link', B)
      await world.settle()
      world.tell(B, 'fail')
      await world.settle()
      await world.recover()
      const linked = world.recordsOf('watched').length > 0
      const hasFailed = world.recordsOf('failed').length > 0
      const both = linked && hasFailed ? 'failed' : undefined
      expect(stopped(world, A, B), `cut ${cut}`).toEqual([both, hasFailed ? 'failed' : undefined])
    }
  })

  it('is heard of over the bound of a mailbox, and gives way to no other message', async () => {
    for (const overflow of ['reject', 'drop-oldest', 'drop-newest'] as const) {
      gate.later = new Later()
      const narrow = actor({ ...tied.spec, name: 'narrow', mailbox: { capacity: 2, overflow } })
      const world = await started({ a: narrow })
      await world.ask(A, 'link', B)
      world.tell(A, 'hold')
      await world.settle()
      if (overflow !== 'drop-oldest') for (let i = 0; i < 2; i++) world.tell(A, 'add')
      world.tell(B, 'fail')
      await world.settle()
      if (overflow === 'drop-oldest') for (let i = 0; i < 5; i++) world.tell(A, 'add')
      await world.settle()
      expect(world.system.inspect(A).waiting.filter((type) => type === '$pact')).toHaveLength(1)
      gate.later.resolve(1)
      await world.settle()
      expect(stopped(world, A)).toEqual(['failed'])
    }
  })

  it.each([
    ['link', A, 'HF_INVALID', 'link.ref is "/root/a"; it must be another actor.'],
    ['dependOn', A, 'HF_INVALID', 'dependOn.ref is "/root/a"; it must be another actor.'],
    ['link', '/root', 'HF_INVALID', "/root is a supervisor, and shares nobody's fate."],
  ])('%s with %s is refused', async (type, path, code, message) => {
    const world = await started()
    expect(await world.askFails(A, type, path)).toMatchObject({ cause: { code, message } })
  })

  it('one way may be with a supervisor', async () => {
    const group = supervisor({
      name: 'group',
      strategy: oneForOne({ maxRestarts: 0 }),
      children: [child(actor({ ...tied.spec, name: 'inner', onFailure: undefined }))],
    })
    const world = await World.start({
      root: rootOf(child(tied, { id: 'a', restart: 'transient' }), child(group, { restart: 'temporary' })),
    })
    await world.ask(A, 'dependOn', '/root/group')
    world.tell('/root/group/inner', 'restart')
    await world.settle()
    expect(stopped(world, A, '/root/group')).toEqual(['failed', 'failed'])
    expect(world.system.inspect(A).failures[0]?.error.message).toContain('(HF_GAVE_UP: /root/group gave up')
  })
})
