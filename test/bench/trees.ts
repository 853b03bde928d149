import assert from 'node:assert/strict'
import { actor, child, createSystem } from 'holdfast'
import { type Measurement } from './contender.js'
import { benchRoot } from './holdfast-root.js'
import { median } from './statistics.js'

/** A tree has so many actors, beside the one at its top. */
const ACTORS = 100_000

/** How often one is grown and stopped: the first time warms up. */
const STOPS = 4

/** An ask waits for the end of a whole tree. */
const TIMEOUT_MS = 60_000

/** Children of the actor at the top, and levels of the chain that begins with each of them. */
export interface Shape {
  readonly chains: number
  readonly levels: number
}

export const WIDE: Shape = { chains: ACTORS, levels: 1 }
export const SHALLOW: Shape = { chains: ACTORS / 10, levels: 10 }
export const DEEP: Shape = { chains: 100, levels: ACTORS / 100 }

let started = 0
let left = 0
let unordered = 0
let grown: () => void = () => undefined

/** Knows its place from the left, and then from the top: they stop from the right, and from the bottom. */
const link = actor({
  name: 'link',
  durable: false,
  state(args: { place: number }) {
    if (++started === ACTORS) grown()
    return args
  },
  on: {
    grow(ctx, { levels }: { levels: number }): void {
      if (levels === 0) return
      const next = ctx.spawn(link, { args: { place: ctx.state.place + 1 } })
      ctx.tell(next, 'grow', { levels: levels - 1 })
    },
  },
  onStop(ctx): void {
    if (ctx.state.place !== --left) unordered++
  },
})

const top = actor({
  name: 'top',
  durable: false,
  spawns: [link],
  on: {
    grow(ctx, { chains, levels }: Shape) {
      for (let chain = 0; chain < chains; chain++) {
        const first = ctx.spawn(link, { args: { place: chain * levels } })
        if (levels > 1) ctx.tell(first, 'grow', { levels: levels - 1 })
      }
    },
  },
})

/** Milliseconds from the order to stop a tree until the last of it has ended, its stop hooks run in their order. */
export async function measureStops(shape: Shape): Promise<Measurement> {
  const root = benchRoot([child(top)])
  await using system = await createSystem({ name: 'bench', root })
  const bench = system.ref(root, '/bench')
  const takenMs: number[] = []
  for (let stop = 0; stop < STOPS; stop++) {
    const whole = new Promise<void>((resolve) => (grown = resolve))
    started = 0
    system.ref(top, '/bench/top').tell('grow', shape)
    await whole
    // What the growing left behind is not collected at the expense of the stop.
    globalThis.gc?.()
    left = ACTORS
    const began = performance.now()
    await bench.ask('terminate', { id: 'top' }, { timeoutMs: TIMEOUT_MS })
    takenMs.push(performance.now() - began)
    assert.deepEqual([left, unordered], [0, 0], 'all have ended, in reverse order')
    await bench.ask('restart', { id: 'top' })
  }
  return { value: median(takenMs.slice(1)), details: Object.fromEntries(takenMs.entries()) }
}
