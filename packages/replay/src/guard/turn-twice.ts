// Turn twice
// ==========
// Runs a live turn, and then once more before it counts: on a copy of the state as it was, with a copy of the payload,
// and with the results that it got, in the order in which they came. A turn that does something else the second time
// fails, and its test with it.
//
//   state, payload ──► run ──► what it did, answered, threw; state after ──┐
//         └── copies ──► run again, with the results of the first ─────────┴──► the same? ──► the turn counts
//
// It stands above the kernel: what a turn tells and changes is held back until its handler has ended, and for as long
// as this takes the handler has not.

import {
  RerunTurn,
  storedError,
  type Authorities,
  type RunAround,
  type StoredError,
  type TurnInHand,
} from '@holdfast/kernel'
import { compareDeeds, shown } from '../compare.js'
import { isEqual } from '../is-equal.js'
import { SECOND_RUN_MS } from '../limits.js'
import { Observed } from '../observed.js'
import { PathRef } from '../path-ref.js'
import type { Deed } from '../report.js'
import { leakText, type Leak } from '../traps/leak.js'
import { isThenable, type TrapScope } from '../traps/scope.js'
import type { Traps } from '../traps/traps.js'
import type { Copies, Kept } from './copies.js'
import { notDeterministic } from './not-deterministic.js'
import { Recording } from './recording.js'

/** What all turns of a system have in common. */
export interface Surroundings {
  readonly traps: Traps
  readonly mode: 'report' | 'refuse'
  readonly copies: Copies
  readonly authorities: Authorities
}

type End =
  | { readonly ok: true; readonly answer: Kept; readonly state: Kept }
  | { readonly ok: false; readonly error: unknown }

/** One turn that is run twice. */
export class TurnTwice {
  readonly #around: Surroundings
  readonly #ctx: TurnInHand
  readonly #handler: RunAround
  readonly #payload: unknown
  readonly #stateBefore: Kept
  readonly #payloadBefore: Kept
  readonly #first: Observed
  readonly #second: Observed
  readonly #actor: { readonly path: string; readonly parentPath: string; state: unknown }
  readonly #recording: Recording
  readonly #leaks: Leak[] = []
  #nowMs = 0

  /** @throws {HoldfastError} `HF_NOT_STORABLE` when the state cannot be copied */
  constructor(around: Surroundings, ctx: TurnInHand, handler: RunAround, payload: unknown) {
    const { copies } = around
    this.#around = around
    this.#ctx = ctx
    this.#handler = handler
    this.#payload = payload
    this.#stateBefore = copies.keep(ctx.state)
    this.#payloadBefore = copies.keep(payload)
    const store = (value: unknown) => {
      const kept = copies.keepIfStorable(value)
      return { bytes: kept.bytes ?? new Uint8Array(), copy: kept.copy() }
    }
    this.#first = new Observed(store)
    this.#second = new Observed(store)
    this.#actor = { path: ctx.self.path, parentPath: ctx.parent.path, state: undefined }
    this.#recording = new Recording(ctx, this.#world(), this.#actor, this.#first, copies)
  }

  /** Runs it. @returns what the handler returned, or a promise of it when it waits */
  run(): unknown {
    const ctx = this.#recording.ctx
    let result: unknown
    try {
      result = this.#enter(ctx, this.#payload, () => ctx.now())
    } catch (error) {
      return this.#failed(error)
    }
    if (!isThenable(result)) return this.#ended(result)
    return result.then(
      (value) => this.#ended(value),
      (error: unknown) => this.#failed(error),
    )
  }

  #enter(ctx: TurnInHand, payload: unknown, now: () => number): unknown {
    const { traps, mode } = this.#around
    const { type, position } = ctx.message
    const scope: TrapScope = {
      mode,
      actor: this.#actor.path,
      message: type,
      position,
      attempt: ctx.attempt,
      // What a handler leaves running may ask when the turn is over, and then time stands still.
      now: () => {
        try {
          return (this.#nowMs = now())
        } catch {
          return this.#nowMs
        }
      },
      onLeak: (leak) => this.#leaks.push(leak),
    }
    return traps.run(scope, () => this.#handler(traps.context(ctx), payload))
  }

  #ended(value: unknown): unknown {
    const { copies } = this.#around
    const answer = copies.keepIfStorable(this.#recording.end(value))
    const state = copies.keep(this.#ctx.state)
    return this.#again({ ok: true, answer, state }, () => value)
  }

  #failed(error: unknown): unknown {
    this.#recording.fail()
    return this.#again({ ok: false, error }, () => {
      throw error
    })
  }

  // Runs it again, compares, and goes on with what the first run gave.
  #again(first: End, proceed: () => unknown): unknown {
    const { copies, traps, authorities } = this.#around
    const actor = this.#actor
    actor.state = this.#stateBefore.copy()
    const turn = new RerunTurn(this.#world(), actor, this.#recording.recorded(), this.#second)
    const compared = (second: End): unknown => {
      this.#compare(first, second)
      return proceed()
    }
    const ended = (): unknown =>
      compared({ ok: true, answer: copies.keepIfStorable(turn.answer), state: copies.keep(actor.state) })
    let running: Promise<void> | undefined
    try {
      running = turn.run(
        () => this.#enter(turn as unknown as TurnInHand, this.#payloadBefore.copy(), () => turn.now()),
        undefined,
      )
    } catch (error) {
      return compared({ ok: false, error })
    }
    if (running === undefined) return ended()
    return traps
      .outside(() => this.#limited(running, authorities))
      .then(ended, (error: unknown) => compared({ ok: false, error }))
  }

  async #limited(running: Promise<void>, authorities: Authorities): Promise<void> {
    let timer: { cancel(): void } | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = authorities.timer(SECOND_RUN_MS, () => {
        reject(this.#error(['it does not come to an end the second time']))
      })
    })
    try {
      await Promise.race([running, late])
    } finally {
      timer?.cancel()
    }
  }

  #compare(first: End, second: End): void {
    const leaks = this.#leaks.map((leak) => `it ${leakText(leak)}`)
    // What was refused is what the turn fails with, and says the same more plainly.
    const isRefused = !first.ok && storedError(first.error).code === 'HF_LEAK'
    const all = [...(isRefused ? [] : new Set(leaks)), ...this.#differences(first, second)]
    if (all.length > 0) throw this.#error(all, first.ok ? undefined : first.error)
  }

  #differences(first: End, second: End): string[] {
    if (!first.ok || !second.ok) return endDifferences(first, second)
    const { copies } = this.#around
    const states = copies.isSame(first.state, second.state)
      ? []
      : [`its state is ${shown(second.state.copy())} instead of ${shown(first.state.copy())}`]
    const deeds = compareDeeds(withoutEffects(this.#first.deeds), withoutEffects(this.#second.deeds))
    const differences = [
      ...effectDifferences(this.#first.deeds, this.#second.deeds),
      ...deeds.map(({ what }) => what),
    ]
    const answers = [first.answer.copy(), second.answer.copy()]
    if (!isEqual(answers[0], answers[1]))
      differences.push(`it answers ${shown(answers[1])} instead of ${shown(answers[0])}`)
    return [...differences, ...states]
  }

  #error(differences: readonly string[], cause?: unknown): Error {
    const { type } = this.#ctx.message
    const { path } = this.#actor
    return notDeterministic(`${path} in "${type}"`, differences, { actor: path, cause })
  }

  #world() {
    const ctx = this.#ctx
    return {
      authorities: this.#around.authorities,
      ref: (path: string) => new PathRef(path),
      pathOf: () => ctx.sender?.path,
      correlationName: () => ctx.correlationId,
    }
  }
}

function endDifferences(first: End, second: End): string[] {
  if (first.ok && second.ok) return []
  if (first.ok) return [`it fails with ${named(second)} the second time`]
  if (second.ok) return [`it fails with ${named(first)}, and not the second time`]
  return named(first) === named(second) ? [] : [`it fails with ${named(second)} instead of ${named(first)}`]
}

function named(end: End): string {
  if (end.ok) return ''
  const { name, code, message }: StoredError = storedError(end.error)
  return `${code ?? name}: ${message}`
}

// Both runs tell of all effects, also of those whose results never came, so they are compared one by one.
function effectDifferences(first: readonly Deed[], second: readonly Deed[]): string[] {
  const [wanted, got] = [first, second].map((deeds) =>
    deeds.filter(({ subject }) => subject === 'effect').map(({ target }) => target),
  )
  if (isEqual(wanted, got)) return []
  return [`it wants the effects ${shown(got)} instead of ${shown(wanted)}`]
}

function withoutEffects(deeds: readonly Deed[]): Deed[] {
  return deeds.filter(({ subject }) => subject !== 'effect')
}
