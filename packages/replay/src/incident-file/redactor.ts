// Redactor
// ========
// Applies rules to what goes into a file, value by value, and notes every field that it replaced.
//
// Invariants
//   Y1  A value that no rule leads into keeps its bytes.
//   Y2  Of an actor of which something was redacted, no digest of a state stays: with one, a guess of what was redacted
//       could be proved right.

import { HoldfastError, type LogRecord } from '@holdfast/kernel'
import { Codec, digestOf, KeptRef } from '@holdfast/journal'
import { FILE_REDACTIONS_MAX } from '../limits.js'
import { fieldsOf } from './record-fields.js'
import type { RecordToWrite } from './record-section.js'
import { redactIn } from './redacted-value.js'
import {
  advanced,
  matches,
  settled,
  type Place,
  type Progress,
  type Rule,
  type Step,
} from './redaction-rule.js'
import { replacement, type RedactedField } from './redactions.js'
import type { FileSnapshot } from './snapshot-section.js'

/** A rule and how many fields it has replaced. */
export interface RuleHits {
  readonly rule: string
  readonly hits: number
}

/** What is redacted in one export. */
export class Redactor {
  readonly fields: RedactedField[] = []
  readonly #rules: readonly Rule[]
  readonly #pathOf: (actor: number) => string
  readonly #codec = new Codec()
  readonly #hits = new Map<readonly Step[], number>()
  readonly #touched = new Set<number>()
  /** Which rules are for an actor. */
  readonly #known = new Map<number, readonly Rule[]>()
  /** Whom the question went to that a reply answers. */
  readonly #asked = new Map<string, number>()

  constructor(rules: readonly Rule[], pathOf: (actor: number) => string) {
    this.#rules = rules
    this.#pathOf = pathOf
    // A ref stays one on its way through.
    this.#codec.ref = (path) => new KeptRef(path)
  }

  /** How often each rule was applied. */
  get hits(): RuleHits[] {
    return this.#rules.map(({ text, steps }) => ({ rule: text, hits: this.#hits.get(steps) ?? 0 }))
  }

  /** Redacts what a record carries. @returns its bytes */
  record(record: LogRecord, packed: Uint8Array): Uint8Array {
    if (this.#rules.length === 0) return packed
    this.#noteAsk(record)
    if (packed.byteLength === 0) return packed
    const rules = this.#rulesFor(record)
    const fields = fieldsOf(record.kind).filter(({ place }) => leadInto(rules, place).length > 0)
    if (fields.length === 0) return packed
    const before = this.fields.length
    let value = this.#codec.unpack(packed, 0, packed.byteLength)
    for (const { place, name } of fields) {
      const head = { position: record.position, snapshotOf: 0, place }
      if (name === undefined) value = this.#redact(value, rules, head)
      else {
        const data = value as Record<string, unknown>
        if (data[name] !== undefined) data[name] = this.#redact(data[name], rules, head)
      }
    }
    if (this.fields.length === before) return packed
    this.#touched.add(record.actor)
    return this.#codec.bytes(value)
  }

  /** Redacts a state. */
  snapshot(snapshot: FileSnapshot): FileSnapshot {
    const { actor, position, packed } = snapshot
    const rules = this.#rulesOf(actor)
    if (leadInto(rules, 'state').length === 0 || packed.byteLength === 0) return snapshot
    const before = this.fields.length
    const value = this.#codec.unpack(packed, 0, packed.byteLength)
    const state = this.#redact(value, rules, { position, snapshotOf: actor, place: 'state' })
    if (this.fields.length === before) return snapshot
    this.#touched.add(actor)
    const bytes = this.#codec.bytes(state)
    return { ...snapshot, packed: bytes, digest: digestOf(bytes) }
  }

  /** The record as it is written, once all have been looked at (Y2). */
  written(record: LogRecord, packed: Uint8Array): RecordToWrite {
    const keeps = record.kind === 'turn' && !this.#touched.has(record.actor)
    return { record, packed, digest: keeps ? record.digest : -1 }
  }

  // An error says what the one underneath says, so a rule for an error looks into those as well.
  #redact(value: unknown, rules: readonly Rule[], head: Omit<RedactedField, 'path'>): unknown {
    const progress = leadInto(rules, head.place)
    const seen = new Set<string>()
    const walkFrom = (from: unknown, above: readonly string[]): unknown =>
      redactIn(from, progress, (path, field, done) =>
        this.#replace([...above, ...path], field, done, head, seen),
      )
    const result = walkFrom(value, [])
    if (head.place !== 'error') return result
    const above: string[] = []
    for (let at = result as Underneath; at.cause !== undefined; at = at.cause) {
      above.push('cause')
      at.cause = walkFrom(at.cause, [...above]) as Underneath
    }
    return result
  }

  #replace(
    path: readonly string[],
    value: unknown,
    progress: readonly Progress[],
    head: Omit<RedactedField, 'path'>,
    seen: Set<string>,
  ): unknown {
    const key = JSON.stringify(path)
    if (seen.has(key)) return value
    seen.add(key)
    this.fields.push({ ...head, path })
    if (this.fields.length > FILE_REDACTIONS_MAX) throw tooMany()
    const done = progress.find(({ steps, at }) => at === steps.length) ?? progress[0]!
    this.#hits.set(done.steps, (this.#hits.get(done.steps) ?? 0) + 1)
    return replacement(head.place, path, value)
  }

  // An answer stands with who gave it, and once more with who asked for it: a rule for the one holds for both.
  #rulesFor(record: LogRecord): readonly Rule[] {
    const own = this.#rulesOf(record.actor)
    if (record.kind !== 'reply') return own
    const { attempt, index } = record.data()
    const asked = this.#asked.get(askKey(record.actor, record.cause, attempt, index))
    return asked === undefined ? own : [...new Set([...own, ...this.#rulesOf(asked)])]
  }

  #noteAsk(record: LogRecord): void {
    if (record.kind !== 'message' || record.ask === undefined) return
    const { attempt, index } = record.ask
    this.#asked.set(askKey(record.sender, record.cause, attempt, index), record.actor)
  }

  #rulesOf(actor: number): readonly Rule[] {
    let rules = this.#known.get(actor)
    if (rules === undefined) {
      const path = this.#pathOf(actor).split('/').slice(1)
      rules = this.#rules.filter((rule) => rule.actor === undefined || matches(rule.actor, path))
      this.#known.set(actor, rules)
    }
    return rules
  }
}

/** An error as the log keeps it, with the one underneath. */
interface Underneath {
  cause?: Underneath
}

function tooMany(): HoldfastError {
  return new HoldfastError('HF_NOT_STORABLE', `More than ${FILE_REDACTIONS_MAX} fields would be redacted.`, {
    field: 'redact',
    hint: 'Name what is around them: one rule for a list or an object replaces it as a whole.',
  })
}

function leadInto(rules: readonly Rule[], place: Place): Progress[] {
  return advanced(settled(rules.map(({ steps }) => ({ steps, at: 0 }))), place)
}

function askKey(asker: number, cause: number, attempt: number, index: number): string {
  return `${asker} ${cause} ${attempt} ${index}`
}
