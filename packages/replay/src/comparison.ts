// How a recorded and a replayed value are held against each other: without volatile fields, and where the record was
// redacted, with the same fields redacted in both.

import { isLikeRecorded } from '@holdfast/kernel'
import { isRecorded } from './is-equal.js'
import type { Place } from './incident-file/redaction-rule.js'
import type { Redactions } from './incident-file/redactions.js'
import type { Deed } from './report.js'
import { Volatile } from './volatile.js'

/** Compares the values of one replay. */
export class Comparison {
  readonly volatile: Volatile
  readonly #redactions: Redactions | undefined

  constructor(volatile = new Volatile(), redactions?: Redactions) {
    this.volatile = volatile
    this.#redactions = redactions
  }

  /** Whether a deed of a replay is the one that was recorded. */
  isSameDeed(recorded: Deed, replayed: Deed): boolean {
    const isThere = recorded.target === '' || isLikeRecorded(recorded.target, replayed.target)
    if (!isThere || !isLikeRecorded(recorded.type, replayed.type)) return false
    if (recorded.value === NOT_KEPT) return true
    if (!isSameCorrelation(recorded, replayed)) return false
    const like = this.#likeRecorded(recorded, replayed.value)
    return isRecorded(this.#bare(recorded.type, recorded.value), this.#bare(recorded.type, like))
  }

  /** What a replayed value is compared as. */
  like(position: number, place: Place, of: string, value: unknown): unknown {
    return this.#bare(of, this.#redacted(position, place, value))
  }

  /** What a recorded value is compared as. */
  #bare(of: string, value: unknown): unknown {
    return this.volatile.without(of, value)
  }

  #likeRecorded({ subject, position }: Deed, value: unknown): unknown {
    if (position === undefined || this.#redactions === undefined) return value
    if (subject === 'spawn') return this.#redacted(position, 'args', value)
    if (subject !== 'schedule') return this.#redacted(position, 'payload', value)
    const { payload, ...when } = value as { readonly payload: unknown }
    return { ...when, payload: this.#redacted(position, 'payload', payload) }
  }

  #redacted(position: number, place: Place, value: unknown): unknown {
    return this.#redactions === undefined ? value : this.#redactions.likeRecorded(position, place, value)
  }
}

/** Whether two deeds name the same correlation, as far as the log tells. */
export function isSameCorrelation(recorded: Deed, replayed: Deed): boolean {
  const { correlation } = recorded
  if (correlation === '' || correlation === replayed.correlation) return true
  return correlation !== undefined && isLikeRecorded(correlation, replayed.correlation ?? '')
}

/** Stands for the payload of a message to nobody, which the log does not keep. */
export const NOT_KEPT: unique symbol = Symbol('not kept')
