import { describe, expect, it } from 'vitest'
import { checkSchema } from './schema-check.js'
import type { SchemaIssue, StandardSchema } from './standard-schema.js'

type Answer = ReturnType<StandardSchema['~standard']['validate']>

function schema(validate: (value: unknown) => Answer): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

function check(issues: readonly SchemaIssue[]): () => unknown {
  return () =>
    checkSchema(
      schema(() => ({ issues })),
      {},
      '/bank',
      'deposit',
    )
}

describe('a schema', () => {
  it('gives what it makes of the payload', () => {
    const trimming = schema((value) => ({ value: String(value).trim() }))
    expect(checkSchema(trimming, '  x ', '/bank', 'deposit')).toBe('x')
  })

  it.each([
    ['deposit', [{ message: 'is wrong' }]],
    ['deposit.amount', [{ message: 'is wrong', path: ['amount'] }]],
    [
      'deposit.lines.2.price',
      [{ message: 'is wrong', path: ['lines', 2, { key: 'price' }] }, { message: 'also' }],
    ],
  ])('names the first complaint by its path: %s', (field, issues) => {
    expect(check(issues)).toThrow(
      expect.objectContaining({
        code: 'HF_INVALID',
        actor: '/bank',
        field,
        message: `${field}: is wrong`,
      }) as Error,
    )
  })

  it('that complains of nothing in particular still refuses', () => {
    expect(check([])).toThrow(expect.objectContaining({ code: 'HF_INVALID', field: 'deposit' }) as Error)
  })

  it('that answers later is refused, and its failure is no unhandled rejection', async () => {
    const later = schema(() => Promise.reject(new Error('later')))
    expect(() => checkSchema(later, {}, '/bank', 'deposit')).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field: 'messages.deposit' }) as Error,
    )
    await new Promise((resolve) => setImmediate(resolve))
  })
})
