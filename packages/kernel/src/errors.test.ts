import { describe, expect, it } from 'vitest'
import { ERROR_CODES, HoldfastError, refuse, type ErrorCode } from './errors.js'

describe('HoldfastError', () => {
  it('carries code, actor, correlation, field, hint and cause', () => {
    const cause = new RangeError('underneath')
    const details = {
      actor: '/bank',
      correlationId: 'incident-1',
      field: 'amount',
      hint: 'Send less.',
      cause,
    }
    expect(new HoldfastError('HF_INVALID', 'no', details)).toMatchObject({ code: 'HF_INVALID', ...details })
  })

  it('is known by its brand, also when it comes from another copy of the package', () => {
    const foreign = Object.assign(new Error('from elsewhere'), { [Symbol.for('holdfast.error')]: true })
    expect(foreign instanceof HoldfastError).toBe(true)
    expect(new Error('plain') instanceof HoldfastError).toBe(false)
  })

  it('has a disposition for every code', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      expect(['retryable', 'terminal', 'cancelled', 'timeout', 'bug']).toContain(
        new HoldfastError(code, '').disposition,
      )
    }
  })

  it('becomes plain JSON without its cause', () => {
    const json = JSON.parse(
      JSON.stringify(new HoldfastError('HF_OVERLOAD', 'busy', { actor: '/a' })),
    ) as unknown
    expect(json).toEqual({ name: 'HoldfastError', code: 'HF_OVERLOAD', message: 'busy', actor: '/a' })
  })
})

describe('refuse', () => {
  it.each([
    ['a text', 'x'.repeat(100)],
    ['a function', () => undefined],
    ['an array', [1]],
    ['an object', {}],
    ['nothing', undefined],
  ])('names the field and what it got: %s', (_name, got) => {
    expect(() => refuse('mailbox.capacity', got, 'a whole number', '/a')).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field: 'mailbox.capacity', actor: '/a' }),
    )
  })
})
