import { describe, expect, it } from 'vitest'
import { Blueprints } from './blueprints.js'
import type { Around } from './around.js'
import { fingerprintOf } from './fingerprint.js'
import { actor, type Definition } from './definition.js'
import { child, supervisor } from './supervision/supervisor-definition.js'

const leaf = actor({ name: 'leaf', on: {} })
const branch = actor({ name: 'branch', spawns: [leaf], on: {} })
const root = supervisor({ name: 'root', children: [child(branch), child(branch, { id: 'second' })] })

describe('the definitions of a system', () => {
  it('are found from its root, through children and what they spawn', () => {
    const blueprints = new Blueprints(root)
    expect([...blueprints.all()].map(({ name }) => name).sort()).toEqual(['branch', 'leaf', 'root'])
    expect(blueprints.has('leaf')).toBe(true)
    expect(blueprints.of(leaf)).toBe(blueprints.named('leaf', '/root/x'))
  })

  it('may spawn themselves and each other', () => {
    const spawns: Definition[] = []
    const self = actor({ name: 'self', spawns, on: {} })
    spawns.push(self, actor({ name: 'other', spawns: [self], on: {} }))
    expect([...new Blueprints(self).all()].map(({ name }) => name).sort()).toEqual(['other', 'self'])
  })

  it('are found also when a supervisor names more children than a call takes arguments', () => {
    const children = Array.from({ length: 200_000 }, (_, i) => child(leaf, { id: `leaf-${i}` }))
    expect(new Blueprints(supervisor({ name: 'many', children })).has('leaf')).toBe(true)
  })

  it('may be given beside those', () => {
    const extra = actor({ name: 'extra', on: {} })
    expect(new Blueprints(root, [extra]).of(extra).name).toBe('extra')
  })

  it('refuse two of one name', () => {
    const another = actor({ name: 'leaf', on: {} })
    const both = actor({ name: 'both', spawns: [leaf, another], on: {} })
    expect(() => new Blueprints(both)).toThrow(
      expect.objectContaining({ code: 'HF_DUPLICATE_NAME', field: 'name' }) as Error,
    )
  })

  it('refuse one that nobody lists, also when it has the name of one that is listed', () => {
    const blueprints = new Blueprints(root)
    for (const name of ['unlisted', 'leaf']) {
      expect(() => blueprints.of(actor({ name, on: {} }))).toThrow(
        expect.objectContaining({ code: 'HF_DEFINITION_UNLISTED', disposition: 'bug' }) as Error,
      )
    }
  })

  it('refuse a name in the log that none of them has, and say whose it was', () => {
    expect(() => new Blueprints(root).named('gone', '/root/old')).toThrow(
      expect.objectContaining({ code: 'HF_DEFINITION_MISSING', actor: '/root/old' }) as Error,
    )
  })
})

describe('a blueprint', () => {
  const definition = actor({
    name: 'it',
    version: 3,
    state: (args: number | undefined) => ({ n: args ?? 0 }),
    migrate: {
      2: (old: { n: number }) => ({ n: old.n + 1 }),
      3: (old: { n: number }) => ({ n: old.n * 10 }),
    },
    upcast: { go: { 3: (old: number) => `${old}` } },
    on: { go: () => 1, async wait() {} },
    onStart: () => undefined,
  })
  const blueprint = new Blueprints(definition).of(definition)

  it('knows its handlers, and its hooks under names that no handler has', () => {
    expect(blueprint.types()).toEqual(['go', 'wait'])
    expect(blueprint.entry('go')).toMatchObject({ type: 'go', isAsync: false, isHook: false, isPlain: true })
    expect(blueprint.entry('wait')).toMatchObject({ isAsync: true, isPlain: false })
    expect(blueprint.entry('$start')).toMatchObject({ type: '$start', isHook: true })
    expect(blueprint.entry('$stop')).toBeUndefined()
    expect(blueprint.entry('toString')).toBeUndefined()
  })

  it('makes the first state from the arguments, an empty one when it says nothing, and none of a supervisor', () => {
    expect(blueprint.firstState(7)).toEqual({ n: 7 })
    const blueprints = new Blueprints(root)
    expect(blueprints.of(leaf).firstState(7)).toEqual({})
    expect(blueprints.of(root).firstState(7)).toBeUndefined()
  })

  it.each([
    [1, { n: 20 }],
    [2, { n: 10 }],
    [3, { n: 1 }],
  ])('brings a state of version %i up, each step once', (from, state) => {
    expect(blueprint.migrateState({ n: 1 }, from, '/it')).toEqual(state)
  })

  it('brings messages up that have an upcaster, and leaves the others', () => {
    const at = { path: '/it' }
    expect(blueprint.upcastMessage('go', 1, 1, at)).toBe('1')
    expect(blueprint.upcastMessage('wait', 1, 1, at)).toBe(1)
    expect(blueprint.upcastMessage('go', 1, 3, at)).toBe(1)
  })

  it('never guesses what a newer version means', () => {
    const newer = expect.objectContaining({ code: 'HF_VERSION_NEWER', actor: '/it' }) as Error
    expect(() => blueprint.migrateState({}, 4, '/it')).toThrow(newer)
    expect(() => blueprint.upcastMessage('go', 1, 4, { path: '/it' })).toThrow(newer)
  })
})

describe('what stands around handlers', () => {
  const asked: string[] = []
  const around: Around = {
    handler: ({ name }, type, run) => {
      asked.push(`${name} ${type}`)
      return (ctx, payload) => [run(ctx, payload)]
    },
    maker: ({ name }, what, make) => {
      asked.push(`${name} ${what}`)
      return (from) => [make(from)]
    },
    end: () => undefined,
  }
  const spec = {
    version: 2,
    state: () => 1,
    migrate: { 2: () => 2 },
    upcast: { go: { 2: () => 3 } },
    on: { go: () => 4, async wait() {} },
    onStart: () => 5,
  }
  const kept = actor({ name: 'kept', ...spec })
  const fleeting = actor({ name: 'fleeting', durable: false, ...spec })
  const all = supervisor({ name: 'all', children: [child(kept), child(fleeting)] })
  const blueprints = new Blueprints(all, [], around)
  const ctx = undefined as never

  it('is asked once for each function of durable actors that is run again, and for nothing of ours', () => {
    expect(asked.sort()).toEqual(
      ['$start', 'go', 'migrate', 'state', 'upcast', 'wait'].map((what) => `kept ${what}`),
    )
  })

  it('gives what is run in their place, and the rest stays what it was', () => {
    const blueprint = blueprints.of(kept)
    expect(blueprint.entry('go')!.run(ctx, undefined)).toEqual([4])
    expect(blueprint.entry('$start')!.run(ctx, undefined)).toEqual([5])
    expect(blueprint.firstState(undefined)).toEqual([1])
    expect(blueprint.migrateState(0, 1, '/it')).toEqual([2])
    expect(blueprint.upcastMessage('go', 0, 1, { path: '/it' })).toEqual([3])
    expect(blueprint.entry('wait')).toMatchObject({ isAsync: true, isPlain: false })
    expect(fingerprintOf(blueprint)).toBe(fingerprintOf(new Blueprints(all).of(kept)))
  })

  it('stands around what takes the place of a definition as well', () => {
    const late = actor({ name: 'late', on: { go: () => 4 } })
    blueprints.replace(supervisor({ name: 'all', children: [child(late)] }))
    expect(blueprints.of(late).entry('go')!.run(ctx, undefined)).toEqual([4])
  })
})
