import { describe, expect, it } from 'vitest'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import type { Kernel } from './kernel.js'
import { Outbox } from './outbox.js'

const cells = ['a', 'b'].map((name) => ({ name }) as unknown as Cell)
const entry = { type: 'note' } as unknown as HandlerEntry
const sender = { name: 'sender' } as unknown as Cell

function filled(count: number): Outbox {
  const outbox = new Outbox()
  for (let i = 0; i < count; i++) outbox.add(cells[i % 2]!, entry, `payload ${i}`, 10 + i, 5)
  return outbox
}

function delivered(outbox: Outbox): unknown[] {
  const seen: unknown[] = []
  const deliver = (to: Cell, type: HandlerEntry, payload: unknown, from: Cell, position: number): void => {
    seen.push([to.name, type.type, payload, from.name, position])
  }
  outbox.deliver({ deliver } as unknown as Kernel, sender)
  return seen
}

describe('an outbox', () => {
  it('hands over what was told, in order, once', () => {
    const outbox = filled(3)
    expect(delivered(outbox)).toEqual([
      ['a', 'note', 'payload 0', 'sender', 10],
      ['b', 'note', 'payload 1', 'sender', 11],
      ['a', 'note', 'payload 2', 'sender', 12],
    ])
    expect(outbox.size).toBe(0)
    expect(delivered(outbox)).toEqual([])
  })

  it('forgets what a turn told that failed', () => {
    const outbox = filled(3)
    outbox.clear()
    expect(delivered(outbox)).toEqual([])
    outbox.add(cells[0]!, entry, 'next', 1, 1)
    expect(delivered(outbox)).toEqual([['a', 'note', 'next', 'sender', 1]])
  })

  it('gives everything out, in order, for a turn that turns out to wait', () => {
    const outbox = filled(2_000)
    const seen: unknown[] = []
    outbox.drain((_to, _entry, payload) => seen.push(payload))
    expect(seen).toEqual(Array.from({ length: 2_000 }, (_, i) => `payload ${i}`))
    expect(outbox.size).toBe(0)
  })
})
