// How a system says that it gave up, and reports of failures, on virtual time.

import { actor, child, oneForOne, supervisor, type Definition } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { World } from '../semantics/world.js'

const none = oneForOne({ maxRestarts: 0 })
const fragile = actor({
  name: 'fragile',
  state: () => ({ n: 0 }),
  onFailure: { TypeError: 'stop', SyntaxError: 'escalate' },
  on: {
    ok: (ctx) => ++ctx.state.n,
    fail() {
      throw new RangeError('too far')
    },
    stop() {
      throw new TypeError('for good')
    },
    escalate() {
      throw new SyntaxError('not mine')
    },
    end(ctx) {
      ctx.stop(ctx.self)
    },
  },
})
const group = supervisor({ name: 'group', strategy: none, children: [child(fragile)] })

const ways: [string, Definition, string, string, number, object][] = [
  ['a supervisor whose child fails', group, '/group/fragile', 'fail', 4, { context: 'child' }],
  ['an actor that escalates', fragile, '/fragile', 'escalate', 1, { context: 'message' }],
  ['an actor that is to stop', fragile, '/fragile', 'stop', 1, { context: 'message' }],
  ['an actor that fails too often', fragile, '/fragile', 'fail', 4, { context: 'message' }],
  ['an actor that ends too often', fragile, '/fragile', 'end', 4, { context: 'stop' }],
]

describe('A root that gives up', () => {
  it.each(ways)(
    '(%s) says why in the log, in an event and afterwards',
    async (_what, root, path, type, times, why) => {
      const world = await World.start({ root })
      const events = world.events('gave-up')
      for (let i = 0; i < times; i++) {
        world.tell(path, type)
        await world.settle()
      }
      const report = { supervisor: '/', offender: `/${root.name}`, ...why }
      expect(events).toMatchObject([report])
      const records = world.recordsOf('gave-up')
      expect(records.map((record) => record.data())).toMatchObject([report])
      expect(records[0]!.data().reason).toMatchObject({ message: world.system.failure!.message })
      expect(world.records().at(-1)!.kind).not.toBe('closed')
      const ended = world.system.ended()
      await world.advance(50)
      await ended
    },
  )

  it('says so in the log once more when it gives up again as soon as it is opened', async () => {
    const world = await World.start({ root: group })
    for (let i = 1; i <= 4; i++) {
      world.tell('/group/fragile', 'fail', undefined, { correlation: `incident-${i}` })
      await world.settle()
    }
    expect(world.journal.correlationName(world.recordsOf('gave-up')[0]!.correlation)).toBe('incident-4')
    world.crash(1_000)
    await expect(world.open()).rejects.toMatchObject({ code: 'HF_START_FAILED' })
    expect(world.recordsOf('gave-up')).toHaveLength(2)
    await world.recover({ awayMs: 5_000 })
    expect(await world.ask('/group/fragile', 'ok')).toBe(1)
  })
})

describe('A report of a failure has four keys', () => {
  it('wherever it is told: failed, directive, stopped', async () => {
    const root = supervisor({ name: 'root', children: [child(fragile)] })
    const world = await World.start({ root })
    const [failed, directive, stopped] = [
      world.events('failed'),
      world.events('directive'),
      world.events('stopped'),
    ]
    world.tell('/root/fragile', 'stop')
    await world.settle()
    const report = {
      supervisor: '/root',
      context: 'message',
      reason: { name: 'TypeError', message: 'for good' },
      offender: '/root/fragile',
    }
    expect(failed).toMatchObject([report])
    expect(directive).toMatchObject([{ ...report, directive: 'stop' }])
    expect(stopped).toMatchObject([{ actor: '/root/fragile', reason: 'failed', failure: report }])
    expect(world.recordsOf('stopped')[0]!.data()).toMatchObject({ reason: 'failed', context: 'message' })
    expect(world.system.inspect('/root/fragile').failures).toMatchObject([{ context: 'message' }])
    await world.recover()
    expect(world.system.inspect('/root/fragile').failures).toMatchObject([{ context: 'message' }])
  })

  it('and an end without a failure has none', async () => {
    const root = supervisor({ name: 'root', children: [child(fragile, { restart: 'transient' })] })
    const world = await World.start({ root })
    const stopped = world.events('stopped')
    world.tell('/root/fragile', 'end')
    await world.settle()
    expect(stopped).toEqual([
      { actor: '/root/fragile', reason: 'normal', error: undefined, failure: undefined },
    ])
  })
})
