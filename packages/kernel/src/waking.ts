// Waking
// ======
// A virtual actor that sleeps is woken by whoever tells it something, watches it or is linked to it. That is part of the
// turn that does so: a turn that throws has woken nobody, and one that waits wakes nobody before its end.

import { applyBirth, discardBirth, type Birth } from './birth.js'
import type { Cell } from './cell.js'
import type { TurnActs } from './turn-acts.js'

/** Finds the virtual actor of a path for one operation of a turn, and wakes it when it sleeps. */
export class Waking {
  readonly #turn: TurnActs
  readonly #path: string
  #cell: Cell | null = null
  #birth: Birth | null = null

  constructor(turn: TurnActs, path: string) {
    this.#turn = turn
    this.#path = path
  }

  /** The one who is awake; `null` when it sleeps, or when no virtual actor lives at the path. */
  find(): Cell | null {
    const at = this.#turn.kernel.homeAt(this.#path)
    return at?.home.awake(at.key) ?? null
  }

  /** The same, and one who sleeps wakes with this turn. */
  write(): Cell | null {
    const { kernel, correlation, position } = this.#turn
    const at = kernel.homeAt(this.#path)
    const awake = at?.home.awake(at.key)
    if (at === null || awake !== undefined) return awake ?? null
    this.#cell = at.home.cellOf(at.key)
    // Nobody is woken for a subject that was shredded: what it is told becomes a dead letter.
    if (kernel.subjects !== null && kernel.subjects.isBornTooLate(this.#cell)) {
      discardBirth(kernel, this.#cell)
      this.#cell = null
      return null
    }
    this.#birth = at.home.write(this.#cell, correlation, position)
    return this.#cell
  }

  /** Has the one that woke begin its life. */
  apply(): void {
    if (this.#birth !== null) applyBirth(this.#turn.kernel, this.#cell!, this.#birth)
  }

  /** It has not woken after all. */
  discard(): void {
    if (this.#birth !== null) discardBirth(this.#turn.kernel, this.#cell!)
    this.#birth = null
    this.#cell = null
  }
}
