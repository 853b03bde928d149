// Packages of floor 1 do not import each other, so two of them have the class of errors. Nobody may be able to tell.

import { ERROR_CODES, HoldfastError, refuse } from '@holdfast/kernel'
import * as resilience from '@holdfast/resilience'
import { describe, expect, it } from 'vitest'

const { circuitBreaker, CircuitOpenError } = resilience

function thrownBy(step: () => unknown): HoldfastError {
  try {
    step()
  } catch (error) {
    if (error instanceof HoldfastError) return error
  }
  throw new Error('it threw no HoldfastError')
}

function fieldsOf(error: Error): unknown {
  return { ...Object.fromEntries(Object.entries(error)), message: error.message }
}

describe('the errors of resilience', () => {
  it('have codes of the one table, with the same disposition', () => {
    expect(ERROR_CODES).toMatchObject(resilience.ERROR_CODES)
  })

  it('are HoldfastErrors to whoever imports that, and the other way round', () => {
    expect(new CircuitOpenError('rates', 'open', 5) instanceof HoldfastError).toBe(true)
    expect(new HoldfastError('HF_OVERLOAD', 'busy') instanceof resilience.HoldfastError).toBe(true)
    expect(new Error('plain') instanceof resilience.HoldfastError).toBe(false)
  })

  it('have the fields of all the others', () => {
    const details = { field: 'openMs', hint: 'Set it.', cause: new Error('underneath') }
    const own = new resilience.HoldfastError('HF_INVALID', 'no', details)
    const other = new HoldfastError('HF_INVALID', 'no', details)
    expect(Object.keys(own).sort()).toEqual(Object.keys(other).sort())
    expect(fieldsOf(own)).toEqual(fieldsOf(other))
    expect([own.cause, own.disposition]).toEqual([other.cause, other.disposition])
    expect(own.toJSON()).toEqual(other.toJSON())
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a function', () => 'rates'],
    ['an array', ['rates']],
    ['an object', { name: 'rates' }],
  ])('refuse %s in the same words', (_what, name) => {
    const own = thrownBy(() => circuitBreaker({ name: name as unknown as string, clock: () => 0 }))
    const other = thrownBy(() => refuse('name', name, 'a name'))
    expect(fieldsOf(own)).toEqual(fieldsOf(other))
  })
})

describe('CircuitOpenError', () => {
  it('is known by its code, also when it comes from another copy of the package', () => {
    const brand = { [Symbol.for('holdfast.error')]: true }
    const foreign = Object.assign(new Error('from elsewhere'), brand, { code: 'HF_CIRCUIT_OPEN' })
    expect(foreign instanceof CircuitOpenError).toBe(true)
    expect(new HoldfastError('HF_OVERLOAD', 'busy') instanceof CircuitOpenError).toBe(false)
    expect(new Error('plain') instanceof CircuitOpenError).toBe(false)
  })

  it('becomes plain JSON that says when to try again', () => {
    const json = JSON.parse(JSON.stringify(new CircuitOpenError('rates', 'halfOpen', 5))) as unknown
    expect(json).toMatchObject({
      code: 'HF_CIRCUIT_OPEN',
      breaker: 'rates',
      state: 'halfOpen',
      retryAfterMs: 5,
    })
  })
})
