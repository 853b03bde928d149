import { describe, expect, it } from 'vitest'
import { REF } from '../ref.js'
import { LeftBehind } from './left-behind.js'

const ref = (path: string): object => ({ [REF]: path })

describe('who is left behind', () => {
  it('is found wherever a value can hold a reference, once each, and in order', () => {
    const left = new LeftBehind((path) => path === '/here')
    const cause = Object.assign(new Error('why'), { by: ref('/e') })
    left.look({
      here: ref('/here'),
      list: [ref('/d'), [ref('/a')]],
      map: new Map<unknown, unknown>([[ref('/c'), { deep: ref('/b') }]]),
      set: new Set([ref('/a')]),
      error: new AggregateError([ref('/f')], 'no', { cause }),
      others: [null, undefined, 1, 'x', 2n, Buffer.from('x'), new Uint8Array(3)],
    })
    expect(left.paths).toEqual(['/a', '/b', '/c', '/d', '/e', '/f'])
    expect(left.count).toBe(6)
  })

  it('is listed up to a limit, and counted', () => {
    const left = new LeftBehind(() => false)
    for (let i = 0; i < 10_002; i++) left.note(`/a/${i}`)
    expect([left.paths.length, left.count]).toEqual([10_000, 10_002])
  })
})
