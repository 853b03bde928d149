import { type Assignment, type Measurement } from './contender.js'
import { median } from './statistics.js'

type Times = Pick<Assignment, 'warmUpMs' | 'measureMs'>

/** Repeats a step that answers how many it did, first to warm up, then for the figure: so many a second. */
export async function throughput(
  { warmUpMs, measureMs }: Times,
  step: () => number | Promise<number>,
): Promise<Measurement> {
  await repeat(warmUpMs, step)
  return perSecond(await repeat(measureMs, step))
}

/**
 * As `throughput`, for steps that answer when their work is on stable storage: the next ones start while
 * earlier ones wait for the disk, `depth` of them at most. The clock stops when the last one is there.
 */
export async function pipelined(
  { warmUpMs, measureMs }: Times,
  depth: number,
  step: () => Promise<number>,
): Promise<Measurement> {
  await stretch(warmUpMs, depth, step)
  return perSecond(await stretch(measureMs, depth, step))
}

/** Times one step after the other, and answers the median in milliseconds. */
export async function latency(
  { warmUpMs, measureMs }: Times,
  step: () => Promise<unknown>,
): Promise<Measurement> {
  const takenMs: number[] = []
  const timed = async () => {
    const started = performance.now()
    await step()
    return takenMs.push(performance.now() - started)
  }
  await repeat(warmUpMs, timed)
  takenMs.length = 0
  await repeat(measureMs, timed)
  return { value: median(takenMs), details: { count: takenMs.length } }
}

interface Stretch {
  readonly count: number
  readonly elapsedMs: number
}

async function repeat(forMs: number, step: () => number | Promise<number>): Promise<Stretch> {
  const started = performance.now()
  let count = 0
  let elapsedMs = 0
  do {
    count += await step()
    elapsedMs = performance.now() - started
  } while (elapsedMs < forMs)
  return { count, elapsedMs }
}

async function stretch(forMs: number, depth: number, step: () => Promise<number>): Promise<Stretch> {
  const started = performance.now()
  const waiting: Promise<number>[] = []
  let count = 0
  do {
    waiting.push(step())
    if (waiting.length >= depth) count += await waiting.shift()!
  } while (performance.now() - started < forMs)
  for (const one of waiting) count += await one
  return { count, elapsedMs: performance.now() - started }
}

function perSecond({ count, elapsedMs }: Stretch): Measurement {
  return { value: count / (elapsedMs / 1_000), details: { count, elapsedMs } }
}
