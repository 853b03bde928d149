import { expect, it } from 'vitest'
import { bytesText, count, grouped, span } from './figures.js'

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1 s'],
  [4_230, '4.2 s'],
  [185_000, '3 min 5 s'],
  [7_200_000, '2 h'],
  [7_800_000, '2 h 10 min'],
  [273_600_000, '3 d 4 h'],
  [-1_500, '-1.5 s'],
])('%d ms are read as %s', (ms, text) => {
  expect(span(ms)).toBe(text)
})

it.each([
  [999, '999 B'],
  [5_200, '5.2 kB'],
  [7_340_000, '7.3 MB'],
  [2_000_000_000_000, '2000.0 GB'],
])('%d bytes are read as %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

it('counts stand with their word and their thousands apart', () => {
  expect([count(1, 'turn'), count(0, 'turn'), count(12_345, 'batch', 'batches')]).toEqual([
    '1 turn',
    '0 turns',
    '12,345 batches',
  ])
  expect(grouped(1_234_567)).toBe('1,234,567')
})
