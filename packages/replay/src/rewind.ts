// Rewind
// ======
// Takes back what a turn that failed has changed. A state is written down now and then and not before each turn,
// because writing down a large one takes far longer than the turn; the turns since then are run once more.

import type { Evidence } from './evidence.js'
import { STATE_KEPT_EVERY_TURNS } from './limits.js'
import type { Step } from './steps.js'

/** Runs a turn again; it reads its results from the record, so it goes as it went before. */
export type RunAgain = (step: Step) => Promise<unknown> | undefined

/** The way back for one actor. */
export class Rewind {
  readonly #evidence: Evidence
  readonly #actor: { state: unknown }
  /** `null` before the first turn; without bytes for a state that is undefined. */
  #kept: { readonly bytes: Uint8Array | undefined } | null = null
  #since: Step[] = []

  constructor(evidence: Evidence, actor: { state: unknown }) {
    this.#evidence = evidence
    this.#actor = actor
  }

  /** Before a turn; one that is `likelyToFail` gets a state of its own to come back to. */
  before(likelyToFail: boolean): void {
    if (this.#kept !== null && this.#since.length < STATE_KEPT_EVERY_TURNS && !likelyToFail) return
    const { state } = this.#actor
    this.#kept = { bytes: state === undefined ? undefined : this.#evidence.codec.bytes(state) }
    this.#since = []
  }

  /** The turn ended well. */
  passed(step: Step): void {
    this.#since.push(step)
  }

  /** The turn failed: the state is again what it was before. */
  async back(run: RunAgain): Promise<void> {
    const bytes = this.#kept?.bytes
    this.#actor.state =
      bytes === undefined ? undefined : this.#evidence.codec.unpack(bytes, 0, bytes.byteLength)
    for (const step of this.#since) await run(step)?.catch(() => undefined)
  }
}
