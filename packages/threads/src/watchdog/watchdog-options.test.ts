import { describe, expect, it } from 'vitest'
import { checkWatchdog, type WatchdogOptions } from './watchdog-options.js'

describe('the options of a watchdog', () => {
  it.each([{ stallMs: 50 }, { stallMs: 1_000, endAfterMs: 1_000 }, { stallMs: 1_000, endAfterMs: 60_000 }])(
    '%j are taken',
    (options) => {
      expect(checkWatchdog(options)).toBe(options)
    },
  )

  it.each([
    ['watchdog', null],
    ['watchdog', true],
    ['watchdog.stallMs', {}],
    ['watchdog.stallMs', { stallMs: 49 }],
    ['watchdog.stallMs', { stallMs: 100.5 }],
    ['watchdog.stallMs', { stallMs: 2 ** 31 }],
    ['watchdog.stallMs', { stallMs: '1000' }],
    ['watchdog.endAfterMs', { stallMs: 1_000, endAfterMs: 999 }],
    ['watchdog.endAfterMs', { stallMs: 1_000, endAfterMs: Infinity }],
  ])('are refused with the field %s: %j', (field, options) => {
    expect(() => checkWatchdog(options as WatchdogOptions)).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field }) as Error,
    )
  })
})
