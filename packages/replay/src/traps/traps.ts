// Traps
// =====
// Catches what a handler does past `ctx`, with the line. Functions of the process are replaced while somebody wants it,
// and each of them asks whether a handler calls: nobody else notices anything but the question.
//
//   handler ──► Date.now() ──► in a scope? ── no ──► the real one
//                                  │ yes
//                                  ├── refuse ──► HF_LEAK at that line
//                                  └── report ──► listener, and recorded time or seeded chance instead
//
// Invariants
//   L1  The runtime runs in no scope: what a handler calls on `ctx` leaves it, and so do all steps of the authorities.
//   L2  The body of an effect runs in no scope: there a handler may do what it likes.
//   L3  After the last uninstall everything is as it was, except what somebody else has put on top.

import type { Authorities, Context } from '@holdfast/kernel'
import { syncBuiltinESMExports } from 'node:module'
import { trapChance } from './chance.js'
import { trapClocks } from './clock.js'
import { outsideContext } from './outside-context.js'
import { trapFiles } from './files.js'
import { trapNetwork } from './network.js'
import { Patches } from './patches.js'
import { trapProcesses } from './processes.js'
import { forgetScopes, inScope, outside, type TrapScope } from './scope.js'
import { trapTimers } from './timers.js'

const patches = new Patches()
let installs = 0

/**
 * Traps in this process, installed. Those who install them share them; they are gone when the last one has uninstalled.
 *
 * @example
 * using traps = Traps.install()
 * await traps.run({ mode: 'refuse', actor: '/orders', message: 'place', position: 7, now }, () => handler(traps.context(ctx), payload))
 */
export class Traps implements Disposable {
  #isInstalled = true

  private constructor() {
    if (installs++ > 0) return
    for (const trap of [trapClocks, trapChance, trapTimers, trapNetwork, trapProcesses, trapFiles])
      trap(patches)
    // What was imported by name from a builtin module sees the trap as well.
    syncBuiltinESMExports()
  }

  /** Sets the traps, if nobody has. */
  static install(): Traps {
    return new Traps()
  }

  /** Gives them up, once; the last one puts everything back. */
  uninstall(): void {
    if (!this.#isInstalled) return
    this.#isInstalled = false
    if (--installs > 0) return
    patches.restore()
    syncBuiltinESMExports()
    forgetScopes()
  }

  [Symbol.dispose](): void {
    this.uninstall()
  }

  /** Runs a handler in a scope; it holds until what it gives back has settled, and for all that it leaves running. */
  run<T>(scope: TrapScope, handler: () => T): T {
    return inScope(scope, handler)
  }

  /** Runs what belongs to no handler. */
  outside<T>(run: () => T): T {
    return outside(run)
  }

  /** The `ctx` for a handler in a scope: what it calls there runs outside (L1), and so do the bodies of its effects (L2). */
  context<C extends Context<unknown>>(ctx: C): C {
    return outsideContext(ctx)
  }

  /** Authorities whose every call and step runs outside, whoever calls them (L1). */
  authorities(inner: Authorities): Authorities {
    return {
      now: () => outside(() => inner.now()),
      monotonic: () => outside(() => inner.monotonic()),
      random: () => outside(() => inner.random()),
      defer: (step) => {
        outside(() => {
          inner.defer(step)
        })
      },
      timer: (afterMs, step) => outside(() => inner.timer(afterMs, step)),
      ...(inner.effect === undefined
        ? {}
        : { effect: (call, run, signal) => outside(() => inner.effect!(call, run, signal)) }),
    }
  }
}
