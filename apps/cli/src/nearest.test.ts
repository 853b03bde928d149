import { expect, it } from 'vitest'
import { didYouMean, nearest } from './nearest.js'

const known = ['/bank', '/bank/reserve', '/bank/tellers', '/bank/tellers/anna', 'incident-123']

it('a typing error finds what was meant', () => {
  expect(nearest('/bank/resrve', known)).toEqual(['/bank/reserve'])
  expect(nearest('incident-124', known)).toEqual(['incident-123'])
})

it('a part finds the names that hold it, the shortest first', () => {
  expect(nearest('TELL', known)).toEqual(['/bank/tellers', '/bank/tellers/anna'])
})

it('what is like nothing is told where to look', () => {
  expect(didYouMean('xylophone', known, 'Look there.')).toBe('Look there.')
  expect(didYouMean('/bnak', known, 'Look there.')).toBe('Did you mean /bank?')
})
