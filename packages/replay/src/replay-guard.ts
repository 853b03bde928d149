// Replay guard
// ============
// Stands around the handlers of a replay: what they do past `ctx` is caught and noted with its line. Time and chance are
// given as the record has them, so that the replay stays what it is; network, processes and files are refused.
//
// Invariant: a handler is followed through its waiting, whether it is an async function or not, because one cannot know
// before what it gives back.

import { machineAuthorities, type Authorities, type RerunTurn, type RunHandler } from '@holdfast/kernel'
import type { Step } from './steps.js'
import type { Leak } from './traps/leak.js'
import type { TrapScope } from './traps/scope.js'
import { Traps } from './traps/traps.js'

/** Catches what the handlers of one replay do past `ctx`. */
export class ReplayGuard {
  /** What the turn in hand has done past `ctx`. */
  leaks: Leak[] = []
  readonly authorities: Authorities
  #traps: Traps | null = null

  constructor(authorities: Authorities = machineAuthorities()) {
    const outside = (): Authorities => this.#traps?.authorities(authorities) ?? authorities
    this.authorities = {
      now: () => outside().now(),
      monotonic: () => outside().monotonic(),
      random: () => outside().random(),
      defer: (step) => {
        outside().defer(step)
      },
      timer: (afterMs, step) => outside().timer(afterMs, step),
    }
  }

  /** Sets the traps until `lower`. */
  raise(): void {
    this.#traps ??= Traps.install()
  }

  /** Takes the traps away. */
  lower(): void {
    this.#traps?.uninstall()
    this.#traps = null
  }

  /** The handler as a turn is to run it. */
  around(run: RunHandler, actor: string, step: Step, turn: RerunTurn): RunHandler {
    if (this.leaks.length > 0) this.leaks = []
    const traps = this.#traps
    if (traps === null) return run
    const scope = new TurnScope(actor, step, turn, this.leaks)
    return (ctx, payload) => traps.run(scope, () => run(ctx, payload))
  }

  /** Makes a state, which is to follow from what it is made from. */
  make<T>(actor: string, make: () => T): T {
    const scope: TrapScope = { mode: 'report', actor, message: 'state', position: 0, now: () => 0 }
    return this.#traps === null ? make() : this.#traps.run(scope, make)
  }
}

/** The scope of one turn. */
class TurnScope implements TrapScope {
  readonly mode = 'report'
  readonly actor: string
  readonly #step: Step
  readonly #turn: RerunTurn
  readonly #leaks: Leak[]

  constructor(actor: string, step: Step, turn: RerunTurn, leaks: Leak[]) {
    this.actor = actor
    this.#step = step
    this.#turn = turn
    this.#leaks = leaks
  }

  get message(): string {
    return this.#step.message.type
  }

  get position(): number {
    return this.#step.message.position
  }

  get attempt(): number {
    return this.#step.attempt
  }

  now(): number {
    return this.#turn.now()
  }

  onLeak(leak: Leak): void {
    this.#leaks.push(leak)
  }
}
