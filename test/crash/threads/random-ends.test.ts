// Threads end at random moments under load: from outside, by process.exit, by an error in a timer. Whatever was acknowledged is
// there once, nothing hangs, and nothing grows: what there is after all of the ends is held against what there was after the
// first half of them. The long form ends 500 of them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystem, type System } from 'holdfast'
import { expect, it } from 'vitest'
import { eachSeed, note, ROUND_MS, rounds } from '../seeds.js'
import { footprint, type Footprint } from './footprint.js'
import { livingThreads, nodeWarnings } from './living-threads.js'
import { NEIGHBOURS, root } from './mortal.fixture.js'
import { asked, bundled, type Bundle } from './on-threads.js'

const ENDS = rounds(60, 500)

/** Asks that are under way at a time. */
const AT_ONCE = 64

/** Threads of the pool whose threads end, and those that are kept for when they do. */
const THREADS = 2
const SPARE = 1

/** Actors that live there. */
const ACTORS = NEIGHBOURS + 2

/** How much more heap there may be after the second half: what the collector and the compiler leave, and a log's own tables. */
const HEAP_MORE = 2 * 1_048_576

/** The same for each message of the second half, because the states keep all that they were given. */
const HEAP_MORE_PER_MESSAGE = 64

/** How much more of the process may be in memory: allocators give back late, and pages of the log's file count. */
const RSS_MORE = 128 * 1_048_576

/** Pieces of shared memory that are kept at the most, beside those of living threads: `HANDS_KEPT` of limits.md. */
const HANDS_KEPT = 256

/** Threads that have ended of which something may still be kept, such as by a timer that has not fired: far fewer than end. */
const LATELY_ENDED = 8

/** Pieces of shared memory of one thread: its own, and what piscina has in common with it. */
const SHARED_PER_THREAD = 4

const SOON = { timeout: 20_000, interval: 20 }

/** A generator of the same numbers for the same seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Actors that are at work, and threads that end under them. */
class Trial {
  readonly #system: System
  readonly #next: () => number
  readonly refused: unknown[] = []
  given = 0
  ends = 0

  constructor(system: System, seed: number) {
    this.#system = system
    this.#next = chance(seed)
  }

  /** Ends so many threads under load, and waits until everything has been answered. */
  async end(count: number): Promise<void> {
    const until = this.ends + count
    const loads = Array.from({ length: AT_ONCE }, () => this.#load(until))
    while (this.ends < until) {
      await new Promise((resolve) => setTimeout(resolve, 20 + this.#next() * 230))
      this.ends += Number(this.#endOne())
    }
    await Promise.all(loads)
    await this.#system.flushed()
  }

  async #load(until: number): Promise<void> {
    while (this.ends < until) {
      const path = `/root/n${Math.floor(this.#next() * NEIGHBOURS)}`
      const answer = await asked(this.#system, path, this.#next() < 0.02 ? 'naps' : 'add', ++this.given)
      if ('error' in answer) this.refused.push(answer)
    }
  }

  #endOne(): boolean {
    const way = this.#next()
    const threads = this.#system.threads
      .stats()
      .pools.flatMap(({ threads: of }) => of.map(({ thread }) => thread))
    if (way < 0.6) return this.#system.threads.end(threads[Math.floor(this.#next() * threads.length)] ?? -1)
    if (way < 0.8) this.#system.ref('/root/culprit').tell('exit', 1)
    else this.#system.ref('/root/careless').tell('later', 'throw')
    return true
  }
}

/** Waits until nothing is under way any more, and holds what there is against the bounds. */
async function expectWithinBounds(system: System): Promise<void> {
  const one = (): ReturnType<System['threads']['stats']>['pools'][number] =>
    system.threads.stats().pools.find(({ name }) => name === 'one')!
  await expect
    .poll(() => [one().waiting, ...one().threads.map(({ underWay }) => underWay)], SOON)
    .toSatisfy((counts: number[]) => counts.every((count) => count === 0))
  // Whoever ended one last has it replaced, and a spare one is loaded behind that.
  await expect.poll(() => one().hasSpare, SOON).toBe(true)
  await expect.poll(() => livingThreads() - one().threads.length, SOON).toBe(SPARE)
  const { actors } = system.threads.stats()
  expect(one().threads.length).toBeLessThanOrEqual(THREADS)
  expect(one().threads.reduce((sum, thread) => sum + thread.actors, 0)).toBeLessThanOrEqual(ACTORS)
  expect(actors.length).toBeLessThanOrEqual(ACTORS)
  expect(nodeWarnings()).toEqual([])
}

function expectNoGrowth(before: Footprint, after: Footprint, messages: number): void {
  const living = THREADS + SPARE + LATELY_ENDED
  expect(after.workers).toBeLessThanOrEqual(living)
  expect(after.shared).toBeLessThanOrEqual(HANDS_KEPT + living * SHARED_PER_THREAD)
  expect(after.ports).toBeLessThanOrEqual(before.ports + living)
  expect(after.signals).toBeLessThanOrEqual(before.signals + living)
  expect(after.heapBytes - before.heapBytes).toBeLessThan(HEAP_MORE + messages * HEAP_MORE_PER_MESSAGE)
  expect(after.rssBytes - before.rssBytes).toBeLessThan(RSS_MORE)
}

async function expectNothingLost(system: System, { given, refused }: Trial): Promise<void> {
  expect(refused).toEqual([])
  const seen: number[] = []
  for (let n = 0; n < NEIGHBOURS; n++)
    seen.push(...((await system.ref(`/root/n${n}`).ask('seen')) as number[]))
  expect(seen.length).toBe(given)
  expect(new Set(seen).size).toBe(given)
}

async function run(seed: number, bundle: Bundle, data: string): Promise<void> {
  const pools = { one: bundle.pool({ threads: THREADS }), small: bundle.pool(), alone: bundle.pool() }
  const system = await createSystem({ name: 'mortal', root, data, threads: { module: bundle.module, pools } })
  const trial = new Trial(system, seed)
  await trial.end(Math.ceil(ENDS / 2))
  await expectWithinBounds(system)
  const before = footprint()
  const { given } = trial
  await trial.end(Math.floor(ENDS / 2))
  await expectWithinBounds(system)
  const after = footprint()
  note(`random ends: ${trial.ends} ends of threads, ${trial.given} messages, seed ${seed}`)
  note(`random ends: ${JSON.stringify(before)}, then ${JSON.stringify(after)}`)
  await expectNothingLost(system, trial)
  expectNoGrowth(before, after, trial.given - given)
  await system.stop()
  await expect.poll(livingThreads, SOON).toBe(0)
}

async function round(seed: number): Promise<void> {
  const bundle = await bundled(new URL('./mortal.fixture.ts', import.meta.url))
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-ends-'))
  try {
    await run(seed, bundle, join(dir, 'data'))
  } finally {
    bundle.remove()
    rmSync(dir, { recursive: true, force: true })
  }
}

it(
  `R15 ${ENDS} threads that end at random moments cost no acknowledged message, none is handled twice, and nothing grows`,
  () => eachSeed(1, 'threads/random-ends.test.ts', round),
  ROUND_MS + ENDS * 1_000,
)
