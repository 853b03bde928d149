import { describe, expect, it } from 'vitest'
import * as gate from './gate.js'

describe('the bits of a gate', () => {
  it('are one bit each, and none is taken twice', () => {
    const bits = Object.values(gate)
    expect(bits.length).toBeGreaterThan(5)
    for (const bit of bits) expect(Math.log2(bit) % 1, String(bit)).toBe(0)
    expect(new Set(bits).size).toBe(bits.length)
  })

  it('stay within the small integers that need no box', () => {
    expect(Object.values(gate).reduce<number>((all, bit) => all | bit, 0)).toBeLessThan(2 ** 30)
  })
})
