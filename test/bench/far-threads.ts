import assert from 'node:assert/strict'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { actor, child, createSystem, type ChildSpec, type System } from 'holdfast'
import { Piscina } from 'piscina'
import type { Assignment, Measurement } from './contender.js'
import { crunch, cruncher, echo, mortal } from './far-actors.js'
import { benchRoot } from './holdfast-root.js'
import { median } from './statistics.js'
import { pipelined } from './throughput.js'

/** Threads read the same sources as the contender. */
const FLAGS = ['--import', new URL('../../apps/cli/bin/load-typescript.js', import.meta.url).href]
const BATCH = 65_536
const BATCHES_IN_FLIGHT = 4
/** Rounds of one turn that keeps a processor busy for about two milliseconds. */
const ROUNDS = 2_000_000
const COLLATERAL = 100
/** Actors that share a thread: while one's messages are run, those of the next are on their way. */
const ECHOES = 8

function start(data: string | undefined, threads: number, children: readonly ChildSpec[]): Promise<System> {
  const pools = { default: { threads, execArgv: FLAGS } }
  return createSystem({
    name: 'bench',
    root: benchRoot(children),
    threads: { pools },
    ...(data === undefined ? {} : { data }),
  })
}

/** Durable messages to actors in one thread and back to one in the main thread: each is one there and one back. */
export async function measureThere(assignment: Assignment): Promise<Measurement> {
  let got = 0
  const waiting: { readonly until: number; readonly resolve: () => void }[] = []
  const back = actor({
    name: 'back',
    mailbox: { capacity: 1_000_000 },
    on: {
      here() {
        if (++got === waiting[0]?.until) waiting.shift()!.resolve()
      },
    },
  })
  const ids = Array.from({ length: ECHOES }, (_, i) => `echo${i}`)
  const children = [...ids.map((id) => child(echo, { id })), child(back, { id: 'back' })]
  const system = await start(join(assignment.dataDirectory, 'data'), 1, children)
  const far = ids.map((id) => system.ref(echo, `/bench/${id}`))
  let told = 0
  const rate = await pipelined(assignment, BATCHES_IN_FLIGHT, async () => {
    for (let i = 0; i < BATCH; i++) far[i % ECHOES]!.tell('there', { amount: i })
    told += BATCH
    const until = told
    await new Promise<void>((resolve) => waiting.push({ until, resolve }))
    await system.flushed()
    return BATCH
  })
  const counts = await Promise.all(far.map((each) => each.ask('count')))
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    told,
    'every message is handled once',
  )
  await system.stop()
  return rate
}

/** How many times as many turns that need the processor two threads do as one, in turn. */
export function measureScale(assignment: Assignment): Promise<Measurement> {
  return times(assignment, async (threads) => {
    const ids = Array.from({ length: threads }, (_, i) => `c${i}`)
    const system = await start(
      undefined,
      threads,
      ids.map((id) => child(cruncher, { id })),
    )
    const crunchers = ids.map((id) => system.ref(cruncher, `/bench/${id}`))
    const run = async (turns: number): Promise<void> => {
      await Promise.all(
        Array.from({ length: turns }, (_, i) =>
          crunchers[i % threads]!.ask('crunch', ROUNDS, { timeoutMs: 60_000 }),
        ),
      )
    }
    return { run, end: () => system.stop() }
  })
}

/** The same with bare piscina. */
export function measureScaleOfPiscina(assignment: Assignment): Promise<Measurement> {
  return times(assignment, (threads) => {
    const filename = fileURLToPath(new URL('far-crunch.ts', import.meta.url))
    const pool = new Piscina({
      filename,
      name: 'crunchOrEnd',
      minThreads: threads,
      maxThreads: threads,
      execArgv: FLAGS,
    })
    const run = async (turns: number): Promise<void> => {
      await Promise.all(Array.from({ length: turns }, () => pool.run(ROUNDS)))
    }
    return Promise.resolve({ run, end: () => pool.destroy() })
  })
}

interface Crew {
  run(turns: number): Promise<void>
  end(): Promise<void>
}

async function times(
  { measureMs }: Assignment,
  hire: (threads: number) => Promise<Crew>,
): Promise<Measurement> {
  const one = await hire(1)
  const two = await hire(2)
  const timed = async (crew: Crew, turns: number): Promise<number> => {
    const startedMs = performance.now()
    await crew.run(turns)
    return performance.now() - startedMs
  }
  // The first ones load modules and compile.
  await timed(one, 20)
  await timed(two, 20)
  const each = Math.max(10, Math.floor((20 * measureMs) / 4 / (await timed(one, 20))))
  const ratios: number[] = []
  for (let round = 0; round < 5; round++) ratios.push((await timed(one, each)) / (await timed(two, each)))
  await one.end()
  await two.end()
  return { value: median(ratios) }
}

/** Milliseconds from the end of a thread until all others that lived there have answered again. */
export async function measureDeath(assignment: Assignment): Promise<Measurement> {
  const ids = Array.from({ length: COLLATERAL }, (_, i) => `m${i}`)
  const system = await start(
    join(assignment.dataDirectory, 'data'),
    1,
    [...ids, 'victim'].map((id) => child(mortal, { id })),
  )
  const others = ids.map((id) => system.ref(mortal, `/bench/${id}`))
  const takenMs: number[] = []
  const untilMs = performance.now() + assignment.warmUpMs + assignment.measureMs
  for (let round = 1; takenMs.length < 5 || performance.now() < untilMs; round++) {
    await Promise.all(others.map((each) => each.ask('add')))
    const startedMs = performance.now()
    const died = system
      .ref(mortal, '/bench/victim')
      .ask('exit')
      .catch(() => undefined)
    const counts = await Promise.all(others.map((each) => each.ask('add')))
    takenMs.push(performance.now() - startedMs)
    assert.deepEqual(new Set(counts), new Set([2 * round]), 'nothing of the others is lost or done twice')
    await died
    // The next spare thread is loaded by then.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  await system.stop()
  return { value: median(takenMs) }
}

/** Milliseconds from the end of a thread of piscina until its next one has answered. */
export async function measureDeathOfPiscina(): Promise<Measurement> {
  const filename = fileURLToPath(new URL('far-crunch.ts', import.meta.url))
  const pool = new Piscina({ filename, name: 'crunchOrEnd', minThreads: 1, maxThreads: 1, execArgv: FLAGS })
  const takenMs: number[] = []
  for (let round = 0; round < 5; round++) {
    await pool.run(1)
    const startedMs = performance.now()
    await pool.run(-1).catch(() => undefined)
    await pool.run(1)
    takenMs.push(performance.now() - startedMs)
  }
  await pool.destroy()
  return { value: median(takenMs) }
}

/** How late a timer of the main thread is, at its 99th percentile in milliseconds, while a thread spins or not. */
export async function measureDelay(assignment: Assignment, isSpinning: boolean): Promise<Measurement> {
  const system = await start(undefined, 1, [child(mortal, { id: 'spinner' })])
  await system.ref(mortal, '/bench/spinner').ask('add')
  if (isSpinning) system.ref(mortal, '/bench/spinner').tell('spin')
  const lateMs: number[] = []
  const untilMs = performance.now() + assignment.warmUpMs + assignment.measureMs
  while (performance.now() < untilMs) {
    const startedMs = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 2))
    lateMs.push(Math.max(0, performance.now() - startedMs - 2))
  }
  lateMs.sort((a, b) => a - b)
  return { value: lateMs[Math.floor(0.99 * lateMs.length)]!, details: { spun: crunch(1) } }
}
