// What was redacted in a file: which fields of which records and snapshots. A comparison asks, because what stands in
// such a field is not what was recorded.

import { redacted, redactedFailure, redactIn } from './redacted-value.js'
import type { Place } from './redaction-rule.js'
import type { StoredError } from '@holdfast/kernel'

/** One field that was redacted. */
export interface RedactedField {
  /** Position of the record or of the snapshot. */
  readonly position: number
  /** The actor, of a snapshot; 0 for a record. */
  readonly snapshotOf: number
  readonly place: Place
  /** The way from the place to the field; none for all of it. */
  readonly path: readonly string[]
}

/** The redacted fields of one file. */
export class Redactions {
  readonly all: readonly RedactedField[]
  readonly #records = new Map<number, RedactedField[]>()
  readonly #snapshots = new Map<string, RedactedField[]>()

  constructor(all: readonly RedactedField[]) {
    this.all = all
    for (const field of all) {
      const { position, snapshotOf } = field
      if (snapshotOf === 0) add(this.#records, position, field)
      else add(this.#snapshots, `${snapshotOf} ${position}`, field)
    }
  }

  /** The redacted fields of the record at a position, of all places or of one. */
  of(position: number, place?: Place): readonly RedactedField[] {
    const fields = this.#records.get(position) ?? []
    return place === undefined ? fields : fields.filter((field) => field.place === place)
  }

  /** The redacted fields of the snapshot of an actor. */
  ofSnapshot(actor: number, position: number): readonly RedactedField[] {
    return this.#snapshots.get(`${actor} ${position}`) ?? []
  }

  /** Whether a field of a record is one of them, lies in one or holds one; without a path, whether any of the place is. */
  isRedacted(position: number, place: Place, path: readonly string[] = []): boolean {
    return this.of(position, place).some((field) => {
      const shorter = Math.min(field.path.length, path.length)
      return field.path.slice(0, shorter).every((name, i) => name === path[i])
    })
  }

  /**
   * A value with the same fields redacted as the record at a position has them, so that the two can be compared. It
   * belongs to the caller, and is changed.
   */
  likeRecorded(position: number, place: Place, value: unknown): unknown {
    const rules = this.of(position, place).map(({ path }) => ({ steps: path, at: 0 }))
    return rules.length === 0
      ? value
      : redactIn(value, rules, (path, field) => replacement(place, path, field))
  }
}

/** What takes the place of a field. */
export function replacement(place: Place, path: readonly string[], value: unknown): unknown {
  const isFailure = place === 'error' && path.every((name) => name === 'cause')
  return isFailure && typeof value === 'object' && value !== null
    ? redactedFailure(value as StoredError)
    : redacted(value)
}

function add<K>(map: Map<K, RedactedField[]>, key: K, field: RedactedField): void {
  const fields = map.get(key)
  if (fields === undefined) map.set(key, [field])
  else fields.push(field)
}
