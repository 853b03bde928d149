// How long the actors of a thread are gone when it ends.

import { createSystem, type System } from 'holdfast'
import { afterEach, expect, it } from 'vitest'
import { note } from '../seeds.js'
import { HUNDRED, root } from './hundred.fixture.js'
import { bundled, type Bundle } from './on-threads.js'

let bundle: Bundle | undefined
let system: System | undefined

afterEach(async () => {
  await system?.stop()
  bundle?.remove()
})

async function all(kind: string): Promise<unknown[]> {
  return Promise.all(Array.from({ length: HUNDRED }, (_, i) => system!.ref(`/root/${kind}${i}`).ask('add')))
}

/** Milliseconds from the end of the one thread until a hundred actors of it have answered again; the least of three. */
async function gapMs(kind: string, spare: boolean): Promise<number> {
  bundle = await bundled(new URL('./hundred.fixture.ts', import.meta.url))
  const pools = { default: bundle.pool({ threads: 1, spare }) }
  system = await createSystem({ name: 'hundred', root, threads: { module: bundle.module, pools } })
  const gaps: number[] = []
  for (let i = 0; i < 3; i++) {
    for (let times = 0; times < 5; times++) await all(kind)
    const pool = (): ReturnType<System['threads']['stats']>['pools'][number] =>
      system!.threads.stats().pools[0]!
    if (spare) await expect.poll(() => pool().hasSpare, { timeout: 20_000 }).toBe(true)
    const beganMs = performance.now()
    expect(system.threads.end(pool().threads[0]!.thread)).toBe(true)
    expect(await all(kind)).toEqual(Array.from({ length: HUNDRED }, () => 6 * (i + 1)))
    gaps.push(performance.now() - beganMs)
  }
  const least = Math.min(...gaps)
  note(`thread death, ${kind}, spare ${String(spare)}: ${gaps.map((gap) => gap.toFixed(0)).join(', ')} ms`)
  return least
}

it.each([
  ['small states', 's'],
  ['states that stay in the thread', 'b'],
])('with a spare thread, a hundred actors with %s answer again in a moment', async (_what, kind) => {
  // A tenth of a second where nothing else happens; tests run beside others.
  expect(await gapMs(kind, true)).toBeLessThan(1_000)
})

it('without one they wait until another thread has loaded', async () => {
  expect(await gapMs('s', false)).toBeLessThan(20_000)
})
