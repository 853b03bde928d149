// What the levels of durability promise, and what becomes of those who wait for a disk that does not answer.

import { actor, HoldfastError } from '@holdfast/kernel'
import { describe, expect, it } from 'vitest'
import { World } from './world.js'

const DEADLINE_MS = 10_000

let done: number[] = []

const till = actor({
  name: 'till',
  state: () => ({ paid: [] as number[] }),
  on: {
    pay(ctx, n: number) {
      ctx.state.paid.push(n)
      return n
    },
    async ship(ctx, n: number) {
      await ctx.effect('ship', () => done.push(n))
      ctx.state.paid.push(n)
      return n
    },
  },
})

/** Begins an ask. @returns what came of it, when something did */
function asked(
  world: World,
  type: string,
  n: number,
  timeoutMs = 60_000,
): { value?: unknown; error?: unknown } {
  const outcome: { value?: unknown; error?: unknown } = {}
  world.system
    .ref('/till')
    .ask(type, n, { timeoutMs })
    .then(
      (value) => (outcome.value = value),
      (error: unknown) => (outcome.error = error),
    )
  return outcome
}

describe('strict durability', () => {
  it('I-02 F-1 answers nobody before the flush of what the answer stands on, and loses nothing that was answered', async () => {
    const world = await World.start({ root: till })
    const order: string[] = []
    world.journal.onProgress(() => order.push(`flushed to ${world.journal.durable}`))
    const { next } = world.journal
    const answer = world.system.ref('/till').ask('pay', 1)
    void answer.then(() => order.push('answered'))
    await world.settle()
    expect(order).toEqual([`flushed to ${next + 2}`, 'answered'])
    await world.recover()
    expect(world.state('/till')).toEqual({ paid: [1] })
    expect(world.system.store).toMatchObject({ durability: 'strict', waiting: 0, failure: null })
  })
})

describe('relaxed durability', () => {
  it('answers at once, and a crash takes back the last of it, in order', async () => {
    const world = await World.start({ root: till, durability: 'relaxed' })
    for (let n = 1; n <= 33; n++) {
      const answer = asked(world, 'pay', n)
      await world.settle()
      expect(answer).toEqual({ value: n })
      await world.advance(7)
    }
    expect(world.system.store).toMatchObject({ durability: 'relaxed', failure: null })
    expect(world.system.store.waiting).toBeGreaterThan(0)
    await world.recover()
    const { paid } = world.state<{ paid: number[] }>('/till')
    expect(paid).toEqual(Array.from({ length: paid.length }, (_, i) => i + 1))
    expect(paid.length).toBeGreaterThanOrEqual(33 - Math.ceil(100 / 7))
    expect(paid.length).toBeLessThan(33)
  })

  it('begins no effect before its cause is on the disk, and hurries the disk for it', async () => {
    done = []
    const world = await World.start({ root: till, durability: 'relaxed' })
    const answer = asked(world, 'ship', 7)
    await world.settle()
    // No time has passed: the flush was not put off.
    expect([done, answer]).toEqual([[7], { value: 7 }])
    world.crash()
    await world.open()
    await world.settle()
    // The turn was lost, the message was not: the effect is begun again, as it is with any durability.
    expect([world.state('/till'), done]).toEqual([{ paid: [7] }, [7, 7]])
  })

  it('has flushed() wait for the disk, and hurry it', async () => {
    const world = await World.start({ root: till, durability: 'relaxed' })
    world.tell('/till', 'pay', 1)
    await world.settle()
    await world.settled(world.system.flushed())
    await world.recover()
    expect(world.state('/till')).toEqual({ paid: [1] })
  })

  it('loses nothing when the system is stopped in order', async () => {
    const world = await World.start({ root: till, durability: 'relaxed' })
    world.tell('/till', 'pay', 1)
    await world.reopen()
    expect(world.state('/till')).toEqual({ paid: [1] })
  })
})

describe.each(['strict', 'relaxed'] as const)(
  'a disk that does not answer, with %s durability',
  (durability) => {
    async function stuck(): Promise<World> {
      done = []
      const world = await World.start({ root: till, durability })
      await world.ask('/till', 'pay', 1)
      await world.settled(world.system.flushed())
      world.store.cut()
      return world
    }

    it('I-10 releases nothing, and who waits for it learns why: by a code, and with what to do', async () => {
      const world = await stuck()
      const failed = world.events('store-failed')
      const ship = asked(world, 'ship', 2, 3 * DEADLINE_MS)
      const flushed = world.system.flushed().then(
        () => undefined,
        (error: unknown) => error,
      )
      await world.advance(DEADLINE_MS)
      const late = { code: 'HF_STORE_LATE', hint: expect.stringContaining('disk') as string }
      expect(failed).toMatchObject([{ failure: late }])
      expect(await flushed).toMatchObject(late)
      await expect(world.settled(world.system.flushed())).rejects.toMatchObject(late)
      expect(world.system.store).toMatchObject({ failure: late })
      expect(() => {
        world.tell('/till', 'pay', 3)
      }).toThrow(expect.objectContaining(late))
      expect(await world.askFails('/till', 'pay', 3)).toMatchObject(late)
      expect(world.state('/till')).toEqual({ paid: [1] })
      await world.advance(2 * DEADLINE_MS)
      expect(done).toEqual([])
      const { error } = ship as { error: HoldfastError }
      expect(error).toMatchObject({ code: 'HF_ASK_TIMEOUT', detail: 'HF_STORE_LATE', hint: late.hint })
      expect(error.cause).toMatchObject(late)
    })

    it('does not keep the system from stopping, and stop says why', async () => {
      const world = await stuck()
      const ship = asked(world, 'ship', 2, 60 * DEADLINE_MS)
      await world.settle()
      const stopping = world.system.stop()
      const stopped = expect(stopping).rejects.toMatchObject({ code: 'HF_STORE_LATE' })
      // The time of a turn that still waits, and that of the disk.
      await world.advance(5_000 + DEADLINE_MS)
      await stopped
      expect(ship.error).toBeInstanceOf(HoldfastError)
      expect(world.authorities.timers).toBe(0)
    })
  },
)
