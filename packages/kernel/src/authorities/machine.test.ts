import { afterEach, describe, expect, it } from 'vitest'
import type { Timer } from './authorities.js'
import { machineAuthorities } from './machine.js'

describe('a timer of the machine', () => {
  let timer: Timer | undefined

  afterEach(() => {
    timer?.cancel()
  })

  const held = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

  it('keeps the process alive until it is cancelled, unless it is told not to', () => {
    const before = held()
    timer = machineAuthorities().timer(1_000_000, () => undefined)
    expect(held()).toBe(before + 1)
    timer.unref?.()
    expect(held()).toBe(before)
    timer.cancel()
    timer = machineAuthorities().timer(1_000_000, () => undefined)
    timer.cancel()
    expect(held()).toBe(before)
  })
})
