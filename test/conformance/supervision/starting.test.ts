import { actor, allForOne, child, createSystem, oneForOne, restForOne, supervisor } from 'holdfast'
import type { ChildOptions, Definition } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from '../semantics/world.js'
import { lines, member, rootOf } from './chronicle.js'

const worker = actor({ name: 'worker', on: { ok: () => 'ok' } })
const refused = (field: string): Error => expect.objectContaining({ code: 'HF_INVALID', field }) as Error

describe('A supervisor', () => {
  it('SUP-1 without children starts, and ends with the reason shutdown when it is stopped', async () => {
    const world = await World.start({ root: supervisor({ name: 'root', children: [] }) })
    const stopped = world.events('stopped')
    expect(world.system.inspect('/root')).toMatchObject({ status: 'running', children: [] })
    await world.stop()
    expect(stopped).toEqual([{ actor: '/root', reason: 'shutdown', error: undefined }])
    expect(world.system.failure).toBeNull()
    expect(world.recordsOf('closed')).toHaveLength(1)
  })

  it('SUP-2 of five children starts them in the order of its list, and the start is over when all are up', async () => {
    const ids = ['delta', 'alpha', 'echo', 'bravo', 'charlie']
    const gates = ids.map(() => new Later())
    const begun: string[] = []
    const children = ids.map((id, i) => {
      const begin = (): Promise<unknown> => {
        begun.push(id)
        return gates[i]!.promise
      }
      return child(actor({ name: id, onStart: (ctx) => ctx.effect('gate', begin), on: {} }))
    })
    const world = new World({ root: supervisor({ name: 'root', children }) })
    let isUp = false
    const opening = world.open().then(() => {
      isUp = true
    })
    for (const [i, gate] of gates.entries()) {
      await world.settle()
      await world.settle()
      expect(begun).toEqual(ids.slice(0, i + 1))
      expect(isUp).toBe(false)
      gate.resolve(1)
    }
    await opening
    expect(world.system.tree().children.map(({ name, status }) => `${name} ${status}`)).toEqual(
      ids.map((id) => `${id} running`),
    )
  })

  it('SUP-6 goes on with the next child when one stops itself as it starts, and keeps the place of that one', async () => {
    const shy = actor({
      name: 'shy',
      onStart(ctx) {
        ctx.stop(ctx.self)
      },
      on: {},
    })
    const world = await World.start({
      root: rootOf(child(shy, { restart: 'transient' }), child(member('next'))),
    })
    const { children } = world.system.tree()
    expect(children.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'chronicle running',
      'shy stopped',
      'next running',
    ])
    expect(world.system.inspect('/root/shy')).toMatchObject({ stopped: 'normal', incarnation: 1 })
    expect(lines(world)).toEqual(['start next'])
  })

  it('SUP-10 ignores what it does not know, in its own words and in those of a child or a strategy', async () => {
    const extra = { colour: 'red' }
    const spec = child(worker, { id: 'it', ...extra })
    const root = supervisor({
      name: 'root',
      strategy: oneForOne({ maxRestarts: 1, ...extra }),
      children: [spec],
      ...extra,
    })
    for (const each of [spec, root, root.strategy]) expect(each).not.toHaveProperty('colour')
    const world = await World.start({ root })
    expect(await world.ask('/root/it', 'ok')).toBe('ok')
  })

  it('SUP-12 with two children of one id is refused where it is written, before there is anything to start', () => {
    const children = [child(worker), child(member('other'), { id: 'worker' })]
    expect(() => supervisor({ name: 'root', children })).toThrow(
      expect.objectContaining({
        code: 'HF_DUPLICATE_NAME',
        field: 'children',
        message: 'root has two children with the id "worker".',
      }) as Error,
    )
  })
})

describe('A start that fails', () => {
  it('SUP-4 because the parent cannot be made is refused with what was thrown, and the parent ends with it', async () => {
    const root = actor({
      name: 'root',
      spawns: [worker],
      state: (): { n: number } => {
        throw new TypeError('there is no plan')
      },
      onFailure: { default: 'stop' },
      on: {},
    })
    const world = new World({ root })
    await expect(world.open()).rejects.toMatchObject({
      code: 'HF_START_FAILED',
      message: expect.stringContaining('there is no plan') as string,
    })
    const error = { name: 'TypeError', message: 'there is no plan' }
    expect(world.recordsOf('failed').map((each) => each.data())).toMatchObject([{ context: 'start', error }])
    expect(world.recordsOf('stopped').map((each) => each.data())).toMatchObject([{ reason: 'failed', error }])
    expect(world.authorities.timers).toBe(0)
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [7, '7'],
    ['bank', '"bank"'],
    [() => worker, 'a function'],
  ])('SUP-5 because the root is %j rejects, and says what it was given', async (root, shown) => {
    const starting = createSystem({ name: 'world', root: root as never })
    await expect(starting).rejects.toMatchObject({
      code: 'HF_INVALID',
      field: 'root',
      message: `root is ${shown}; it must be a definition.`,
    })
  })

  it.each([
    {},
    { kind: 'actor', name: 'x' },
    { kind: 'supervisor', name: 'x' },
    { ...worker, kind: 'other' },
  ])(
    'SUP-5 because %j is no definition is refused: as the root, as a child, and as what may be spawned',
    async (given) => {
      const none = given as never
      const refusedAs = (field: string): unknown => expect.objectContaining({ code: 'HF_INVALID', field })
      await expect(createSystem({ name: 'world', root: none })).rejects.toEqual(refusedAs('root'))
      expect(() => child(none, { id: 'x' } as never)).toThrow(refusedAs('child.definition'))
      expect(() => actor({ name: 'a', spawns: [none], on: {} })).toThrow(refusedAs('spawns'))
      const more = createSystem({ name: 'world', root: worker, definitions: [none] })
      await expect(more).rejects.toEqual(refusedAs('definitions.0'))
    },
  )

  it('SUP-15 at the third of three children stops the first two in reverse, and names the child and the cause', async () => {
    const broken = actor({
      name: 'broken',
      state: (): { n: number } => {
        throw new TypeError('cannot start')
      },
      on: {},
    })
    const root = supervisor({
      name: 'root',
      strategy: oneForOne({ maxRestarts: 0 }),
      children: [
        child(actor({ name: 'one', onStop: () => undefined, on: {} })),
        child(actor({ name: 'two', onStop: () => undefined, on: {} })),
        child(broken, { id: 'three' }),
      ],
    })
    const world = new World({ root })
    await expect(world.open()).rejects.toMatchObject({
      code: 'HF_START_FAILED',
      message: expect.stringMatching(/\/root\/three: cannot start$/) as string,
    })
    const names = new Map(world.recordsOf('spawned').map((record) => [record.actor, record.data().name]))
    const left = world
      .recordsOf('message')
      .filter(({ type }) => type === '$stop')
      .map((record) => names.get(record.actor))
    // The root was tried four times, as its budget says.
    expect(left).toEqual(['two', 'one', 'two', 'one', 'two', 'one', 'two', 'one'])
    expect(world.authorities.timers).toBe(0)
  })
})

describe('A child spec', () => {
  it('SUP-8 of a definition alone is permanent, and has 5 s for its stop, or for ever when it is a supervisor', async () => {
    const team = supervisor({ name: 'team', children: [] })
    const rest = { args: undefined, restart: 'permanent' }
    expect(child(worker)).toMatchObject({ ...rest, definition: worker, id: 'worker', shutdown: 5_000 })
    expect(child(team)).toMatchObject({ ...rest, definition: team, id: 'team', shutdown: 'infinity' })
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(worker)] }) })
    expect(world.recordsOf('spawned').map((each) => each.data())).toMatchObject([
      { name: 'root' },
      { name: 'worker', restart: 'permanent', fixed: true },
    ])
    expect(world.system.inspect('/root').strategy).toBe('one-for-one (3 in 5000 ms)')
  })

  it('SUP-9 without an id takes the name of its definition', async () => {
    const world = await World.start({ root: supervisor({ name: 'root', children: [child(worker)] }) })
    expect(await world.ask('/root/worker', 'ok')).toBe('ok')
  })

  it.each([
    ['child.definition', () => child(undefined as unknown as Definition)],
    ['child.definition', () => child(null as unknown as Definition)],
    ['child.definition', () => child('worker' as unknown as Definition)],
    ['child.definition', () => child({ kind: 'actor' } as Definition)],
    ['children.0', () => supervisor({ name: 'root', children: [worker as never] })],
    ['children.1', () => supervisor({ name: 'root', children: [child(worker), 'worker' as never] })],
    ['children', () => supervisor({ name: 'root', children: child(worker) as never })],
  ])('SUP-9 that lacks what it needs, or is none, is refused with its fault: %s (%#)', (field, make) => {
    expect(make).toThrow(refused(field))
  })

  it.each([0, 1, 5_000, 2_147_483_647, 'infinity', 'brutal'] as const)(
    'SUP-13 with %s for its stop is accepted',
    async (shutdown) => {
      const spec = child(worker, { shutdown })
      expect(spec.shutdown).toBe(shutdown)
      const world = await World.start({ root: supervisor({ name: 'root', children: [spec] }) })
      expect(await world.ask('/root/worker', 'ok')).toBe('ok')
      await world.stop()
      expect(world.authorities.timers).toBe(0)
    },
  )

  it.each([-10, -1, NaN, Infinity, 2_147_483_648, '5000', 'kill'])(
    'SUP-13 with %s for its stop is refused',
    (shutdown) => {
      const options = { shutdown } as ChildOptions<undefined>
      expect(() => child(worker, options)).toThrow(refused('child.shutdown'))
    },
  )
})

describe.each([
  ['one-for-one', oneForOne],
  ['all-for-one', allForOne],
  ['rest-for-one', restForOne],
])('A budget of %s', (kind, strategy) => {
  it.each([
    ['strategy.maxRestarts', { maxRestarts: Infinity }],
    ['strategy.maxRestarts', { maxRestarts: -1 }],
    ['strategy.withinMs', { withinMs: 0 }],
    ['strategy.withinMs', { withinMs: -1 }],
    ['strategy.withinMs', { withinMs: Infinity }],
  ])('SUP-11 that makes no sense is refused, and the fault names the field: %s of %o', (field, budget) => {
    expect(() => strategy(budget)).toThrow(refused(field))
    expect(strategy().kind).toBe(kind)
  })
})

describe('A strategy', () => {
  it.each([['one-for-two'], [{}], [{ affected: () => [0, 1] }]])(
    'SUP-11 that there is not is refused where it is written: %j',
    (given) => {
      const strategy = given as never
      expect(() => supervisor({ name: 'root', strategy, children: [] })).toThrow(refused('strategy'))
      expect(() => actor({ name: 'root', strategy, on: {} })).toThrow(refused('strategy'))
    },
  )
})
