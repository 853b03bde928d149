import { describe, expect, it } from 'vitest'
import { settingsOf, type BreakerOptions } from './breaker-options.js'

const given = { name: 'rates', clock: () => 0 }

describe('the options of a breaker', () => {
  it.each([
    ['name', ''],
    ['name', 7],
    ['name', undefined],
    ['clock', undefined],
    ['clock', 1_000],
    ['failures', 0],
    ['failures', 2.5],
    ['failures', '5'],
    ['openMs', 0],
    ['openMs', '1000'],
    ['openMs', Number.NaN],
    ['openMs', Infinity],
    ['openMs', 5n],
    ['factor', 0.5],
    ['factor', Infinity],
    ['openMaxMs', 4_999],
    ['openMaxMs', 2 ** 31],
    ['trialTimeoutMs', 0],
    ['trialTimeoutMs', -1],
    ['isFailure', true],
    ['warn', 'console'],
  ])('refuse %s: %s, by its name', (field, value) => {
    const wrong = { ...given, openMs: 5_000, [field]: value } as unknown as BreakerOptions
    expect(() => settingsOf(wrong)).toThrow(expect.objectContaining({ code: 'HF_INVALID', field }))
  })

  it('refuse what is no object', () => {
    const wrong = undefined as unknown as BreakerOptions
    expect(() => settingsOf(wrong)).toThrow(expect.objectContaining({ code: 'HF_INVALID', field: 'options' }))
  })

  it('have defaults for all but the name and the clock', () => {
    expect(settingsOf(given)).toMatchObject({
      ...given,
      failures: 5,
      openMs: 5_000,
      factor: 2,
      openMaxMs: 60_000,
      trialTimeoutMs: 60_000,
    })
  })

  it('raise the longest open time to the first one, when that is longer and nothing else is said', () => {
    expect(settingsOf({ ...given, openMs: 90_000 }).openMaxMs).toBe(90_000)
  })
})
