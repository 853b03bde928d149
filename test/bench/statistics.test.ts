import { describe, expect, it } from 'vitest'
import { median, relativeSpread } from './statistics.js'

describe('median', () => {
  it('of an odd number of values in any order is the middle one', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  it('of an even number of values is the mean of the two in the middle', () => {
    expect(median([10, 1, 4, 2])).toBe(3)
  })

  it('compares numbers as numbers and not as text', () => {
    expect(median([100, 9, 20])).toBe(20)
  })

  it('leaves the values it was given in their order', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })

  it('of no values is refused', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

describe('relativeSpread', () => {
  it('is the median distance from the median as a share of the median', () => {
    expect(relativeSpread([90, 100, 100, 110, 120])).toBeCloseTo(0.1)
  })

  it('is not moved by one run that went wrong', () => {
    expect(relativeSpread([100, 101, 99, 100, 1])).toBeCloseTo(0.01)
  })

  it('of differences is a share of what they were taken from', () => {
    expect(relativeSpread([-1, 0, 2], 100)).toBeCloseTo(0.01)
  })

  it('of equal values is nothing, also when they are zero', () => {
    expect(relativeSpread([0, 0, 0])).toBe(0)
  })
})
