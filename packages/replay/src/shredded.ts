// Shredded turns
// ==============
// What belongs to a subject whose key was destroyed, or was not given, cannot be run again. An actor that was told such a
// thing has no state that is known from there on, until its next snapshot: its turns up to that are left out, and said.

import { checkReadable, readable, storedError, type StoredError } from '@holdfast/kernel'
import type { Ensemble } from './ensemble.js'
import type { SliceActor } from './slice.js'
import type { Step } from './steps.js'

/** Turns of one actor, in a row, that could not be run again. */
export interface ShreddedStretch {
  /** Path of the actor. */
  readonly actor: string
  /** Positions of the first and the last of them. */
  readonly from: number
  readonly to: number
  readonly turns: number
  /** Why the first of them could not: `HF_SUBJECT_SHREDDED`, or `HF_SUBJECT_KEYS` when keys were not given. */
  readonly reason: StoredError
}

interface Lost {
  readonly actor: string
  readonly reason: StoredError
  from: number
  to: number
  turns: number
}

/** Whether an error says that something of a subject cannot be read. */
export function isOfSubject({ code }: StoredError): boolean {
  return code === 'HF_SUBJECT_SHREDDED' || code === 'HF_SUBJECT_KEYS'
}

/** Those of one replay. */
export class ShreddedTurns {
  readonly #lost = new Map<number, Lost>()
  readonly #stretches: Lost[] = []

  /** The stretches so far, in the order in which they began. */
  get stretches(): ShreddedStretch[] {
    return this.#stretches
      .filter(({ turns }) => turns > 0)
      .map(({ actor, from, to, turns, reason }) => ({ actor, from, to, turns, reason }))
  }

  /** The state with which an actor begins cannot be read. */
  beginsLost({ id, path, from }: SliceActor, reason: StoredError): void {
    this.#lose(id, path, from, reason)
  }

  /** Why a turn cannot be run again; nothing when it can, on a state that is known. */
  skips(step: Step, ensemble: Ensemble): StoredError | undefined {
    const { path } = ensemble.at(step.actor)
    let lost = this.#lost.get(step.actor)
    if (lost !== undefined && ensemble.restore(step.actor, lost.to, step.position - 1)) {
      this.#lost.delete(step.actor)
      lost = undefined
    }
    const reason = lost?.reason ?? whyUnreadable(step, path)
    if (reason === undefined) return undefined
    lost ??= this.#lose(step.actor, path, step.position, reason)
    if (lost.turns++ === 0) lost.from = step.position
    lost.to = step.position
    return reason
  }

  #lose(id: number, actor: string, from: number, reason: StoredError): Lost {
    const lost: Lost = { actor, reason, from, to: from, turns: 0 }
    this.#lost.set(id, lost)
    this.#stretches.push(lost)
    return lost
  }
}

/** Why a turn cannot be run again on whatever state; nothing when it can. */
export function whyUnreadable(step: Step, path: string): StoredError | undefined {
  const { message, rerun } = step
  // Most turns have nothing of a subject, and their payloads are made when they run.
  if (message.subject === undefined && rerun === undefined) return undefined
  try {
    if (message.subject !== undefined) readable(message.payload(), path, `message "${message.type}"`)
    checkReadable(step, path)
    return undefined
  } catch (error) {
    return storedError(error)
  }
}
