import { afterEach, describe, expect, it } from 'vitest'
import { CANCEL_GRACE_MS, GIVE_UP_MS, LOOK_EVERY_MS, RENEW_MS, SPARE_AFTER_MS } from '../limits.js'
import type { PoolOptions } from './pool-options.js'
import { livingThreads, PoolWorld, type Sent } from './thread-pool.fixture.js'

let world: PoolWorld

function open(options: PoolOptions, entry?: string): PoolWorld {
  return (world = new PoolWorld(options, entry))
}

afterEach(() => world.pool.close())

/** A task for each of some actors, which waits in its thread. */
function waitIn(...actors: number[]): Sent[] {
  return actors.map((actor) => world.send(actor, 'waits'))
}

async function allAnswered(sent: readonly Sent[]): Promise<unknown[]> {
  for (const each of sent) each.open()
  return Promise.all(sent.map((each) => world.answer(each)))
}

const WORK = { kind: 'work' }

describe('A pool with bounds', () => {
  it('grows while all of its threads are busy, to its greatest number and never past it', async () => {
    open({ threads: { min: 1, max: 3 } })
    const sent: Sent[] = []
    const counts: number[] = []
    for (let actor = 1; actor <= 12; actor++) {
      sent.push(...waitIn(actor))
      counts.push(world.threads)
    }
    expect(counts).toEqual([1, 2, ...Array.from({ length: 10 }, () => 3)])
    await world.until(() => world.ready === 3)
    expect(livingThreads()).toBe(3)
    expect(await allAnswered(sent)).toMatchObject(sent.map(() => WORK))
    expect(livingThreads()).toBe(3)
  })

  it('does not grow while one of its threads has nothing to do', async () => {
    open({ threads: { min: 1, max: 4 } })
    for (let actor = 1; actor <= 6; actor++) await world.answer(world.send(actor, 'answers'))
    expect([world.threads, livingThreads()]).toEqual([1, 1])
  })

  it('grows also when all of its actors live in one thread, and sends some of them elsewhere', async () => {
    open({ threads: { min: 1, max: 3 } })
    const actors = [1, 2, 3, 4, 5, 6, 7]
    for (const actor of actors) await world.answer(world.send(actor, 'answers'))
    expect(world.threads).toBe(1)
    const sent = waitIn(...actors)
    await world.pass(LOOK_EVERY_MS)
    expect(sent.flatMap(({ answers }) => answers)).toEqual([])
    const answered = (): Sent[] => sent.filter(({ answers }) => answers.length === 1)
    while (answered().length === 0) await world.pass(1)
    const lost = answered()
    expect(lost.map(({ answers }) => answers[0])).toEqual([{ kind: 'lost' }, { kind: 'lost' }])
    const again = lost.map(({ task }) => world.send(task.actor, 'waits'))
    expect(world.threads).toBe(3)
    // There is no more room, so the others wait.
    await world.pass(10 * LOOK_EVERY_MS)
    expect(answered()).toEqual(lost)
    expect(await allAnswered([...sent.filter((each) => !lost.includes(each)), ...again])).toMatchObject(
      actors.map(() => WORK),
    )
    expect(world.faults).toEqual([])
  })

  it('shrinks to its least number after the time that it was given, and takes no actor along', async () => {
    open({ threads: { min: 1, max: 3, idleMs: 500 } })
    await allAnswered(waitIn(1, 2, 3))
    await world.pass(480)
    expect(world.threads).toBe(3)
    await world.pass(100)
    await world.until(() => livingThreads() === 1)
    expect(world.threads).toBe(1)
    // Whoever lived in those that left is to be sent with its state again; who lives in the last one is not.
    expect([1, 2, 3].filter((actor) => world.pool.houses(actor))).toHaveLength(1)
    expect(await allAnswered([1, 2, 3].map((actor) => world.send(actor, 'answers')))).toMatchObject([
      WORK,
      WORK,
      WORK,
    ])
    expect(world.faults).toEqual([])
  })

  it('keeps a thread that has something to do, however long that takes', async () => {
    open({ threads: { min: 1, max: 2, idleMs: 100 } })
    const [one, two] = waitIn(1, 2) as [Sent, Sent]
    await world.until(() => world.ready === 2)
    one.open()
    await world.answer(one)
    await world.pass(400)
    await world.until(() => livingThreads() === 1)
    expect([world.pool.houses(1), world.pool.houses(2)]).toEqual([false, true])
    expect(await allAnswered([two])).toMatchObject([WORK])
  })

  it('notices a deadline as soon as ever after it had nothing to do', async () => {
    open({ threads: { min: 1, max: 2, idleMs: 60_000 } })
    await allAnswered(waitIn(1, 2))
    await world.pass(3 * LOOK_EVERY_MS)
    const stuck = world.send(1, 'blocks', 'run', 100)
    await world.until(() => stuck.isInHand)
    await world.pass(100 + CANCEL_GRACE_MS + 3 * LOOK_EVERY_MS)
    expect(await world.answer(stuck)).toMatchObject({ kind: 'death', at: 0 })
  })
})

describe('A thread of a pool', () => {
  it('has a few errands at a time, and the others wait for it', async () => {
    open({ threads: 1 })
    const sent = waitIn(1, 2, 3, 4, 5)
    await world.until(() => world.ready === 1)
    expect(world.pool.stats()).toMatchObject({
      threads: [{ underWay: 3, waiting: 2, actors: 5 }],
      waiting: 2,
    })
    expect(await allAnswered(sent)).toMatchObject(sent.map(() => WORK))
    expect(world.pool.stats()).toMatchObject({
      threads: [{ underWay: 0, waiting: 0, messages: 5, busyMs: 5 }],
    })
  })

  it('keeps its actors', async () => {
    open({ threads: 2 })
    await allAnswered(waitIn(1, 2))
    const busy = waitIn(1)
    const again = waitIn(1)
    expect(
      world.pool
        .stats()
        .threads.map(({ underWay }) => underWay)
        .sort(),
    ).toEqual([0, 2])
    await allAnswered([...busy, ...again])
  })

  it('has a deadline for what a turn does with a result, also when nothing else is under way', async () => {
    open({ threads: 1 })
    await world.answer(world.send(1, 'answers'))
    await world.pass(3 * LOOK_EVERY_MS)
    const given = world.send(1, 'blocks', 'give', 100)
    await world.until(() => given.isInHand)
    await world.pass(100 + CANCEL_GRACE_MS + 3 * LOOK_EVERY_MS)
    expect(await world.answer(given)).toMatchObject({ kind: 'death', error: { code: 'HF_THREAD_DEADLINE' } })
  })

  it('is ended when it does not hear that a turn was given up, and nobody is charged', async () => {
    open({ threads: 1 })
    const stuck = world.send(1, 'blocks')
    await world.until(() => stuck.isInHand)
    const forgotten = world.send(1, 'answers', 'forget', GIVE_UP_MS)
    const beside = world.send(2, 'answers')
    await world.pass(GIVE_UP_MS + CANCEL_GRACE_MS + 3 * LOOK_EVERY_MS)
    expect(await world.answer(forgotten)).toMatchObject({ kind: 'death', at: -1 })
    expect(await world.answer(beside)).toMatchObject({ kind: 'death', at: -1 })
    expect(world.faults).toEqual([])
  })

  it('P3 that crashes is put down to whoever had it in hand, and to nobody else', async () => {
    open({ threads: 1 })
    const others = waitIn(1, 2)
    await world.until(() => world.ready === 1)
    const culprit = world.send(3, 'throws')
    expect(await world.answer(culprit)).toMatchObject({ at: 0, error: { code: 'HF_THREAD_CRASH' } })
    expect(await allAnswered(others)).toMatchObject([{ at: -1 }, { at: -1 }])
    expect([1, 2, 3].map((actor) => world.pool.houses(actor))).toEqual([false, false, false])
    expect(world.threads).toBe(0)
    expect(await world.answer(world.send(1, 'answers'))).toMatchObject(WORK)
  })

  it('can be ended from outside by its id, once', async () => {
    open({ threads: 1 })
    const [waits] = waitIn(1) as [Sent]
    await world.until(() => world.ready === 1)
    const { thread } = world.pool.stats().threads[0]!
    expect([world.pool.end(-1), world.pool.end(thread)]).toEqual([false, true])
    expect(await world.answer(waits)).toMatchObject({ at: -1, error: { code: 'HF_THREAD_LOST' } })
    expect(world.pool.end(thread)).toBe(false)
  })
})

describe('P1 a job is answered once', () => {
  it('when its thread has ended before it could be sent there', async () => {
    open({ threads: 1 })
    const sent = waitIn(1, 2, 3, 4, 5, 6)
    await world.until(() => world.ready === 1)
    world.pool.end(world.pool.stats().threads[0]!.thread)
    const answers = await allAnswered(sent)
    expect(answers.map((answer) => (answer as { kind: string }).kind).sort()).toEqual([
      ...['death', 'death', 'death'],
      ...['lost', 'lost', 'lost'],
    ])
    await world.pass(100)
    expect(sent.map(({ answers: all }) => all.length)).toEqual(sent.map(() => 1))
  })

  it('when its actor was given up while it waited', async () => {
    open({ threads: 1 })
    const sent = waitIn(1, 2, 3, 4)
    await world.until(() => world.ready === 1)
    world.send(4, 'answers', 'forget')
    expect(await world.answer(sent[3]!)).toEqual({ kind: 'lost' })
    expect(world.pool.houses(4)).toBe(false)
    expect(world.pool.stats().waiting).toBe(0)
    await allAnswered(sent)
    expect(sent.map(({ answers }) => answers.length)).toEqual([1, 1, 1, 1])
  })

  it('when nobody has the actor that it is about', async () => {
    open({ threads: 1 })
    expect(await world.answer(world.send(1, 'answers', 'follow'))).toEqual({ kind: 'lost' })
  })
})

describe('Renewing a pool', () => {
  it('replaces each thread when what it has in hand is done, and sends what waits elsewhere', async () => {
    open({ threads: 1 })
    const sent = waitIn(1, 2, 3, 4)
    await world.until(() => world.ready === 1)
    const before = world.pool.stats().threads[0]!.thread
    const renewed = world.pool.renew()
    expect(await world.answer(sent[3]!)).toEqual({ kind: 'lost' })
    expect(
      world.pool
        .stats()
        .threads.map(({ status }) => status)
        .sort(),
    ).toEqual(['leaving', 'loading'])
    expect(await allAnswered(sent.slice(0, 3))).toMatchObject([WORK, WORK, WORK])
    await renewed
    expect(world.pool.stats().threads.map(({ thread }) => thread)).not.toContain(before)
    expect(livingThreads()).toBe(1)
  })

  it('waits for a turn no longer than its bound, and charges nobody for that', async () => {
    open({ threads: 1 })
    const [waits] = waitIn(1) as [Sent]
    await world.until(() => world.ready === 1)
    const renewed = world.pool.renew()
    await world.authorities.advance(RENEW_MS - 1)
    expect(waits.answers).toEqual([])
    await world.authorities.advance(2)
    expect(await world.answer(waits)).toMatchObject({ at: -1, error: { code: 'HF_THREAD_LOST' } })
    await renewed
    expect(world.faults).toEqual([])
  })

  it('while it grows never makes it larger than its greatest number', async () => {
    open({ threads: { min: 1, max: 3 } })
    const staying = (): number =>
      world.pool.stats().threads.filter(({ status }) => status !== 'leaving').length
    const sent = waitIn(1, 2)
    await world.until(() => world.ready === 2)
    const renewed = world.pool.renew()
    const counts: number[] = []
    for (let actor = 3; actor <= 9; actor++) {
      sent.push(...waitIn(actor))
      counts.push(staying())
      await world.authorities.settle()
    }
    expect(Math.max(...counts)).toBe(3)
    for (const each of sent) each.open()
    await world.until(() => sent.every(({ answers }) => answers.length === 1))
    await renewed
    expect(staying()).toBe(3)
    await world.until(() => livingThreads() === 3)
    expect(world.faults).toEqual([])
  })
})

describe('Closing a pool', () => {
  it('ends threads whatever they have in hand, and answers nobody after that', async () => {
    open({ threads: { min: 1, max: 3 } })
    const sent = [world.send(1, 'blocks'), ...waitIn(2, 3, 4, 5, 6)]
    await world.until(() => sent[0]!.isInHand && world.ready === 3)
    const renewed = world.pool.renew()
    await world.pool.close()
    await renewed
    expect(livingThreads()).toBe(0)
    const late = world.send(7, 'answers')
    await world.pass(3 * LOOK_EVERY_MS)
    expect([...sent.flatMap(({ answers }) => answers), ...late.answers]).toEqual([])
    expect([livingThreads(), world.authorities.timers]).toEqual([0, 0])
  })

  it('before its first thread has loaded leaves nothing behind', async () => {
    open({ threads: 2, spare: true })
    waitIn(1, 2)
    await world.pool.close()
    await world.pass(2 * SPARE_AFTER_MS)
    await world.until(() => livingThreads() === 0)
    expect(world.authorities.timers).toBe(0)
  })
})

describe('P4 Threads that end before they are of use', () => {
  it('are tried a few times, and then what waits for them fails with the reason', async () => {
    open({ threads: 1 }, './nothing-there.mjs')
    const kinds: string[] = []
    for (let tries = 0; tries < 4; tries++) kinds.push((await world.answer(world.send(1, 'answers'))).kind)
    expect(kinds).toEqual(['lost', 'lost', 'error', 'error'])
    expect((await world.answer(world.send(1, 'answers'))) as object).toMatchObject({
      error: { code: 'HF_THREAD_UNLOADABLE', message: expect.stringContaining('nothing-there') as string },
    })
    await world.until(() => livingThreads() === 0)
  })
})

describe('A spare thread', () => {
  it('is loaded when there is time for it, is one, and takes the place of one that ends', async () => {
    open({ threads: 1, spare: true })
    await world.answer(world.send(1, 'answers'))
    expect([world.pool.stats().hasSpare, livingThreads()]).toEqual([false, 1])
    await world.pass(SPARE_AFTER_MS)
    await world.until(() => world.pool.stats().hasSpare)
    for (let ends = 0; ends < 5; ends++) {
      world.pool.end(world.pool.stats().threads[0]!.thread)
      await world.until(() => world.threads === 0)
      const again = world.send(1, 'answers')
      expect(world.pool.stats()).toMatchObject({ threads: [{ status: 'ready' }], hasSpare: false })
      expect(await world.answer(again)).toMatchObject(WORK)
      await world.pass(SPARE_AFTER_MS)
      await world.until(() => world.pool.stats().hasSpare)
      expect(livingThreads()).toBe(2)
    }
  })

  it('is replaced with the others', async () => {
    open({ threads: 1, spare: true })
    await world.answer(world.send(1, 'answers'))
    await world.pass(SPARE_AFTER_MS)
    await world.until(() => world.pool.stats().hasSpare)
    await world.pool.renew()
    await world.until(() => !world.pool.stats().hasSpare)
    await world.pass(SPARE_AFTER_MS)
    await world.until(() => world.pool.stats().hasSpare && livingThreads() === 2)
  })
})
