// Divergences
// ===========
// Collects how a replay differs from the record, and finds out which difference rests on which: the first one of all is
// where to look, and the others tell how far it went.
//
//   turn differs ──► later turns of the same actor        (its state may be another one)
//        └─────────► turns that handle what it told       (they would have been told something else, or nothing)
//
// Invariants
//   V1  All differences are counted, whatever is listed.
//   V2  A difference rests on an earlier one or on none, so that following `because` comes to an end.

import type { LogRecord } from '@holdfast/kernel'
import type { Difference } from './compare.js'
import { DIVERGENCES_LISTED, REACHED_MESSAGES_MAX } from './limits.js'
import type { Divergence, Reached } from './report.js'
import type { Step } from './steps.js'

/** Where a difference was found. */
export interface Place {
  readonly position: number
  readonly actor: string
  readonly message: string
  readonly isContext: boolean
}

interface Reaching {
  readonly actor: string
  readonly position: number
  readonly because: number
  turns: number
}

/** The differences of one replay. */
export class Divergences {
  readonly listed: Divergence[] = []
  #count = 0
  /** By actor, from the first of its turns that rests on a difference. */
  readonly #reached = new Map<string, Reaching>()
  /** Messages that would have been others, with the position of the turn that told them. */
  readonly #messages = new Map<number, number>()

  get count(): number {
    return this.#count
  }

  get spread(): readonly Reached[] {
    return [...this.#reached.values()].sort((a, b) => a.position - b.position)
  }

  /** Adds what was found at a place; `because` is the turn that it rests on, if any. */
  add(place: Place, difference: Difference, because = 0): void {
    this.#count++
    if (this.listed.length < DIVERGENCES_LISTED) this.listed.push({ ...place, because, ...difference })
  }

  /** A turn has been replayed, with these differences. */
  turn(step: Step, place: Place, differences: readonly Difference[]): void {
    if (differences.length === 0 && this.#reached.size === 0) return
    const known = this.#reached.get(place.actor)
    const told = this.#messages.get(step.message.position)
    this.#messages.delete(step.message.position)
    const because = known?.position ?? told ?? 0
    for (const difference of differences) this.add(place, difference, because)
    if (known !== undefined) known.turns++
    else if (told !== undefined || differences.length > 0)
      this.#reached.set(place.actor, {
        actor: place.actor,
        position: step.position,
        because: told ?? step.position,
        turns: 1,
      })
    if (told !== undefined || differences.length > 0) this.#follow(step)
  }

  // What was told in a turn that differs is taken to be different, because one cannot know what the other code would
  // have told further on.
  #follow({ told, rerun, position }: Step): void {
    const reach = (message: number): void => {
      if (this.#messages.size < REACHED_MESSAGES_MAX) this.#messages.set(message, position)
    }
    for (const record of told) if (isMessage(record)) reach(record.position)
    for (const asked of rerun?.asked.values() ?? []) reach(asked)
  }
}

function isMessage(record: LogRecord): boolean {
  return record.kind === 'message'
}
