// Replay guard
// ============
// Stands around the handlers of a replay: what they do past `ctx` is caught and noted with its line. Time and chance are
// given as the record has them, so that the replay stays what it is; network, processes and files are refused.
//
// Invariant: a handler that ends in itself costs two stores. Only one that has ever waited is followed through its waiting.

import { machineAuthorities, type Authorities, type RerunTurn, type RunHandler } from '@holdfast/kernel'
import type { Step } from './steps.js'
import type { Leak } from './traps/leak.js'
import { HeldScope, inBriefScope, isThenable, type TrapScope } from './traps/scope.js'
import { Traps } from './traps/traps.js'

/** Catches what the handlers of one replay do past `ctx`. */
export class ReplayGuard {
  /** What the turn in hand has done past `ctx`. */
  leaks: Leak[] = []
  readonly authorities: Authorities
  #traps: Traps | null = null
  /** Handlers that have waited: those that are not async functions and give back a promise all the same. */
  readonly #waiting = new WeakSet<RunHandler>()
  /** What is run next. */
  #run: RunHandler | null = null
  #actor = ''
  #step: Step | null = null
  #turn: RerunTurn | null = null

  constructor() {
    const machine = machineAuthorities()
    const outside = (): Authorities => this.#traps?.authorities(machine) ?? machine
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
  around(run: RunHandler, isAsync: boolean, actor: string, step: Step, turn: RerunTurn): RunHandler {
    if (this.leaks.length > 0) this.leaks = []
    const traps = this.#traps
    if (traps === null) return run
    if (isAsync || this.#waiting.has(run)) {
      const scope = new TurnScope(actor, step, turn, this.leaks)
      return (ctx, payload) => traps.run(scope, () => run(ctx, payload))
    }
    this.#run = run
    this.#actor = actor
    this.#step = step
    this.#turn = turn
    return this.#briefly
  }

  /** Makes a state, which is to follow from what it is made from. */
  make<T>(actor: string, make: () => T): T {
    const scope: TrapScope = { mode: 'report', actor, message: 'state', position: 0, now: () => 0 }
    return this.#traps === null ? make() : inBriefScope(new HeldScope(scope), make, undefined, undefined)
  }

  // One function for all turns: a replay makes as little as it can for each of them.
  readonly #briefly: RunHandler = (ctx, payload) => {
    const run = this.#run!
    const held = new HeldScope(new TurnScope(this.#actor, this.#step!, this.#turn!, this.leaks))
    const result = inBriefScope(held, run, ctx, payload)
    if (isThenable(result)) this.#waiting.add(run)
    else held.end()
    return result
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
