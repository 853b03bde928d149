import { HoldfastError, type ErrorCode } from '@holdfast/kernel'
import { expect, it } from 'vitest'
import { exitCodeOf } from './exit-codes.js'
import { UsageError } from './usage-error.js'

it.each([
  ['HF_INVALID', 2],
  ['HF_NO_SUCH_ACTOR', 3],
  ['HF_UNKNOWN_CORRELATION', 3],
  ['HF_STORE_MISSING', 3],
  ['HF_DIVERGED', 5],
  ['HF_STORE_DAMAGED', 6],
  ['HF_STORE_IN_USE', 7],
  ['HF_STORE_UNWRITABLE', 7],
  ['HF_STORE_NEWER', 7],
  ['HF_SWARM_UNLOADABLE', 1],
  ['HF_START_FAILED', 6],
  ['HF_GAVE_UP', 6],
] satisfies [ErrorCode, number][])('%s ends with %d', (code, exit) => {
  expect(exitCodeOf(new HoldfastError(code, 'no'))).toBe(exit)
})

it('a typing error ends with 2, and what nobody expected with 1', () => {
  expect(exitCodeOf(new UsageError('no'))).toBe(2)
  expect(exitCodeOf(new Error('no'))).toBe(1)
  expect(exitCodeOf('no')).toBe(1)
})
