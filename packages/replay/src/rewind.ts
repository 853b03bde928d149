// Rewind
// ======
// Takes back what a turn that failed has changed. A state is written down now and then and not before each turn, because
// writing down a large one takes far longer than the turn; the turns since then are read again and run once more. An
// actor that has failed where it had not failed before may do so again, and from then on its state is always at hand.

import type { Evidence } from './evidence.js'
import type { Focus } from './focus.js'
import { STATE_KEPT_EVERY_TURNS } from './limits.js'
import type { SliceActor } from './slice.js'
import { stepsOf, type Step } from './steps.js'

/** Runs a turn again; it reads its results from the record, so it goes as it went before. */
export type RunAgain = (step: Step) => Promise<unknown> | undefined

/** The way back for one actor. */
export class Rewind {
  readonly #evidence: Evidence
  readonly #focus: Focus
  readonly #actor: SliceActor
  /** The state that is written down, without bytes when it is undefined; `null` before the first turn. */
  #kept: { readonly bytes: Uint8Array | undefined } | null = null
  /** The last turn that it holds, and how many came after that. */
  #keptAt: number
  #since = 0
  #last: number
  #hasFailed = false

  constructor(evidence: Evidence, focus: Focus, actor: SliceActor) {
    this.#evidence = evidence
    this.#focus = focus
    this.#actor = actor
    this.#keptAt = actor.from
    this.#last = actor.from
  }

  /** Before a turn; one that is `likelyToFail` gets a state of its own to come back to. */
  before(state: unknown, likelyToFail: boolean): void {
    const isNear = this.#since < STATE_KEPT_EVERY_TURNS && !likelyToFail && !this.#hasFailed
    if (this.#kept !== null && isNear) return
    this.#kept = { bytes: state === undefined ? undefined : this.#evidence.codec.bytes(state) }
    this.#keptAt = this.#last
    this.#since = 0
  }

  /** The turn that ended at a position did so well. */
  passed(position: number): void {
    this.#since++
    this.#last = position
  }

  /** The turn failed: its actor has the state again that it had before. */
  async back(actor: { state: unknown }, run: RunAgain): Promise<void> {
    const bytes = this.#kept?.bytes
    actor.state = bytes === undefined ? undefined : this.#evidence.codec.unpack(bytes, 0, bytes.byteLength)
    if (this.#since === 0) return
    this.#hasFailed = true
    const since = { ...this.#actor, from: this.#keptAt, until: this.#last }
    for (const step of stepsOf(this.#evidence, this.#focus, [since]))
      if (step.end.kind === 'turn') await run(step)?.catch(() => undefined)
  }
}
