import { describe, expect, it } from 'vitest'
import { HANDS_KEPT } from '../limits.js'
import { Hands } from './hands.js'
import type { InHand, Reply, Task } from './tasks.js'

function taskWith(inHand: InHand): Task {
  return { kind: 'follow', actor: 1, serial: 1, inHand }
}

describe('Shared memory for what tasks have in hand', () => {
  it.each(['work', 'value'] as const)(
    'is used again when its task has ended with %s, and is empty then',
    (kind) => {
      const hands = new Hands()
      const piece = hands.take()
      piece.fill(3)
      hands.putBack(taskWith(piece), { kind })
      const again = hands.take()
      expect(again).toBe(piece)
      expect([...again]).toEqual([0, 0])
    },
  )

  it.each(['lost', 'error', 'death', 'begun'] as (Reply['kind'] | 'death')[])(
    'is not used again when its task has ended with %s: somebody may yet write into it',
    (kind) => {
      const hands = new Hands()
      const piece = hands.take()
      hands.putBack(taskWith(piece), { kind })
      expect(hands.take()).not.toBe(piece)
    },
  )

  it('is never given to two tasks at a time, and only so much of it is kept', () => {
    const hands = new Hands()
    const taken = Array.from({ length: HANDS_KEPT + 10 }, () => hands.take())
    expect(new Set(taken).size).toBe(taken.length)
    for (const piece of taken) hands.putBack(taskWith(piece), { kind: 'work' })
    const again = Array.from({ length: HANDS_KEPT + 10 }, () => hands.take())
    expect(again.filter((piece) => taken.includes(piece))).toHaveLength(HANDS_KEPT)
    expect(new Set(again).size).toBe(again.length)
  })
})
