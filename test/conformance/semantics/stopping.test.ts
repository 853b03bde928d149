import { actor, allForOne, child, oneForOne, supervisor } from 'holdfast'
import type { Definition, SupervisorDefinition, TerminatedNotice } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const chronicle = actor({
  name: 'chronicle',
  state: () => ({ lines: [] as string[] }),
  on: {
    note(ctx, line: string) {
      ctx.state.lines.push(line)
    },
  },
})

const lines = (world: World): string[] => world.state<{ lines: string[] }>('/root/chronicle').lines

function rootOf(...children: readonly Definition[]) {
  return supervisor({ name: 'root', children: [child(chronicle), ...children.map((each) => child(each))] })
}

const worker = actor({
  name: 'worker',
  state: () => ({ n: 0, starts: 0, stops: 0 }),
  onStart(ctx) {
    ctx.state.starts++
  },
  onStop(ctx) {
    ctx.state.stops++
    ctx.tell(ctx.ref('/root/chronicle'), 'note', `stopped at ${ctx.state.n}`)
  },
  on: {
    add: (ctx) => ++ctx.state.n,
    end(ctx) {
      ctx.state.n = 100
      ctx.stop(ctx.self)
      return 'ended'
    },
    hold: (ctx) => ctx.effect('hold', () => new Promise<number>(() => undefined), { timeoutMs: 600_000 }),
  },
})

describe('An actor that stops itself', () => {
  it('ends after its turn: its answer is given, its stop hook runs on what it left', async () => {
    const world = await World.start({ root: rootOf(worker) })
    const stopped = world.events('stopped')
    expect(await world.ask('/root/worker', 'end')).toBe('ended')
    expect(lines(world)).toEqual(['stopped at 100'])
    expect(stopped).toMatchObject([{ actor: '/root/worker', reason: 'normal' }])
  })

  it('S3: leaves dead letters of what still waited, and their askers learn why', async () => {
    const parent = actor({
      name: 'parent',
      spawns: [worker],
      onStart(ctx) {
        ctx.spawn(worker, { name: 'worker' })
      },
      on: {},
    })
    const world = await World.start({ root: rootOf(parent) })
    const letters = world.events('dead-letter')
    const path = '/root/parent/worker'
    world.tell(path, 'end')
    world.tell(path, 'add')
    expect(await world.askFails(path, 'add')).toMatchObject({ code: 'HF_ACTOR_STOPPED' })
    const letter = { to: path, type: 'add', reason: 'stopped' }
    expect(letters).toMatchObject([letter, letter])
    await world.recover()
    expect(world.system.inspect('/root/parent').children).toEqual([])
  })

  it('leaves a dead letter of what is sent to it later', async () => {
    const world = await World.start({
      root: supervisor({
        name: 'root',
        children: [child(chronicle), child(worker, { restart: 'transient' })],
      }),
    })
    const ref = world.system.ref('/root/worker')
    await world.ask('/root/worker', 'end')
    const letters = world.events('dead-letter')
    ref.tell('add')
    await world.settle()
    expect(letters).toMatchObject([{ to: '/root/worker', type: 'add', reason: 'stopped' }])
    expect(world.system.inspect('/root/worker').mailbox).toBe(0)
  })
})

describe('A stop hook', () => {
  it('that throws is reported and stops nothing; what it changed is not kept', async () => {
    const bad = actor({
      ...worker.spec,
      onStop(ctx) {
        ctx.state.n = -1
        throw new Error('in the hook')
      },
    })
    const world = await World.start({ root: rootOf(bad) })
    const warnings = world.events('warning')
    await world.ask('/root/worker', 'add')
    await world.stop()
    expect(warnings).toMatchObject([{ actor: '/root/worker', error: { message: 'in the hook' } }])
    await world.recover()
    expect(world.state('/root/worker')).toMatchObject({ n: 1 })
    expect(world.system.inspect('/root/worker')).toMatchObject({
      waiting: [],
      failures: [{ error: { message: 'in the hook' } }],
    })
  })

  it('runs on the last good state when the turn in hand was given up', async () => {
    const dirty = actor({
      ...worker.spec,
      on: {
        ...worker.spec.on,
        hold(ctx) {
          ctx.state.n = -1
          return ctx.effect('hold', () => new Promise<number>(() => undefined))
        },
      },
    })
    const ending = actor({
      name: 'ending',
      spawns: [dirty],
      on: {
        spawn(ctx) {
          ctx.spawn(dirty, { name: 'worker' })
        },
        stop(ctx) {
          ctx.stop(ctx.ref('/root/ending/worker'))
        },
      },
    })
    const world = await World.start({ root: rootOf(ending) })
    await world.ask('/root/ending', 'spawn')
    await world.ask('/root/ending/worker', 'add')
    world.tell('/root/ending/worker', 'hold')
    await world.settle()
    world.tell('/root/ending', 'stop')
    await world.advance(5_000)
    expect(lines(world)).toEqual(['stopped at 1'])
  })

  it('may not spawn, because what it starts would outlive its parent', async () => {
    const spawning = actor({
      name: 'spawning',
      spawns: [worker],
      onStop(ctx) {
        ctx.spawn(worker)
      },
      on: {},
    })
    const world = await World.start({ root: rootOf(spawning) })
    const warnings = world.events('warning')
    await world.stop()
    expect(warnings).toMatchObject([{ error: { code: 'HF_ACTOR_STOPPED' } }])
  })

  it('that tells does not send what another turn has told, and loses nothing of it', async () => {
    // The birth of the supervisor fails within the turn that spawns it, and that retires a sibling with a stop hook.
    const leaving = actor({
      name: 'leaving',
      onStop(ctx) {
        ctx.tell(ctx.ref('/root/chronicle'), 'note', 'leaving')
        throw new Error('in the hook')
      },
      on: {},
    })
    const unborn = actor({
      name: 'unborn',
      state: (): { n: number } => {
        throw new Error('never born')
      },
      on: {},
    })
    const group = supervisor({ name: 'group', children: [child(leaving), child(unborn)] })
    const parent = actor({
      name: 'parent',
      spawns: [group],
      onFailure: { default: 'resume' },
      on: {
        spawn(ctx) {
          ctx.spawn(group)
          ctx.tell(ctx.ref('/root/chronicle'), 'note', `from ${ctx.self.path}`)
        },
      },
    })
    const world = await World.start({ root: rootOf(parent) })
    world.tell('/root/parent', 'spawn')
    await world.settle()
    expect(lines(world)).toEqual(['from /root/parent'])
  })
})

describe('S2: shutdown times', () => {
  function limited(shutdown: number | 'infinity' | 'brutal', definition: Definition = worker) {
    return supervisor({ name: 'root', children: [child(chronicle), child(definition, { shutdown })] })
  }

  /** How long a stop takes on the virtual clock, looked at in steps of 50 ms. */
  async function stopTime(world: World): Promise<number> {
    let ended = false
    void world.system.stop().then(() => {
      ended = true
    })
    await world.settle()
    for (let ms = 0; ms <= 60_000; ms += 50) {
      if (ended) return ms
      await world.advance(50)
    }
    return Infinity
  }

  it.each([
    [1_000, 1_000],
    [0, 0],
    ['brutal', 0],
    ['infinity', Infinity],
  ] as const)('of %s give a turn that waits %d ms to end', async (shutdown, expected) => {
    const world = await World.start({ root: limited(shutdown) })
    world.tell('/root/worker', 'hold')
    await world.settle()
    expect(await stopTime(world)).toBe(expected === 0 ? (shutdown === 0 ? 50 : 0) : expected)
    if (shutdown !== 'infinity') expect(world.authorities.timers).toBe(0)
  })

  it('let a turn end that ends in time', async () => {
    const gate = new Later<number>()
    const slow = actor({
      ...worker.spec,
      on: {
        ...worker.spec.on,
        async hold(ctx) {
          ctx.state.n = await ctx.effect('hold', () => gate.promise)
        },
      },
    })
    const world = await World.start({ root: limited(1_000, slow) })
    world.tell('/root/worker', 'hold')
    await world.settle()
    const stopping = world.system.stop()
    await world.advance(500)
    gate.resolve(7)
    await world.settled(stopping)
    await world.recover()
    expect(world.state('/root/worker')).toMatchObject({ n: 7, stops: 1 })
  })

  it('hold for a stop hook that does not end as well', async () => {
    let isAborted = false
    const hanging = actor({
      name: 'worker',
      async onStop(ctx) {
        await ctx.effect('hang', (signal) => {
          signal.addEventListener('abort', () => {
            isAborted = true
          })
          return new Promise(() => undefined)
        })
      },
      on: {},
    })
    const world = await World.start({ root: limited(1_000, hanging) })
    expect(await stopTime(world)).toBe(1_000)
    expect(isAborted).toBe(true)
    expect(world.authorities.timers).toBe(0)
  })

  it('hold for the stop hook in a restart, so that nobody is restarted for ever', async () => {
    const hanging = actor({
      name: 'worker',
      onStop: (ctx) => ctx.effect('hang', () => new Promise(() => undefined)),
      on: { ok: () => 'ok' },
    })
    const fragile = actor({
      name: 'fragile',
      on: {
        fail() {
          throw new Error('no')
        },
      },
    })
    const root = supervisor({
      name: 'root',
      strategy: allForOne(),
      children: [child(hanging), child(fragile)],
    })
    const world = await World.start({ root })
    world.tell('/root/fragile', 'fail')
    await world.settle()
    expect(world.system.inspect('/root/worker').incarnation).toBe(1)
    await world.advance(5_000)
    expect(world.system.inspect('/root/worker')).toMatchObject({ incarnation: 2, status: 'running' })
    expect(await world.ask('/root/worker', 'ok')).toBe('ok')
  })

  it('that are brutal run no stop hook', async () => {
    const world = await World.start({ root: limited('brutal') })
    await world.stop()
    await world.recover()
    expect(world.state('/root/worker')).toMatchObject({ stops: 0, starts: 2 })
  })

  it('end the start of an actor as well, when it is stopped while its start hook waits', async () => {
    const gate = new Later()
    const starting = actor({
      name: 'starting',
      onStart: (ctx) => ctx.effect('gate', () => gate.promise),
      on: {},
    })
    const parent = actor({
      name: 'parent',
      spawns: [starting],
      on: {
        spawn(ctx) {
          ctx.spawn(starting, { name: 'kid' })
        },
        stop(ctx) {
          ctx.stop(ctx.ref('/root/parent/kid'))
        },
      },
    })
    const world = await World.start({ root: rootOf(parent) })
    await world.ask('/root/parent', 'spawn')
    await world.ask('/root/parent', 'stop')
    expect(world.system.inspect('/root/parent/kid').status).toBe('stopping')
    gate.resolve(1)
    await world.settle()
    expect(world.system.inspect('/root/parent').children).toEqual([])
    expect(await world.ask('/root/parent', 'spawn')).toBeUndefined()
  })
})

describe('A system that is stopped and opened again', () => {
  it('goes on where it was: stop hooks ran, and start hooks run again', async () => {
    const world = await World.start({ root: rootOf(worker) })
    await world.ask('/root/worker', 'add')
    await world.reopen()
    expect(world.state('/root/worker')).toEqual({ n: 1, starts: 2, stops: 1 })
    expect(world.system.inspect('/root/worker').incarnation).toBe(1)
    expect(lines(world)).toEqual(['stopped at 1'])
    expect(world.system.epoch).toBe(2)
  })

  it('runs no start hook after a crash, because no stop hook ran', async () => {
    const world = await World.start({ root: rootOf(worker) })
    await world.recover()
    expect(world.state('/root/worker')).toEqual({ n: 0, starts: 1, stops: 0 })
  })

  it('runs the start hooks of those whose stop hook ran, when it was killed on its way down', async () => {
    const gate = new Later()
    const slow = actor({ name: 'slow', onStop: (ctx) => ctx.effect('gate', () => gate.promise), on: {} })
    const other = actor({ ...worker.spec, name: 'other' })
    const world = await World.start({
      root: supervisor({
        name: 'root',
        children: [child(chronicle), child(other), child(slow), child(worker)],
      }),
    })
    void world.system.stop()
    await world.settle()
    await world.recover()
    expect(world.state('/root/worker')).toMatchObject({ starts: 2, stops: 1 })
    expect(world.state('/root/other')).toMatchObject({ starts: 1, stops: 0 })
  })

  it('runs a start hook once that was under way when it was stopped', async () => {
    let runs = 0
    const starting = actor({
      name: 'starting',
      state: () => ({ starts: 0 }),
      async onStart(ctx) {
        ctx.state.starts++
        await ctx.effect('start', () => {
          runs++
          return runs === 1 ? new Promise(() => undefined) : runs
        })
      },
      on: {},
    })
    const parent = actor({
      name: 'parent',
      spawns: [starting],
      on: {
        spawn(ctx) {
          ctx.spawn(starting, { name: 'kid' })
        },
      },
    })
    const world = await World.start({ root: rootOf(parent) })
    await world.ask('/root/parent', 'spawn')
    const stopping = world.system.stop()
    await world.advance(5_000)
    await stopping
    await world.recover()
    expect(world.state('/root/parent/kid')).toEqual({ starts: 1 })
    expect(runs).toBe(2)
  })

  it('handles what waited in mailboxes, and what was sent to those that had stopped already', async () => {
    const gate = new Later()
    const talker = actor({
      name: 'talker',
      async onStop(ctx) {
        await ctx.effect('gate', () => gate.promise)
        ctx.tell(ctx.ref(worker, '/root/worker'), 'add')
      },
      on: {},
    })
    const root = supervisor({ name: 'root', children: [child(chronicle), child(talker), child(worker)] })
    const world = await World.start({ root })
    world.tell('/root/worker', 'hold')
    await world.settle()
    world.tell('/root/worker', 'add')
    const stopping = world.system.stop()
    await world.advance(5_000)
    gate.resolve(1)
    await world.settled(stopping)
    expect(world.system.deadLetters.count).toBe(0)
    expect(world.recordsOf('dead')).toEqual([])
    await world.recover()
    expect(world.system.inspect('/root/worker').waiting).toEqual(['add', 'add'])
  })

  it('tells askers outside that it stops, and takes nothing more', async () => {
    const world = await World.start({ root: rootOf(worker) })
    const asked = world.system.ref('/root/worker').ask('hold', undefined, { timeoutMs: 60_000 })
    const failed = expect(asked).rejects.toMatchObject({ code: 'HF_ACTOR_STOPPED' })
    await world.settle()
    const stopping = world.system.stop()
    expect(() => {
      world.tell('/root/worker', 'add')
    }).toThrow(expect.objectContaining({ code: 'HF_SYSTEM_STOPPED' }) as Error)
    await world.advance(5_000)
    await stopping
    await failed
    expect(await world.system.stop()).toBeUndefined()
    expect(world.authorities.timers).toBe(0)
  })

  it('fails what waits for a disk that never comes back', async () => {
    const world = await World.start({ root: rootOf(worker) })
    world.store.refuse(Infinity)
    const asked = world.system.ref('/root/worker').ask('add')
    const failed = expect(asked).rejects.toMatchObject({ code: 'HF_STORE_FAILED' })
    const flushed = expect(world.system.flushed()).rejects.toMatchObject({ code: 'HF_STORE_FAILED' })
    await world.settle()
    await expect(world.stop()).rejects.toMatchObject({ code: 'HF_STORE_FAILED' })
    await failed
    await flushed
  })
})

describe('A deep tree', () => {
  it('of 2,048 supervisors starts, restarts and stops without overflowing the stack', async () => {
    const leaf = actor({
      name: 'leaf',
      on: {
        hi: () => 'hi',
        fail() {
          throw new Error('no')
        },
      },
    })
    const strategy = oneForOne({ maxRestarts: 0 })
    let tree: SupervisorDefinition = supervisor({ name: 's2048', strategy, children: [child(leaf)] })
    for (let level = 2_047; level > 1; level--) {
      tree = supervisor({ name: `s${level}`, strategy, children: [child(tree)] })
    }
    const world = await World.start({ root: supervisor({ name: 's1', children: [child(tree)] }) })
    const path = `/${Array.from({ length: 2_048 }, (_, i) => `s${i + 1}`).join('/')}/leaf`
    expect(await world.ask(path, 'hi')).toBe('hi')
    await world.askFails(path, 'fail')
    expect(world.system.inspect(path).incarnation).toBe(2)
    expect(await world.ask(path, 'hi')).toBe('hi')
    await world.stop()
    expect(world.recordsOf('closed')).toHaveLength(1)
    await world.recover()
    expect(await world.ask(path, 'hi')).toBe('hi')
  }, 30_000)

  it('of 2,048 actors, each the child of the one before, stops without overflowing the stack', async () => {
    const spawner: Definition = actor({
      name: 'spawner',
      state: (args: { depth: number } | undefined) => ({ depth: args?.depth ?? 2_048 }),
      onStart(ctx) {
        if (ctx.state.depth > 1)
          ctx.spawn(spawner, { name: 'c', args: { depth: ctx.state.depth - 1 } as never })
      },
      on: {},
    })
    const world = await World.start({ root: spawner })
    await world.settle()
    expect(world.recordsOf('spawned')).toHaveLength(2_048)
    await world.stop()
    expect(world.recordsOf('closed')).toHaveLength(1)
  })
})

describe('A watch', () => {
  const watcher = actor({
    name: 'watcher',
    spawns: [worker],
    state: () => ({ notices: [] as TerminatedNotice[] }),
    on: {
      spawn(ctx) {
        ctx.watch(ctx.spawn(worker, { name: 'kid' }))
      },
      watch(ctx, path: string) {
        ctx.watch(ctx.ref(path))
      },
      unwatch(ctx, path: string) {
        ctx.unwatch(ctx.ref(path))
      },
      terminated(ctx, notice: TerminatedNotice) {
        ctx.state.notices.push(notice)
      },
      wrong(ctx) {
        ctx.watch(ctx.self, 'no-such-type')
      },
    },
  })
  const failing = actor({
    name: 'failing',
    onFailure: { RangeError: 'restart', default: 'stop' },
    on: {
      fail(_ctx, how: string) {
        throw how === 'range' ? new RangeError('again') : new TypeError('for good')
      },
    },
  })
  const root = supervisor({
    name: 'root',
    children: [child(chronicle), child(watcher), child(failing, { restart: 'transient' })],
  })
  const notices = (world: World): unknown => world.state('/root/watcher').notices

  it('gives one notice of the end, and none of a restart', async () => {
    const world = await World.start({ root })
    world.tell('/root/watcher', 'watch', '/root/failing')
    world.tell('/root/watcher', 'watch', '/root/failing')
    world.tell('/root/failing', 'fail', 'range')
    await world.settle()
    expect(notices(world)).toEqual([])
    world.tell('/root/failing', 'fail', 'type')
    await world.settle()
    const notice = {
      path: '/root/failing',
      reason: 'failed',
      error: { name: 'TypeError', message: 'for good' },
    }
    expect(notices(world)).toEqual([notice])
    await world.recover()
    expect(notices(world)).toEqual([notice])
  })

  it('of a child gives its notice after the parent has forgotten it', async () => {
    const world = await World.start({ root })
    await world.ask('/root/watcher', 'spawn')
    await world.ask('/root/watcher/kid', 'end')
    expect(notices(world)).toEqual([{ path: '/root/watcher/kid', reason: 'normal' }])
    expect(world.system.inspect('/root/watcher').children).toEqual([])
  })

  it('survives a restart of the process', async () => {
    const world = await World.start({ root })
    await world.ask('/root/watcher', 'watch', '/root/failing')
    await world.recover()
    world.tell('/root/failing', 'fail', 'type')
    await world.settle()
    expect(notices(world)).toMatchObject([{ path: '/root/failing' }])
    await world.recover()
    expect(notices(world)).toHaveLength(1)
  })

  it('SUP-130 of one that has ended gives the notice at once', async () => {
    const world = await World.start({ root })
    world.tell('/root/failing', 'fail', 'type')
    await world.ask('/root/watcher', 'watch', '/root/failing')
    await world.ask('/root/watcher', 'watch', '/root/nobody')
    await world.settle()
    expect(notices(world)).toMatchObject([
      { path: '/root/failing', reason: 'failed' },
      { path: '/root/nobody', reason: 'normal' },
    ])
  })

  it('that was taken back gives none', async () => {
    const world = await World.start({ root })
    await world.ask('/root/watcher', 'watch', '/root/failing')
    await world.ask('/root/watcher', 'unwatch', '/root/failing')
    world.tell('/root/failing', 'fail', 'type')
    await world.settle()
    expect(notices(world)).toEqual([])
    await world.recover()
    expect(notices(world)).toEqual([])
  })

  it('as a message that the watcher does not handle is refused', async () => {
    const world = await World.start({ root })
    expect(await world.askFails('/root/watcher', 'wrong')).toMatchObject({
      cause: { code: 'HF_UNKNOWN_MESSAGE' },
    })
  })
})

describe('A stop of another', () => {
  it('is refused when it is no child', async () => {
    const bossy = actor({
      name: 'bossy',
      onFailure: { default: 'resume' },
      on: {
        stop(ctx) {
          ctx.stop(ctx.ref('/root/chronicle'))
        },
      },
    })
    const world = await World.start({ root: rootOf(bossy) })
    const error = await world.askFails('/root/bossy', 'stop')
    expect(error).toMatchObject({ cause: { code: 'HF_INVALID' } })
    expect(world.system.inspect('/root/chronicle').status).toBe('running')
  })

  it('that the log holds is carried out after a crash', async () => {
    const gate = new Later()
    const slow = actor({ name: 'slow', onStop: (ctx) => ctx.effect('gate', () => gate.promise), on: {} })
    const parent = actor({
      name: 'parent',
      spawns: [slow],
      on: {
        spawn(ctx) {
          ctx.spawn(slow, { name: 'kid' })
        },
        stop(ctx) {
          ctx.stop(ctx.ref('/root/parent/kid'))
        },
      },
    })
    const world = await World.start({ root: rootOf(parent) })
    await world.ask('/root/parent', 'spawn')
    await world.ask('/root/parent', 'stop')
    world.crash()
    gate.resolve(1)
    await world.open()
    await world.settle()
    expect(world.system.inspect('/root/parent').children).toEqual([])
    expect(world.recordsOf('stopped').map((each) => each.data().reason)).toEqual(['normal'])
  })
})
