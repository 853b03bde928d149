// What happens at the edge of a system, where messages come in: schemas, copies, pressure, durability; and the one way
// in which a message overtakes another.

import {
  actor,
  child,
  supervisor,
  type Definition,
  type HoldfastError,
  type StandardSchema,
} from '@holdfast/kernel'
import { describe, expect, it } from 'vitest'
import { World } from './world.js'

const rootOf = (...definitions: readonly Definition[]) =>
  supervisor({ name: 'root', children: definitions.map((definition) => child(definition)) })

/** A schema of a positive amount, which gives it back in cents. */
const amountInCents: StandardSchema<{ amount: number }, { amount: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const amount = (value as { amount?: unknown } | null)?.amount
      if (typeof amount === 'number' && amount > 0) return { value: { amount: amount * 100 } }
      return { issues: [{ message: 'must be positive', path: ['amount'] }] }
    },
  },
}

describe('A schema', () => {
  const account = actor({
    name: 'account',
    state: () => ({ cents: 0 }),
    messages: { deposit: amountInCents },
    on: {
      deposit(ctx, { amount }) {
        ctx.state.cents += amount
      },
      pass(ctx) {
        ctx.tell(ctx.self, 'deposit', { amount: -1 })
      },
    },
  })

  it('is held against what comes from outside, whose field it names, and gives what it makes of it', async () => {
    const world = await World.start({ root: rootOf(account) })
    const refused = { code: 'HF_INVALID', field: 'deposit.amount' }
    expect(() => world.tell('/root/account', 'deposit', { amount: 0 })).toThrow(
      expect.objectContaining(refused),
    )
    expect(await world.askFails('/root/account', 'deposit', null)).toMatchObject(refused)
    await world.ask('/root/account', 'deposit', { amount: 2 })
    expect(world.state('/root/account')).toEqual({ cents: 200 })
    expect(world.recordsOf('message').filter(({ type }) => type === 'deposit')).toHaveLength(1)
  })

  it('is not held against what actors tell each other', async () => {
    const world = await World.start({ root: rootOf(account) })
    world.tell('/root/account', 'pass')
    await world.settle()
    expect(world.state('/root/account')).toEqual({ cents: -1 })
  })
})

describe('A message', () => {
  it.each([
    [true, false],
    [false, true],
  ])('to an actor that is durable (%s) is the very object of its sender: %s', async (durable, isSame) => {
    const got: unknown[] = []
    const keeper = actor({
      name: 'keeper',
      durable,
      on: {
        keep(_ctx, payload: { readonly list: readonly number[] }) {
          got.push(payload)
        },
      },
    })
    const world = await World.start({ root: rootOf(keeper) })
    const sent = { list: [1, 2] }
    world.tell('/root/keeper', 'keep', sent)
    await world.settle()
    expect(got).toEqual([sent])
    expect(got[0] === sent).toBe(isSame)
  })

  it('that is asked overtakes what the same turn told before', async () => {
    const seen = actor({
      name: 'seen',
      state: () => ({ words: [] as string[] }),
      on: {
        word(ctx, { word }: { word: string }) {
          ctx.state.words.push(word)
        },
      },
    })
    const both = actor({
      name: 'both',
      on: {
        async go(ctx) {
          const to = ctx.ref(seen, '/root/seen')
          ctx.tell(to, 'word', { word: 'told' })
          await ctx.ask(to, 'word', { word: 'asked' })
        },
      },
    })
    const world = await World.start({ root: rootOf(seen, both) })
    await world.ask('/root/both', 'go')
    await world.settle()
    expect(world.state('/root/seen')).toEqual({ words: ['asked', 'told'] })
  })

  it('that was told from outside is durable when flushed says so, and not before', async () => {
    const note = actor({ name: 'note', on: { take: () => undefined } })
    const world = await World.start({ root: rootOf(note) })
    await world.settle()
    const next = world.journal.next
    world.tell('/root/note', 'take')
    expect(world.journal.durable).toBe(next)
    await world.settled(world.system.flushed())
    expect(world.journal.durable).toBeGreaterThan(next)
  })
})

describe('More than 16 MiB that wait for the disk', () => {
  it('refuse what comes from outside, until there is room', async () => {
    const heap = actor({
      name: 'heap',
      state: () => ({ taken: 0 }),
      on: {
        take(ctx, _bytes: Buffer) {
          ctx.state.taken++
        },
      },
    })
    const world = await World.start({ root: rootOf(heap) })
    const bytes = Buffer.alloc(100_000)
    let sent = 0
    let refusal: HoldfastError | undefined
    while (refusal === undefined && sent < 1_000) {
      try {
        world.tell('/root/heap', 'take', bytes)
        sent++
      } catch (error) {
        refusal = error as HoldfastError
      }
    }
    expect(refusal).toMatchObject({ code: 'HF_OVERLOAD', disposition: 'retryable' })
    expect(sent * bytes.byteLength).toBeGreaterThan(16 * 2 ** 20)
    const room = world.system.room()
    await world.advance(1_000)
    await room
    world.tell('/root/heap', 'take', bytes)
    await world.settle()
    expect(world.state('/root/heap')).toEqual({ taken: sent + 1 })
  })
})
