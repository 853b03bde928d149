import { expect, it } from 'vitest'
import * as memory from './memory.js'

const { newThreadMemory, CAUSE_UNKNOWN, CAUSE_EXIT, CAUSE_BYTES, ...places } = memory

it('memory of a thread has a place of its own for each thing, and says nothing at first', () => {
  const all = Object.values(places).sort((a, b) => a - b)
  const empty = newThreadMemory()
  expect(all).toEqual(Array.from(empty, (_, i) => i))
  expect([...empty]).toEqual(all.map(() => 0))
  expect(empty.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect(newThreadMemory().buffer).not.toBe(empty.buffer)
})

it('the causes of an end can be told apart', () => {
  expect([CAUSE_UNKNOWN, CAUSE_EXIT, CAUSE_BYTES]).toEqual([0, 1, 2])
})
