// Clocks. A scope that reports gives the recorded time for each of them: what counts from somewhere else counts from 1970
// there, because two readings are compared with each other and never with what they count from.

import { builtin } from './builtin.js'
import type { Patches } from './patches.js'
import type { HeldScope } from './scope.js'
import { guarded, type Call } from './trap.js'

/** Sets traps on clocks. */
export function trapClocks(patches: Patches): void {
  trapDate(patches)
  const { performance } = builtin('node:perf_hooks')
  patches.wrap(Object.getPrototypeOf(performance), 'now', (original) =>
    guarded(original, {
      what: 'performance.now',
      kind: 'clock',
      instead: (scope) => scope.now(),
    }),
  )
  patches.wrap(process, 'hrtime', (original) => {
    const trapped = guarded(original, { what: 'process.hrtime', kind: 'clock', instead: hrtime })
    return withBigint(trapped, original)
  })
  patches.wrap(process, 'uptime', (original) =>
    guarded(original, { what: 'process.uptime', kind: 'clock', instead: (scope) => scope.now() / 1_000 }),
  )
}

function trapDate(patches: Patches): void {
  const original = globalThis.Date
  patches.wrap(original, 'now', (now) =>
    guarded(now, { what: 'Date.now', kind: 'clock', instead: (scope) => scope.now() }),
  )
  patches.wrap(globalThis, 'Date', (date) => trappedDate(date as unknown as DateConstructor))
  // Code that asks what made a date compares it with the global.
  const trapped = globalThis.Date
  patches.wrap(original.prototype, 'constructor', () => trapped)
}

// A date that is given its time reads no clock, and neither does `Date.UTC` or `instanceof`.
function trappedDate(original: DateConstructor): unknown {
  return guarded(
    original,
    { what: 'Date', kind: 'clock', instead: (scope) => new original(scope.now()).toString() },
    {
      what: 'new Date',
      kind: 'clock',
      isLeak: ({ args }) => args.length === 0,
      instead: (scope, { self }) => Reflect.construct(original, [scope.now()], self as DateConstructor),
    },
  )
}

function hrtime(scope: HeldScope, { args }: Call): [number, number] {
  const nowMs = scope.now()
  const now: [number, number] = [Math.floor(nowMs / 1_000), Math.round((nowMs % 1_000) * 1e6)]
  const [before] = args
  if (!Array.isArray(before)) return now
  const [seconds = 0, nanos = 0] = before as number[]
  const borrowed = now[1] < nanos ? 1 : 0
  return [now[0] - seconds - borrowed, now[1] - nanos + borrowed * 1e9]
}

function withBigint(trapped: unknown, original: unknown): unknown {
  const bigint = guarded((original as { bigint: () => bigint }).bigint, {
    what: 'process.hrtime.bigint',
    kind: 'clock',
    instead: (scope) => BigInt(Math.round(scope.now() * 1e3)) * 1_000n,
  })
  return new Proxy(trapped as object, {
    get: (target, key) => (key === 'bigint' ? bigint : (Reflect.get(target, key) as unknown)),
  })
}
