// Trace hooks on live actors, on virtual time.

import { actor, allForOne, child, supervisor, type TracedMessage } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'

let gate = new Later()

const worker = actor({
  name: 'worker',
  state: () => ({ n: 0 }),
  attempts: 2,
  onStart: (ctx) => {
    ctx.log.debug('up')
  },
  onStop: (ctx) => {
    ctx.log.debug('down')
  },
  on: {
    add: (ctx) => ++ctx.state.n,
    fail() {
      throw new Error('no')
    },
    async wait(ctx) {
      await ctx.effect('wait', () => gate.promise, { timeoutMs: 600_000 })
    },
    tick(ctx) {
      ctx.schedule('add', undefined, { afterMs: 10 })
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
  },
})
const volatile = actor({ ...worker.spec, name: 'volatile', durable: false })

const PATH = '/root/it'
const rootWith = (definition = worker) =>
  supervisor({
    name: 'root',
    strategy: allForOne({ maxRestarts: 100 }),
    children: [child(definition, { id: 'it', restart: 'transient' }), child(definition, { id: 'other' })],
  })

function traced(world: World, path = PATH): { readonly seen: TracedMessage[]; readonly untrace: () => void } {
  const seen: TracedMessage[] = []
  return { seen, untrace: world.system.trace(path, (message) => seen.push(message)) }
}

const brief = (seen: readonly TracedMessage[]): string[] =>
  seen.map(({ type, attempt, outcome }) => `${type} ${attempt} ${outcome}`)

describe.each([worker, volatile])('A trace hook ($name)', (definition) => {
  it('SUP-166 hears of each message once while it is installed, and of none after it was removed', async () => {
    const world = await World.start({ root: rootWith(definition) })
    await world.ask(PATH, 'add')
    const { seen, untrace } = traced(world)
    await world.ask(PATH, 'add')
    world.tell(PATH, 'add')
    world.tell('/root/other', 'add')
    await world.settle()
    expect(brief(seen)).toEqual(['add 1 done', 'add 1 done'])
    untrace()
    untrace()
    expect(await world.ask(PATH, 'add')).toBe(4)
    expect(seen).toHaveLength(2)
  })

  it('hears of turns that wait, fail, are tried again, start and stop, over all incarnations', async () => {
    gate = new Later()
    const world = await World.start({ root: rootWith(definition) })
    const { seen } = traced(world)
    world.tell(PATH, 'wait')
    await world.settle()
    expect(seen).toEqual([])
    gate.resolve(1)
    await world.settle()
    expect(brief(seen)).toEqual(['wait 1 done'])
    world.tell(PATH, 'fail')
    world.tell(PATH, 'tick')
    await world.advance(10)
    const lives = ['fail 1 failed', '$start 1 done', 'fail 2 failed', '$start 1 done']
    expect(brief(seen).slice(1)).toEqual([...lives, 'tick 1 done', 'add 1 done'])
    world.tell(PATH, 'end')
    await world.settle()
    expect(brief(seen).slice(-2)).toEqual(['end 1 done', '$stop 1 done'])
  })

  it('hears nothing of a turn that a sibling interrupts, and of its next attempt', async () => {
    gate = new Later()
    const world = await World.start({ root: rootWith(definition) })
    const { seen } = traced(world)
    world.tell(PATH, 'wait')
    await world.settle()
    world.tell('/root/other', 'fail')
    await world.settle()
    gate.resolve(1)
    await world.settle()
    expect(brief(seen)).not.toContain('wait 1 failed')
    expect(brief(seen).at(-1)).toBe('wait 3 done')
  })

  it('hears of a turn that is given up as failed', async () => {
    gate = new Later()
    const root = supervisor({
      name: 'root',
      children: [child(actor({ name: 'owner', spawns: [definition], on: { ...owning(definition) } }))],
    })
    const world = await World.start({ root })
    world.tell('/root/owner', 'spawn')
    await world.settle()
    const { seen } = traced(world, '/root/owner/it')
    world.tell('/root/owner/it', 'wait')
    await world.settle()
    world.tell('/root/owner', 'kill')
    await world.settle()
    expect(brief(seen)).toEqual(['wait 1 failed'])
  })

  it('that throws is reported as a warning, and stops neither the actor nor another hook', async () => {
    const world = await World.start({ root: rootWith(definition) })
    const warnings = world.events('warning')
    world.system.trace(PATH, () => {
      throw new Error('broken hook')
    })
    const { seen } = traced(world)
    expect(await world.ask(PATH, 'add')).toBe(1)
    await world.settle()
    expect(warnings).toMatchObject([{ actor: PATH, error: { message: 'broken hook' } }])
    expect(seen).toHaveLength(1)
  })

  it('may be removed by itself, and may steer and send', async () => {
    const world = await World.start({ root: rootWith(definition) })
    const seen: string[] = []
    const untrace = world.system.trace(PATH, ({ type }) => {
      seen.push(type)
      untrace()
      world.tell(PATH, 'add')
      void world.system.steer.pause('/root/other', { by: 'hook' })
    })
    for (let i = 0; i < 3; i++) world.tell(PATH, 'add')
    await world.settle()
    expect(seen).toEqual(['add'])
    expect(world.state(PATH)).toEqual({ n: 4 })
    expect(world.system.inspect('/root/other').status).toBe('paused')
  })
})

function owning(definition: typeof worker) {
  return actor({
    name: 'owner',
    on: {
      spawn(ctx) {
        ctx.spawn(definition, { name: 'it' })
      },
      kill(ctx) {
        ctx.stop(ctx.ref('/root/owner/it'), 'kill')
      },
    },
  }).spec.on
}

describe('A trace', () => {
  it('says of a message where it stands and what it belongs to', async () => {
    const world = await World.start({ root: rootWith() })
    const { seen } = traced(world)
    world.tell(PATH, 'add', undefined, { correlation: 'incident-1' })
    await world.settle()
    const { position } = world.recordsOf('message').at(-1)!
    const message = { actor: PATH, type: 'add', position, correlationId: 'incident-1' }
    expect(seen).toEqual([{ ...message, attempt: 1, outcome: 'done' }])
  })

  it('of a volatile actor has no position and no correlation', async () => {
    const world = await World.start({ root: rootWith(volatile) })
    const { seen } = traced(world)
    world.tell(PATH, 'add')
    await world.settle()
    expect(seen).toMatchObject([{ position: 0, correlationId: '' }])
  })

  it('ends with the process', async () => {
    const world = await World.start({ root: rootWith() })
    const { seen } = traced(world)
    await world.recover()
    await world.ask(PATH, 'add')
    expect(seen).toEqual([])
  })

  it('that begins while a turn waits begins with the next one', async () => {
    gate = new Later()
    const world = await World.start({ root: rootWith() })
    world.tell(PATH, 'wait')
    await world.settle()
    const { seen } = traced(world)
    gate.resolve(1)
    await world.settle()
    await world.ask(PATH, 'add')
    await world.settle()
    expect(brief(seen)).toEqual(['add 1 done'])
  })

  it.each([
    ['/root/nobody', () => undefined, { code: 'HF_NO_SUCH_ACTOR', field: 'path' }],
    [PATH, 'no function', { code: 'HF_INVALID', field: 'hook' }],
  ])('of %s with %s is refused', async (path, hook, refused) => {
    const world = await World.start({ root: rootWith() })
    expect(() => world.system.trace(path, hook as never)).toThrow(expect.objectContaining(refused))
  })
})
