import { describe, expect, it } from 'vitest'
import { DATA_KINDS, FORMAT } from './batch-format.js'

// How many kinds of records there are in each format. A new kind is a new format, because an older build knows nothing
// of it and has to say so.
const KINDS = new Map([
  [1, 16],
  [2, 24],
  [3, 25],
  [4, 26],
  [5, 26],
  [6, 27],
  [7, 27],
])

describe('the format of a batch', () => {
  it('is raised with each kind of record that is new', () => {
    expect(DATA_KINDS).toHaveLength(KINDS.get(FORMAT)!)
    expect(Math.max(...KINDS.keys())).toBe(FORMAT)
  })
})
