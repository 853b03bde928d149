import { describe, expect, it } from 'vitest'
import { Chance } from './chance.js'

function draw(position: number, attempt: number, count: number): number[] {
  const chance = new Chance(position, attempt)
  return Array.from({ length: count }, () => chance.next())
}

describe('chance', () => {
  it('draws the same numbers for the same message and attempt', () => {
    expect(draw(42, 1, 20)).toEqual(draw(42, 1, 20))
  })

  it('draws others for the next message, the next attempt, and a position beyond 32 bits', () => {
    const first = draw(42, 1, 4)
    expect(draw(43, 1, 4)).not.toEqual(first)
    expect(draw(42, 2, 4)).not.toEqual(first)
    expect(draw(42 + 2 ** 32, 1, 4)).not.toEqual(first)
  })

  it('spreads evenly over [0, 1)', () => {
    const buckets = new Array<number>(10).fill(0)
    for (let position = 1; position <= 20_000; position++) {
      const value = new Chance(position, 1).next()
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThan(1)
      buckets[Math.floor(value * 10)]!++
    }
    for (const bucket of buckets) expect(Math.abs(bucket - 2_000)).toBeLessThan(250)
  })
})
