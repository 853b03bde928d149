import { describe, expect, it } from 'vitest'
import { HoldfastError } from '../errors.js'
import { allForOne } from './all-for-one.js'
import { oneForOne } from './one-for-one.js'
import { restForOne } from './rest-for-one.js'

describe('which of five children share the fate of the third', () => {
  it.each([
    ['one-for-one: itself', oneForOne(), [2, 3]],
    ['all-for-one: everyone', allForOne(), [0, 5]],
    ['rest-for-one: itself and those started after it', restForOne(), [2, 5]],
  ])('%s', (_name, strategy, range) => {
    expect(strategy.affected(5, 2)).toEqual(range)
  })
})

describe('a budget that makes no sense is refused with its field', () => {
  it.each([
    ['strategy.maxRestarts', { maxRestarts: -1 }],
    ['strategy.maxRestarts', { maxRestarts: 1.5 }],
    ['strategy.maxRestarts', { maxRestarts: Number.NaN }],
    ['strategy.withinMs', { withinMs: 0 }],
    ['strategy.withinMs', { withinMs: Infinity }],
    ['strategy.withinMs', { withinMs: 2 ** 31 }],
  ])('%s of %o', (field, budget) => {
    expect(() => oneForOne(budget)).toThrow(HoldfastError)
    expect(() => oneForOne(budget)).toThrow(expect.objectContaining({ code: 'HF_INVALID', field }))
  })

  it('defaults to three restarts in five seconds', () => {
    expect(restForOne()).toMatchObject({ kind: 'rest-for-one', maxRestarts: 3, withinMs: 5_000 })
  })
})
