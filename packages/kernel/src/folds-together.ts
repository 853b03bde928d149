// Folds of several actors in one reading of the log, up to a position: each from behind its own snapshot. The caller says
// how fast, because others have things to do meanwhile.

import { damagedBetween } from './divergence.js'
import { foldTurn, type Fold } from './fold.js'
import type { Kernel } from './kernel.js'
import type { LogDamage } from './log.js'
import { TurnsOfActor } from './rebuild.js'
import type { LogRecord } from './records.js'

interface Reading {
  readonly fold: Fold
  readonly turns: TurnsOfActor
}

/** What is folded together. */
export class FoldsTogether {
  readonly #kernel: Kernel
  readonly #upTo: number
  readonly #readings = new Map<number, Reading>()
  #from: number

  /** `upTo` is the last position that they are folded up to. */
  constructor(kernel: Kernel, upTo: number) {
    this.#kernel = kernel
    this.#upTo = upTo
    this.#from = upTo + 1
  }

  /** One more. */
  add(fold: Fold): void {
    const { cell, after } = fold
    this.#readings.set(cell.id, { fold, turns: new TurnsOfActor(this.#kernel, cell, after) })
    this.#from = Math.min(this.#from, after + 1)
  }

  /** Reads batch after batch. Turns that wait are not waited for. */
  *steps(): Generator<void> {
    if (this.#readings.size === 0) return
    let position = this.#from - 1
    for (const batch of this.#kernel.log.readBatches(this.#onDamage, this.#from)) {
      batch.forEach((record) => {
        position = record.position
        this.#add(record)
      })
      // What comes behind it is read by whoever needs it.
      if (position >= this.#upTo) break
      yield
    }
  }

  /** Whether the turns of one of them wait. */
  get isWaiting(): boolean {
    for (const { fold } of this.#readings.values()) if (fold.waiting !== null) return true
    return false
  }

  readonly #onDamage = ({ actors, from, to }: LogDamage): void => {
    for (const id of actors) {
      const fold = this.#readings.get(id)?.fold
      if (fold !== undefined) fold.error ??= damagedBetween(fold.cell.path, from, to)
    }
  }

  #add(record: LogRecord): void {
    const known = this.#readings.get(record.actor)
    if (known === undefined || record.position <= known.fold.after || record.position > this.#upTo) return
    try {
      const recorded = known.turns.add(record)
      if (recorded !== undefined) foldTurn(this.#kernel, known.fold, recorded)
    } catch (error) {
      known.fold.error ??= error
    }
  }
}
