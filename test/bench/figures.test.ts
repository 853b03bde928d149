import { describe, expect, it } from 'vitest'
import { formatFigure, formatRatio, formatShare } from './figures.js'

describe('formatFigure', () => {
  it.each([
    [17_234_567, '17.2 M'],
    [1_000_000, '1 M'],
    [999_999, '999,999'],
    [12_345.6, '12,346'],
    [600, '600'],
    [30.04, '30'],
    [0.4567, '0.457'],
    [-4.25, '-4.25'],
    [0, '0'],
  ])('of %d is %s', (value, text) => {
    expect(formatFigure(value)).toBe(text)
  })
})

describe('formatRatio and formatShare', () => {
  it('say what they are', () => {
    expect(formatRatio(3.4567)).toBe('3.46 x')
    expect(formatShare(0.0213)).toBe('2.13 %')
  })
})
