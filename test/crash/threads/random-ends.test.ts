// Threads end at random moments under load: from outside, by process.exit, by an error in a timer. Whatever was acknowledged is
// there once, nothing hangs, and nothing grows. The long form ends 500 of them.

import { createSystem } from 'holdfast'
import { expect, it } from 'vitest'
import { eachSeed, note, ROUND_MS, rounds } from '../seeds.js'
import { NEIGHBOURS, root } from './mortal.fixture.js'
import { asked, bundled } from './on-threads.js'

const ENDS = rounds(60, 500)

/** Asks that are under way at a time. */
const AT_ONCE = 64

/** A generator of the same numbers for the same seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function round(seed: number): Promise<void> {
  const bundle = await bundled(new URL('./mortal.fixture.ts', import.meta.url))
  const system = await createSystem({
    name: 'mortal',
    root,
    threads: {
      module: bundle.module,
      pools: { one: bundle.pool({ threads: 2 }), small: bundle.pool(), alone: bundle.pool() },
    },
  })
  const next = chance(seed)
  const refused: unknown[] = []
  let given = 0
  let isOver = false
  const load = async (): Promise<void> => {
    while (!isOver) {
      const path = `/root/n${Math.floor(next() * NEIGHBOURS)}`
      const answer = await asked(system, path, next() < 0.02 ? 'naps' : 'add', ++given)
      if ('error' in answer) refused.push(answer)
    }
  }
  const loads = Array.from({ length: AT_ONCE }, load)
  const livingOnes = (): number[] =>
    system.threads.stats().pools.flatMap(({ threads }) => threads.map(({ thread }) => thread))
  let ends = 0
  for (let i = 0; i < ENDS; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20 + next() * 230))
    const way = next()
    const threads = livingOnes()
    if (way < 0.6) ends += Number(system.threads.end(threads[Math.floor(next() * threads.length)] ?? -1))
    else {
      const type = way < 0.8 ? 'exit' : 'later'
      system.ref(way < 0.8 ? '/root/culprit' : '/root/careless').tell(type, way < 0.8 ? 1 : 'throw')
      ends++
    }
  }
  isOver = true
  await Promise.all(loads)
  expect(refused).toEqual([])
  const seen: number[] = []
  for (let n = 0; n < NEIGHBOURS; n++)
    seen.push(...((await system.ref(`/root/n${n}`).ask('seen')) as number[]))
  expect(seen.length).toBe(given)
  expect(new Set(seen).size).toBe(given)
  const { pools, actors } = system.threads.stats()
  const one = pools.find(({ name }) => name === 'one')!
  expect(one.threads.length).toBeLessThanOrEqual(2)
  expect(one.waiting).toBe(0)
  expect(one.threads.reduce((sum, thread) => sum + thread.actors, 0)).toBeLessThanOrEqual(NEIGHBOURS + 2)
  expect(actors.length).toBeLessThanOrEqual(NEIGHBOURS + 2)
  await system.stop()
  bundle.remove()
  note(`random ends: ${ends} ends of threads, ${given} messages, seed ${seed}`)
}

it(
  `R15 ${ENDS} threads that end at random moments cost no acknowledged message, and none is handled twice`,
  () => eachSeed(1, 'threads/random-ends.test.ts', round),
  ROUND_MS + ENDS * 1_000,
)
