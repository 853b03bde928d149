// What stands around the handlers of a system whose code is to be checked: strict mode, which refuses what goes past
// `ctx`, and always-replay, which runs each turn twice. Both are for development and tests, and cost a system without
// them nothing.

import type { Around, Authorities, Definition, MakerKind, TurnInHand } from '@holdfast/kernel'
import { RerunTurn } from '@holdfast/kernel'
import { leakError, type Leak } from '../traps/leak.js'
import { isThenable } from '../traps/scope.js'
import { Traps } from '../traps/traps.js'
import { Copies } from './copies.js'
import { notDeterministic } from './not-deterministic.js'
import { TurnTwice } from './turn-twice.js'

/** How strictly handlers are guarded. */
export interface GuardOptions {
  /** Time, chance, timers, network, processes and writes to files past `ctx` are refused where they are called. */
  readonly strict: boolean
  /** Every turn is run again before it counts, and fails when it does something else. */
  readonly alwaysReplay: boolean
  readonly authorities: Authorities
}

/** What a guarded system runs with. */
export interface Guarded {
  readonly around: Around
  /** The authorities that it was made from; no step of theirs runs in the scope of a handler. */
  readonly authorities: Authorities
}

/** Puts a guard around all handlers of durable actors. It is taken off when the system ends. */
export function guardHandlers(options: GuardOptions): Guarded {
  const traps = Traps.install()
  const authorities = traps.authorities(options.authorities)
  const guard = new HandlerGuard(traps, authorities, options)
  return { around: guard, authorities }
}

class HandlerGuard implements Around {
  readonly #traps: Traps
  readonly #authorities: Authorities
  readonly #isTwice: boolean
  readonly #mode: 'report' | 'refuse'
  readonly #copies = new Copies()

  constructor(traps: Traps, authorities: Authorities, { strict, alwaysReplay }: GuardOptions) {
    this.#traps = traps
    this.#authorities = authorities
    this.#isTwice = alwaysReplay
    this.#mode = strict ? 'refuse' : 'report'
  }

  handler: Around['handler'] = (_definition, _type, run) => {
    const traps = this.#traps
    const mode = this.#mode
    return (ctx, payload) => {
      // A volatile turn is never run again, so it need not be the same twice.
      if (ctx.message.position === 0) return run(ctx, payload)
      if (this.#isTwice && !(ctx instanceof RerunTurn)) {
        const surroundings = { traps, mode, copies: this.#copies, authorities: this.#authorities }
        return new TurnTwice(surroundings, ctx, run, payload).run()
      }
      // Also one that catches the refusal has tried, and without strict mode it would have been let through.
      let refused: Leak | undefined
      const scope = scopeOf(mode, ctx, (leak) => (refused ??= leak))
      return checked(
        traps.run(scope, () => run(traps.context(ctx), payload)),
        () => {
          if (refused !== undefined && mode === 'refuse') throw leakError(refused)
        },
      )
    }
  }

  maker: Around['maker'] = (definition, what, make) => {
    const guarded = (from: unknown): unknown =>
      this.#traps.run(makerScope(definition, what), () => make(from))
    if (!this.#isTwice) return guarded
    return (from) => {
      const again = this.#copies.keep(from)
      const first = guarded(from)
      const kept = this.#copies.keep(first)
      if (this.#copies.isSame(kept, this.#copies.keep(guarded(again.copy())))) return first
      throw notDeterministic(makerName(definition, what), ['it makes something else the second time'])
    }
  }

  end(): void {
    this.#traps.uninstall()
  }
}

// Checks when a handler has come to its end well.
function checked(result: unknown, check: () => void): unknown {
  if (!isThenable(result)) {
    check()
    return result
  }
  return result.then((value) => {
    check()
    return value
  })
}

function scopeOf(mode: 'report' | 'refuse', ctx: TurnInHand, onLeak: (leak: Leak) => void) {
  const { type, position } = ctx.message
  const { attempt } = ctx
  return { mode, actor: ctx.self.path, message: type, position, attempt, now: () => ctx.now(), onLeak }
}

function makerScope(definition: Definition, what: MakerKind) {
  const message = makerName(definition, what)
  const hint = 'Take it from what it is given, or do it in onStart, where there is a ctx.'
  return { mode: 'refuse' as const, actor: '', message, position: 0, hint, now: () => 0 }
}

function makerName(definition: Definition, what: MakerKind): string {
  return `"${what}" of the definition "${definition.name}"`
}
