// Scope
// =====
// Who is in a handler right now. It follows the asynchronous context, so that a handler is known after an `await` and in
// the callbacks of what it began as well, and two handlers that wait at the same time are told apart.

import { Chance } from '@holdfast/kernel'
import { AsyncLocalStorage } from 'node:async_hooks'
import { LASTING, leakError, type Leak, type LeakKind } from './leak.js'
import { siteAbove } from './site.js'
import { HeldTimers } from './held-timers.js'

/** A handler that runs, as traps see it. */
export interface TrapScope {
  /**
   * `refuse` throws `HF_LEAK` at every call. `report` gives recorded time and seeded chance instead, has timers fire at
   * once, and refuses what would stay: network, process, files.
   */
  readonly mode: 'report' | 'refuse'
  /** Path of the actor; empty when no turn is in hand. */
  readonly actor: string
  /** Type of the message in hand, or what else of a definition runs. */
  readonly message: string
  /** Position of the message in hand. */
  readonly position: number
  /** Which try it is. @default 1 */
  readonly attempt?: number
  /** What `ctx.now()` says. */
  now(): number
  /** What to do instead, where there is no `ctx`. @default by the kind of the leak */
  readonly hint?: string
  /** Hears of each leak before it is refused or given something else. */
  onLeak?(leak: Leak): void
}

/** The stream of chance for what goes past `ctx`: seeded like `ctx.random()`, and apart from it. */
const OWN_STREAM = 1_000_003

/** A scope while it is entered. */
export class HeldScope {
  readonly given: TrapScope
  #chance: Chance | null = null
  #timers: HeldTimers | null = null
  #isEnded = false

  constructor(given: TrapScope) {
    this.given = given
  }

  /** Time as the record has it, in milliseconds. */
  now(): number {
    return this.given.now()
  }

  /** The next number of the scope's own stream. */
  random(): number {
    const { position, attempt = 1 } = this.given
    return (this.#chance ??= new Chance(position, attempt + OWN_STREAM)).next()
  }

  /** Timers that end with the scope. */
  get timers(): HeldTimers {
    if (this.#timers !== null) return this.#timers
    this.#timers = new HeldTimers(
      () => this.now(),
      (step) => {
        storage.run(this, step)
      },
    )
    if (this.#isEnded) this.#timers.end()
    return this.#timers
  }

  /** Reports a leak. @throws {HoldfastError} `HF_LEAK` when it is not to be let through in any form */
  leak(what: string, kind: LeakKind, trap: (...args: never[]) => unknown): void {
    const { given } = this
    const { mode, actor, message, position, hint } = given
    const leak = { what, kind, actor, position, message, ...siteAbove(trap) }
    outside(() => {
      given.onLeak?.(leak)
    })
    if (mode === 'refuse' || LASTING.has(kind)) throw leakError(leak, hint)
  }

  /** The handler has come to its end: nothing of its timers is left. */
  end(): void {
    this.#isEnded = true
    this.#timers?.end()
  }
}

const storage = new AsyncLocalStorage<HeldScope | undefined>()

/** The scope that this code runs in. */
export function currentScope(): HeldScope | undefined {
  return storage.getStore()
}

/** Runs what belongs to no handler: the runtime, and the body of an effect. */
export function outside<T>(run: () => T): T {
  return storage.getStore() === undefined ? run() : storage.run(undefined, run)
}

/** Runs a handler in its scope, until what it gives back has settled. */
export function inScope<T>(given: TrapScope, run: () => T): T {
  const held = new HeldScope(given)
  const end = (): void => {
    held.end()
  }
  let result: T
  try {
    result = storage.run(held, run)
  } catch (error) {
    end()
    throw error
  }
  // What is not a promise but has a `then` may begin its work when that is called, so it is left to whoever awaits it.
  if (result instanceof Promise) void outside(() => result.then(end, end))
  else if (!isThenable(result)) end()
  return result
}

/** Whether a handler has given back something to wait for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}

/** No handler runs any more: from here on the asynchronous context costs nothing. */
export function forgetScopes(): void {
  storage.disable()
}
