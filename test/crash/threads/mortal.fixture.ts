// Actors that can end their thread in every way there is, and actors that live beside them.

import { isMainThread } from 'node:worker_threads'
import { actor, child, oneForOne, supervisor, type Definition } from 'holdfast'

const MEGABYTE = 1_048_576
const kept: unknown[] = []

function deeper(n: number): number {
  return n === Infinity ? 0 : deeper(n + 1) + 1
}

/** Counts what it is given, and ends its thread in the way that it is told to. */
const ways = {
  add(ctx: { state: { sum: number } }, n: number) {
    ctx.state.sum += n
    return ctx.state.sum
  },
  loop() {
    for (;;);
  },
  heeds(ctx: { signal: AbortSignal }) {
    for (;;) ctx.signal.throwIfAborted()
  },
  regex(_ctx: unknown, text: string) {
    return /^(a+)+$/.test(text)
  },
  heap() {
    const all: unknown[] = []
    for (;;) all.push(Array.from({ length: 10_000 }, (_, i) => ({ i })))
  },
  text() {
    const all: string[] = []
    for (let text = 'x'; ; text += text) all.push(text.replaceAll('x', `x${all.length},`))
  },
  exit(_ctx: unknown, code: number) {
    process.exit(code)
  },
  buffers(_ctx: unknown, megabytes: number) {
    for (let i = 0; i < megabytes; i++) kept.push(new Uint8Array(MEGABYTE).fill(1))
  },
  buffersForEver() {
    for (;;) kept.push(new Uint8Array(MEGABYTE).fill(1))
  },
  deep() {
    return deeper(0)
  },
  huge() {
    return 'x'.repeat(2 ** 29 + 2 ** 28)
  },
  later(_ctx: unknown, what: 'throw' | 'text' | 'exit') {
    // A turn that had ended well is run again on the main thread to make its state anew; there it must do no harm.
    if (isMainThread) return
    setTimeout(() => {
      if (what === 'exit') process.exit(7)
      if (what === 'text') throw 'only text' as unknown
      throw new RangeError('in a timer')
    }, 1)
  },
  rejects() {
    if (!isMainThread) void Promise.reject(new RangeError('nobody catches it'))
  },
  listener() {
    if (isMainThread) return
    const target = new EventTarget()
    target.addEventListener('now', () => {
      throw new RangeError('in a listener')
    })
    target.dispatchEvent(new Event('now'))
  },
  throws(_ctx: unknown, what: string) {
    if (what === 'undefined') throw undefined as unknown
    if (what === 'text') throw 'only text' as unknown
    if (what === 'frozen') throw Object.freeze({ is: 'frozen' }) as unknown
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    throw proxy as unknown
  },
  getter(ctx: { state: { sum: number; odd?: unknown } }) {
    return Object.defineProperty({}, 'is', {
      enumerable: true,
      get: () => {
        throw new RangeError('in a getter')
      },
    })
  },
  env: () => ({ ...process.env }),
  uncloneable() {
    return { run: () => 1 }
  },
} as const

function mortal(name: string, pool: string, turnTimeoutMs: number): Definition {
  return actor({
    name,
    runsIn: 'thread',
    pool,
    turnTimeoutMs,
    state: () => ({ sum: 0 }),
    on: ways as never,
  })
}

/** Says what it was given, as often as it was given it. */
export const neighbour = actor({
  name: 'neighbour',
  runsIn: 'thread',
  pool: 'one',
  state: () => ({ seen: [] as number[] }),
  on: {
    add(ctx, n: number) {
      ctx.state.seen.push(n)
      return ctx.state.seen.length
    },
    seen: (ctx) => ctx.state.seen,
    async naps(ctx, n: number) {
      const first = await ctx.effect('first', () => n)
      await ctx.effect('slow', () => new Promise((resolve) => setTimeout(resolve, 20, 0)))
      ctx.state.seen.push(first)
      return ctx.state.seen.length
    },
    async waits(ctx, n: number) {
      const first = await ctx.effect('first', () => n)
      await ctx.effect('slow', () => new Promise((resolve) => setTimeout(resolve, 300, 0)))
      ctx.state.seen.push(first)
      return ctx.state.seen.length
    },
  },
})

/** The same on the main thread. */
export const local = actor({
  name: 'local',
  state: () => ({ sum: 0 }),
  on: ways as never,
})

export const culprit = mortal('culprit', 'one', 400)
export const careless = mortal('careless', 'one', 400)
export const small = mortal('small', 'small', 20_000)
export const alone = mortal('alone', 'alone', 20_000)

/** How many live beside the culprit. */
export const NEIGHBOURS = 10

export const root = supervisor({
  name: 'root',
  strategy: oneForOne({ maxRestarts: 1_000, withinMs: 1_000 }),
  children: [
    child(culprit),
    child(careless),
    child(small),
    child(alone),
    child(local),
    ...Array.from({ length: NEIGHBOURS }, (_, i) => child(neighbour, { id: `n${i}` })),
  ],
})
