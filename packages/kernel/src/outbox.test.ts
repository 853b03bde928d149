import { describe, expect, it } from 'vitest'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import { PAUSED } from './gate.js'
import type { Kernel } from './kernel.js'
import { Mailbox, type Taker } from './mailbox.js'
import { Outbox } from './outbox.js'

const entry = { type: 'note' } as unknown as HandlerEntry
const sender = { name: 'sender' } as unknown as Cell
// What it hands over waits in mailboxes behind a gate that is shut: nothing of the kernel is asked for.
const kernel = {} as unknown as Kernel

function cell(name: string): Cell {
  return { name, gate: PAUSED, mailbox: new Mailbox(4_096) } as unknown as Cell
}

function filled(count: number, cells: readonly Cell[]): Outbox {
  const outbox = new Outbox()
  for (let i = 0; i < count; i++) outbox.add(cells[i % cells.length]!, entry, `payload ${i}`, 10 + i, 5)
  return outbox
}

function waiting({ mailbox }: Cell): unknown[] {
  const seen: unknown[] = []
  const into: Taker = { entry, payload: null, from: null, position: 0, correlation: 0, asker: null }
  while (mailbox!.size > 0) {
    mailbox!.takeInto(into)
    seen.push([into.entry.type, into.payload, into.from?.name, into.position])
  }
  return seen
}

describe('an outbox', () => {
  it('hands over what was told, in order, once', () => {
    const [a, b] = [cell('a'), cell('b')]
    const outbox = filled(3, [a, b])
    outbox.deliver(kernel, sender)
    expect(outbox.size).toBe(0)
    outbox.deliver(kernel, sender)
    expect(waiting(a)).toEqual([
      ['note', 'payload 0', 'sender', 10],
      ['note', 'payload 2', 'sender', 12],
    ])
    expect(waiting(b)).toEqual([['note', 'payload 1', 'sender', 11]])
  })

  it('forgets what a turn told that failed', () => {
    const a = cell('a')
    const outbox = filled(3, [a])
    outbox.clear()
    outbox.deliver(kernel, sender)
    expect(waiting(a)).toEqual([])
    outbox.add(a, entry, 'next', 1, 1)
    outbox.deliver(kernel, sender)
    expect(waiting(a)).toEqual([['note', 'next', 'sender', 1]])
  })

  it('gives everything out, in order, for a turn that turns out to wait', () => {
    const outbox = filled(2_000, [cell('a')])
    const seen: unknown[] = []
    outbox.drain((_to, _entry, payload) => seen.push(payload))
    expect(seen).toEqual(Array.from({ length: 2_000 }, (_, i) => `payload ${i}`))
    expect(outbox.size).toBe(0)
  })
})
