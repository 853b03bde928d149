// One trap: a function of the process with a guard before it. Outside of every scope, and when nothing is sealed, it is
// that function; whoever has kept it beyond the last uninstall notices nothing.

import type { LeakKind } from './leak.js'
import { currentScope, type HeldScope } from './scope.js'
import { sealRefuses } from './seals.js'

type Fn = (...args: never[]) => unknown
type Loose = (this: unknown, ...args: unknown[]) => unknown

/** A call that a trap sees. */
export interface Call {
  readonly self: unknown
  readonly args: readonly unknown[]
  readonly original: Fn
}

/** How one function is guarded. */
export interface Guard {
  /** What it is called in reports. */
  readonly what: string
  readonly kind: LeakKind
  /** Whether this call is one: `fs.open` for reading is none. @default always */
  readonly isLeak?: (call: Call) => boolean
  /** The paths and file descriptors that it writes to, for the allowance of a seal. */
  readonly writes?: (call: Call) => readonly unknown[]
  /** What is given instead where a scope reports. Kinds that last have none. */
  readonly instead?: (scope: HeldScope, call: Call) => unknown
  /** Stands around a call that was let through. */
  readonly passing?: (call: Call, go: (args: readonly unknown[]) => unknown) => unknown
}

/**
 * A function with a guard before it, and another one for `new` where that is something else. Everything else about it
 * stays: its name, its properties, `instanceof`.
 */
export function guarded(original: Fn, guard: Guard, guardOfNew: Guard = guard): Fn {
  // The stack is cut at these two, so that whoever looks for the line sees nothing of the trap.
  const apply = (target: Fn, self: unknown, args: unknown[]): unknown => {
    const call = { self, args, original }
    const instead = caught(guard, call, apply)
    if (instead !== undefined) return instead(call)
    if (guard.passing === undefined) return Reflect.apply(target as Loose, self, args)
    return guard.passing(call, (given) => Reflect.apply(target as Loose, self, [...given]))
  }
  const construct = (target: Fn, args: unknown[], newTarget: unknown): object => {
    const call = { self: newTarget, args, original }
    const instead = caught(guardOfNew, call, construct)
    if (instead !== undefined) return instead(call) as object
    return Reflect.construct(target, args, newTarget as Fn) as object
  }
  return new Proxy(original, { apply, construct })
}

// What is given instead; nothing when the call may pass.
function caught(guard: Guard, call: Call, trap: Fn): ((call: Call) => unknown) | undefined {
  const scope = currentScope()
  if (scope === undefined) {
    sealRefuses(guard, call, trap)
    return undefined
  }
  if (guard.isLeak?.(call) === false) return undefined
  scope.leak(guard.what, guard.kind, trap)
  const { instead } = guard
  return instead === undefined ? undefined : (seen) => instead(scope, seen)
}

/** The function as one that takes anything. */
export function loose(fn: unknown): Loose {
  return fn as Loose
}
