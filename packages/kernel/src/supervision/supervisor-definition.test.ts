import { describe, expect, it } from 'vitest'
import { actor, type Definition } from '../definition.js'
import { allForOne } from '../strategy/all-for-one.js'
import { child, supervisor } from './supervisor-definition.js'

const worker = actor({ name: 'worker', on: {} })
const refused = (field: string): unknown => expect.objectContaining({ code: 'HF_INVALID', field })

describe('a child spec', () => {
  it("has OTP's defaults: permanent, five seconds for an actor, for ever for a supervisor", () => {
    expect(child(worker)).toMatchObject({
      id: 'worker',
      restart: 'permanent',
      shutdown: 5_000,
      args: undefined,
    })
    const team = supervisor({ name: 'team', children: [] })
    expect(child(team)).toMatchObject({ id: 'team', restart: 'permanent', shutdown: 'infinity' })
  })

  it('keeps what it is given, and is frozen', () => {
    const spec = child(worker, { id: 'first', restart: 'transient', shutdown: 'brutal' })
    expect(spec).toMatchObject({ definition: worker, id: 'first', restart: 'transient', shutdown: 'brutal' })
    expect(Object.isFrozen(spec)).toBe(true)
  })

  it.each([
    ['child.id', { id: '' }],
    ['child.id', { id: 'a/b' }],
    ['child.restart', { restart: 'always' }],
    ['child.shutdown', { shutdown: -1 }],
    ['child.shutdown', { shutdown: NaN }],
    ['child.shutdown', { shutdown: 2 ** 31 }],
    ['child.shutdown', { shutdown: 'soon' }],
  ])('is refused with its field: %s of %o', (field, options) => {
    expect(() => child(worker, options as never)).toThrow(refused(field))
  })

  it('of a definition that is not there yet is refused', () => {
    expect(() => child(undefined as unknown as Definition)).toThrow(refused('child.definition'))
  })
})

describe('a supervisor', () => {
  it('restarts one for one, three times in five seconds, unless it says otherwise', () => {
    const { strategy } = supervisor({ name: 'team', children: [] })
    expect(strategy).toMatchObject({ kind: 'one-for-one', maxRestarts: 3, withinMs: 5_000 })
    const group = supervisor({ name: 'team', strategy: allForOne(), children: [child(worker)] })
    expect(group).toMatchObject({
      kind: 'supervisor',
      name: 'team',
      version: 1,
      strategy: { kind: 'all-for-one' },
    })
  })

  it('is apart from the array of children that it was given', () => {
    const children = [child(worker)]
    const team = supervisor({ name: 'team', children })
    children.push(child(worker, { id: 'another' }))
    expect(team.children).toHaveLength(1)
    expect(Object.isFrozen(team) && Object.isFrozen(team.children)).toBe(true)
  })

  it('with two children of one id is refused', () => {
    expect(() => supervisor({ name: 'team', children: [child(worker), child(worker)] })).toThrow(
      expect.objectContaining({ code: 'HF_DUPLICATE_NAME', field: 'children' }) as Error,
    )
  })

  it.each([
    ['name', { name: '' }],
    ['children', { children: undefined }],
    ['children', { children: {} }],
    ['children.0', { children: [worker] }],
    ['children.1', { children: [child(worker), null] }],
    ['onFailure.default', { onFailure: { default: 'panic' } }],
  ])('is refused with its field: %s of %o', (field, wrong) => {
    expect(() => supervisor({ name: 'team', children: [], ...wrong } as never)).toThrow(refused(field))
  })
})
