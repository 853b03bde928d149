import { expect, it } from 'vitest'
import { table } from './table.js'

it('text stands left, numbers right, and the last column is not padded', () => {
  const columns = [{ title: 'NAME' }, { title: 'N', isNumber: true }, { title: 'WHERE' }]
  expect(
    table(columns, [
      ['a', '1', 'here'],
      ['longer', '100', ''],
    ]),
  ).toEqual(['NAME      N  WHERE', 'a         1  here', 'longer  100'])
})

it('colours do not count as width', () => {
  const columns = [{ title: 'A' }, { title: 'B' }]
  const painted = table(columns, [['x', 'y']], (cell, _column, row) => (row < 0 ? cell : `<${cell}>`))
  expect(painted).toEqual(['A  B', '<x>  <y>'])
})
