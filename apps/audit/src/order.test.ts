import { expect, it } from 'vitest'
import { byKeys, byText, distinct } from './order.js'

it('texts sort by code unit, whatever the language of the machine', () => {
  expect(['b', 'a', 'B', 'é', '_', '1'].sort(byText)).toEqual(['1', 'B', '_', 'a', 'b', 'é'])
})

it('a second key decides where the first one is equal', () => {
  const items = [
    { a: 'x', b: '2' },
    { a: 'x', b: '1' },
    { a: 'w', b: '3' },
  ]
  const sorted = [...items].sort(
    byKeys(
      (item) => item.a,
      (item) => item.b,
    ),
  )
  expect(sorted.map((item) => item.b)).toEqual(['3', '1', '2'])
})

it('distinct texts come sorted', () => {
  expect(distinct(['b', 'a', 'b'])).toEqual(['a', 'b'])
})
