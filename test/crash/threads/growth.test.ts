// Pools that grow, shrink, are renewed and are closed while their actors are at work, with real threads: nobody loses anything,
// nobody is charged, and there are never more threads than a pool may have.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystem, type System, type ThreadCount } from 'holdfast'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { root, SHUTDOWN_MS, WAITING, WORKERS } from './growing.fixture.js'
import { livingThreads, nodeWarnings } from './living-threads.js'
import { asked, bundled, type Answered, type Bundle } from './on-threads.js'

type PoolStats = ReturnType<System['threads']['stats']>['pools'][number]

const SOON = { timeout: 20_000, interval: 10 }

let bundle: Bundle
let dir: string
let system: System
let failed: string[] = []
/** What workers were given and have answered, numbered for good. */
let given = 0
let gates = 0

beforeAll(async () => {
  bundle = await bundled(new URL('./growing.fixture.ts', import.meta.url))
  dir = mkdtempSync(join(tmpdir(), 'holdfast-growth-'))
})

afterEach(async () => {
  await system.stop()
  await expect.poll(livingThreads, SOON).toBe(0)
})

afterAll(() => {
  bundle.remove()
  rmSync(dir, { recursive: true, force: true })
})

async function start(threads: number | ThreadCount, spare = false): Promise<void> {
  failed = []
  given = 0
  system = await createSystem({
    name: 'growing',
    root,
    threads: { module: bundle.module, pools: { bounded: bundle.pool({ threads, spare }) } },
  })
  system.on('failed', ({ offender }) => failed.push(offender))
}

/** What the pool says of itself. It begins with its first errand. */
function pool(): PoolStats {
  return system.threads.stats().pools[0] ?? { name: 'bounded', threads: [], hasSpare: false, waiting: 0 }
}

function staying(): PoolStats['threads'] {
  return pool().threads.filter(({ status }) => status !== 'leaving')
}

/** Work that is done when its gate opens. */
class Held {
  readonly answer: Promise<Answered>
  readonly #until = join(dir, `gate-${++gates}`)

  constructor(worker: number) {
    this.answer = asked(system, `/root/w${worker}`, 'hold', { n: ++given, until: this.#until })
  }

  open(): Promise<Answered> {
    writeFileSync(this.#until, '')
    return this.answer
  }
}

function holdAll(): Held[] {
  return Array.from({ length: WORKERS }, (_, worker) => new Held(worker))
}

async function openAll(held: readonly Held[]): Promise<void> {
  const answers = await Promise.all(held.map((each) => each.open()))
  expect(answers.filter((answer) => 'error' in answer)).toEqual([])
}

async function expectNothingLost(): Promise<void> {
  const seen: number[] = []
  for (let i = 0; i < WORKERS; i++) seen.push(...((await system.ref(`/root/w${i}`).ask('seen')) as number[]))
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: given }, (_, i) => i + 1))
  expect([failed, system.failure, nodeWarnings()]).toEqual([[], null, []])
}

describe('A pool with bounds', () => {
  it('grows under load to its greatest number, shrinks when it is idle, and its actors go on with nothing lost', async () => {
    await start({ min: 1, max: 3, idleMs: 150 })
    for (let waves = 0; waves < 3; waves++) {
      const held = holdAll()
      await expect.poll(() => pool().threads.filter(({ status }) => status === 'ready').length, SOON).toBe(3)
      expect(livingThreads()).toBe(3)
      await openAll(held)
      await expect.poll(() => pool().threads.length, SOON).toBe(1)
      await expect.poll(livingThreads, SOON).toBe(1)
      await expectNothingLost()
    }
  })

  it('shrinks under turns that wait without taking any of them along', async () => {
    await start({ min: 1, max: 3, idleMs: 20 })
    await openAll(holdAll())
    for (let times = 0; times < 10; times++) {
      const answers = Array.from({ length: WORKERS }, (_, i) =>
        asked(system, `/root/w${i}`, 'rests', ++given),
      )
      expect((await Promise.all(answers)).filter((answer) => 'error' in answer)).toEqual([])
    }
    await expect.poll(() => pool().threads.length, SOON).toBe(1)
    await expectNothingLost()
  })

  it('is renewed while it grows, and never has more threads than it may have', async () => {
    await start({ min: 1, max: 3, idleMs: 10_000 })
    let isOver = false
    let most = 0
    const watching = (async () => {
      while (!isOver) {
        most = Math.max(most, staying().length)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const first = new Held(0)
    await expect.poll(() => pool().threads[0]?.status, SOON).toBe('ready')
    const before = pool().threads.map(({ thread }) => thread)
    const renewing = [system.threads.renew('bounded'), system.threads.renew()]
    const others = holdAll()
    await expect.poll(() => staying().length, SOON).toBe(3)
    await openAll([first, ...others])
    await Promise.all(renewing)
    isOver = true
    await watching
    expect(most).toBe(3)
    expect(staying().filter(({ thread }) => before.includes(thread))).toEqual([])
    await expect.poll(livingThreads, SOON).toBe(3)
    await expectNothingLost()
  })
})

describe('A pool that is full', () => {
  it('pushes back through mailboxes: one errand of each actor, as many messages as a mailbox holds, and no thread more', async () => {
    await start(1)
    const holder = new Held(0)
    await expect.poll(() => pool().threads[0]?.underWay, SOON).toBe(1)
    const answers: Promise<Answered>[] = []
    for (let i = 1; i < WORKERS; i++) {
      for (let n = 0; n < 3 * WAITING; n++) {
        const { length } = answers
        answers.push(asked(system, `/root/w${i}`, 'hold', { n: length, until: '/' }))
      }
    }
    const paths = Array.from({ length: WORKERS - 1 }, (_, i) => `/root/w${i + 1}`)
    await expect
      .poll(() => paths.map((path) => system.inspect(path).mailbox), SOON)
      .toEqual(paths.map(() => WAITING))
    // One errand of each actor, of which some are with the thread.
    await expect
      .poll(() => [pool().threads.map(({ underWay }) => underWay), pool().waiting], SOON)
      .toEqual([[3], WORKERS - 3])
    expect(livingThreads()).toBe(1)
    await openAll([holder])
    const all = await Promise.all(answers)
    const refused = all.filter((answer) => 'error' in answer)
    expect(new Set(refused.map((answer) => (answer as { error: string }).error))).toEqual(
      new Set(['HF_MAILBOX_FULL']),
    )
    expect(refused).toHaveLength((WORKERS - 1) * 2 * WAITING)
    const handled = all.flatMap((answer, n) => ('error' in answer ? [] : [n]))
    const seen: number[] = []
    for (const path of paths) seen.push(...((await system.ref(path).ask('seen')) as number[]))
    expect(seen.sort((a, b) => a - b)).toEqual(handled)
    expect(failed).toEqual([])
  })
})

describe('A system that stops', () => {
  it('with turns that have their threads ends these when their time is over, and leaves none', async () => {
    await start({ min: 1, max: 3 }, true)
    const held = holdAll()
    await expect.poll(() => pool().threads.filter(({ status }) => status === 'ready').length, SOON).toBe(3)
    const renewing = system.threads.renew()
    const beganMs = performance.now()
    await system.stop()
    const tookMs = performance.now() - beganMs
    await renewing
    // The workers stop one after the other, each in its time, and others run on the same processors.
    expect(tookMs).toBeLessThan(WORKERS * SHUTDOWN_MS + 10_000)
    expect(livingThreads()).toBe(0)
    const answers = await Promise.all(held.map(({ answer }) => answer))
    expect(answers.filter((answer) => !('error' in answer))).toEqual([])
    expect(nodeWarnings()).toEqual([])
  })
})
