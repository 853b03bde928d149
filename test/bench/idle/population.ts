import assert from 'node:assert/strict'
import { type Measurement } from '../contender.js'

/** How many actors are left idle, unless a runtime is so slow that its population asks for fewer. */
const IDLE_ACTORS = 200_000

/** A system that idle actors can be started in. */
export interface Population {
  readonly spawn: (count: number) => void | Promise<void>
  /** Asks the system itself how many actors it has. */
  readonly alive: () => number | Promise<number>
  readonly version?: string
  readonly count?: number
}

/**
 * Starts idle actors, a part of them to warm up and then the others against the clock. All of them stay alive,
 * so the figure is that of a system which keeps what it starts.
 */
export async function measureSpawns(population: Population): Promise<Measurement> {
  const { count = IDLE_ACTORS, version } = population
  const before = count >> 2
  await population.spawn(before)
  const started = performance.now()
  await population.spawn(count)
  const elapsedMs = performance.now() - started
  assert.equal(await population.alive(), before + count, 'every actor is alive')
  return { value: count / (elapsedMs / 1_000), version, details: { count, elapsedMs } }
}

/** Starts idle actors and answers what one of them keeps, on the heap and beside it, after a full collection. */
export async function measureIdleBytes(population: Population): Promise<Measurement> {
  const { count = IDLE_ACTORS, version } = population
  // The first actors bring code and shapes with them that belong to no single actor.
  const before = count >> 4
  await population.spawn(before)
  const bytesBefore = await settledBytes()
  await population.spawn(count)
  const bytes = (await settledBytes()) - bytesBefore
  assert.equal(await population.alive(), before + count, 'every actor is alive')
  return { value: bytes / count, version, details: { count, bytes } }
}

/** Lets callbacks run that still hold on to something, then collects and reads what is left. */
export async function settledBytes(): Promise<number> {
  const collect = globalThis.gc
  if (collect === undefined) throw new Error('Memory is only measured under --expose-gc.')
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
