import { queryObjects } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Asker } from './asker.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import { Mailbox, type Taker } from './mailbox.js'

const entry = { type: 'note', isUrgent: false } as unknown as HandlerEntry
const urgent = { type: 'alarm', isUrgent: true } as unknown as HandlerEntry

function taker(): Taker {
  return { entry, payload: null, from: null, position: 0, correlation: 0, asker: null }
}

function take(mailbox: Mailbox): number {
  const into = taker()
  mailbox.takeInto(into)
  return into.position
}

function push(mailbox: Mailbox, position: number): boolean {
  return mailbox.push(entry, { position }, null, position, position, null)
}

/** A mailbox as a list says it: what was put back, what is urgent, and the others. */
class Model {
  readonly putBack: number[] = []
  readonly urgent: number[] = []
  readonly others: number[] = []
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get all(): number[] {
    return [...this.putBack, ...this.urgent, ...this.others]
  }

  of(isUrgent: boolean): number[] {
    return isUrgent ? this.urgent : this.others
  }

  push(isUrgent: boolean, position: number): boolean {
    const fits = this.of(isUrgent).length < this.#capacity
    if (fits) this.of(isUrgent).push(position)
    return fits
  }

  take(): number | undefined {
    return (this.putBack.length > 0 ? this.putBack : this.of(this.urgent.length > 0)).shift()
  }
}

const STEPS = ['push', 'take', 'unshift', 'giveBack', 'restore', 'drop'] as const
const WEIGHTS = { push: 8, take: 6, unshift: 1, giveBack: 1, restore: 1, drop: 1 }

function run(mailbox: Mailbox, model: Model, what: (typeof STEPS)[number], isUrgent: boolean, i: number) {
  const of = isUrgent ? urgent : entry
  const zone = model.of(isUrgent)
  if (what === 'push') {
    const isFull = mailbox.isFullFor(of)
    const fits = model.push(isUrgent, i)
    expect([isFull, mailbox.push(of, { i }, null, i, i, null)]).toEqual([!fits, fits])
  } else if (what === 'take') {
    if (model.all.length > 0) expect(take(mailbox)).toBe(model.take())
  } else if (what === 'unshift') {
    mailbox.unshift(of, null, null, i, i, null)
    model.putBack.unshift(i)
  } else if (what === 'giveBack') {
    mailbox.giveBack(of, null, null, i, i, null)
    zone.unshift(i)
  } else if (what === 'restore') {
    mailbox.restore(of, null, null, i, i, null)
    zone.push(i)
  } else if (zone.length > 0) {
    const dropped = taker()
    mailbox.dropInto(dropped, isUrgent)
    expect(dropped.position).toBe(zone.shift())
  }
}

describe('M1 messages leave in the order in which they came', () => {
  const step = fc.oneof(...STEPS.map((what) => ({ weight: WEIGHTS[what], arbitrary: fc.constant(what) })))
  const steps = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 3 })), { maxLength: 300 })

  it.each([
    ['nothing is urgent', false],
    ['some are urgent', true],
  ])(
    'whatever is pushed, taken, dropped and put back, it behaves like lists with a capacity: %s',
    (_, hasUrgent) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 40 }), steps, (capacity, program) => {
          const mailbox = new Mailbox(capacity, hasUrgent)
          const model = new Model(capacity)
          for (const [i, [what, chance]] of program.entries()) {
            run(mailbox, model, what, hasUrgent && chance === 0, i)
            expect([mailbox.size, mailbox.isFull]).toEqual([
              model.all.length,
              model.others.length >= capacity,
            ])
          }
          const seen: number[] = []
          const into = taker()
          mailbox.forEach(into, () => seen.push(into.position))
          expect(seen).toEqual(model.all)
        }),
      )
    },
  )

  const from = { name: 'sender' } as unknown as Cell
  const asker = { isDurable: false } as unknown as Asker

  it('a message carries its sender, correlation and asker through the ring', () => {
    const mailbox = new Mailbox(4)
    mailbox.push(entry, 'payload', from, 7, 3, asker)
    const into = taker()
    mailbox.takeInto(into)
    expect(into).toEqual({ entry, payload: 'payload', from, position: 7, correlation: 3, asker })
  })

  it('one that comes after another in the same slot has nothing of it', () => {
    const mailbox = new Mailbox(1)
    const other = { type: 'other' } as unknown as HandlerEntry
    mailbox.push(entry, 'payload', from, 7, 3, asker)
    const first = taker()
    expect(mailbox.hand(first)).toBe('payload')
    expect(first).toEqual({ entry, payload: null, from, position: 7, correlation: 3, asker })
    mailbox.push(other, 'next', null, 0, 0, null)
    const second = taker()
    expect(mailbox.hand(second)).toBe('next')
    expect(second).toEqual({ ...taker(), entry: other })
  })
})

describe('M2 what left is forgotten', () => {
  class Payload {
    readonly held = true
  }

  it.each(['takeInto', 'hand', 'dropInto'] as const)('no slot keeps a payload alive after %s', (how) => {
    const mailbox = new Mailbox(8)
    for (let i = 0; i < 8; i++) mailbox.push(entry, new Payload(), null, i, i, null)
    expect(queryObjects(Payload, { format: 'count' })).toBe(8)
    const into = taker()
    for (let i = 0; i < 8; i++) mailbox[how](into)
    into.payload = null
    expect(mailbox.size).toBe(0)
    expect(queryObjects(Payload, { format: 'count' })).toBe(0)
  })
})

describe('M3 a mailbox takes no more than its capacity', () => {
  it('refuses the one after the last, and takes one again after one has left', () => {
    const mailbox = new Mailbox(3)
    expect([1, 2, 3, 4].map((position) => push(mailbox, position))).toEqual([true, true, true, false])
    expect(mailbox.isFull).toBe(true)
    expect(take(mailbox)).toBe(1)
    expect(push(mailbox, 5)).toBe(true)
  })

  it('drops the oldest that was not put back in front', () => {
    const mailbox = new Mailbox(3)
    for (const position of [1, 2, 3]) push(mailbox, position)
    for (const position of [8, 9]) mailbox.unshift(entry, null, null, position, position, null)
    const dropped = taker()
    mailbox.dropInto(dropped)
    expect(dropped.position).toBe(1)
    expect(push(mailbox, 4)).toBe(true)
    expect([1, 2, 3, 4, 5].map(() => take(mailbox))).toEqual([9, 8, 2, 3, 4])
  })

  it('drops the oldest that is not to be kept, and says when there is none', () => {
    const mailbox = new Mailbox(3)
    const kept = { isDurable: false } as unknown as Asker
    mailbox.push(entry, null, null, 1, 1, kept)
    for (const position of [2, 3]) push(mailbox, position)
    const dropped = taker()
    const isKept = (asker: Asker | null): boolean => asker === kept
    expect(mailbox.dropInto(dropped, false, isKept)).toBe(true)
    expect(dropped.position).toBe(2)
    expect([push(mailbox, 4), push(mailbox, 5)]).toEqual([true, false])
    expect([mailbox.dropInto(dropped, false, isKept), mailbox.dropInto(dropped, false, isKept)]).toEqual([
      true,
      true,
    ])
    expect(mailbox.dropInto(dropped, false, isKept)).toBe(false)
    expect(take(mailbox)).toBe(1)
  })

  it('takes back what it had before the process ended, and nothing more until that has left', () => {
    const mailbox = new Mailbox(2)
    for (const position of [1, 2, 3]) mailbox.restore(entry, null, null, position, position, null)
    expect([mailbox.size, mailbox.isFull, push(mailbox, 4)]).toEqual([3, true, false])
    expect([take(mailbox), push(mailbox, 5)]).toEqual([1, false])
    expect([take(mailbox), push(mailbox, 6)]).toEqual([2, true])
    expect([take(mailbox), take(mailbox)]).toEqual([3, 6])
  })

  it('shows what waits, and what is first, without taking it', () => {
    const mailbox = new Mailbox(20)
    expect(mailbox.first).toBeNull()
    for (let i = 0; i < 12; i++) push(mailbox, i)
    for (let i = 0; i < 6; i++) take(mailbox)
    for (let i = 12; i < 18; i++) push(mailbox, i)
    const seen: number[] = []
    const into = taker()
    mailbox.forEach(into, () => seen.push(into.position))
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => i + 6))
    expect([mailbox.first, mailbox.size]).toEqual([entry, 12])
  })

  it('lets what was taken in before stand in front of a full one', () => {
    const mailbox = new Mailbox(1)
    push(mailbox, 1)
    mailbox.unshift(entry, null, null, 9, 9, null)
    expect([take(mailbox), take(mailbox)]).toEqual([9, 1])
  })
})
