// Happenings
// ==========
// An incident as a list of what happened, each under a key that says where it comes from and not where it stands: the
// same course has the same keys in whatever log it was recorded.
//
//   a root message    its receiver, its type, and which one of these it is
//   a message         the key of the message whose turn sent it, then the same
//   all else          the key of its message, its kind, and which one of these it is
//
// A name that Holdfast gave follows from a position. It is taken for the key of the message at that position.

import { REF, type LogRecord, type MessageRecord, type StoredError } from '@holdfast/kernel'
import type { Incident } from '../incident.js'
import { fieldsOf } from '../incident-file/record-fields.js'
import type { Place } from '../incident-file/redaction-rule.js'
import { outcomesOf, rangeOf } from '../incident-file/surroundings.js'

/** What something that happened is. */
export type HappeningKind = 'message' | 'turn' | 'failure' | 'decision' | 'effect' | 'deed'

/** A part of what happened that is compared. */
export interface Part {
  /** Where it stands in the record, when something in it may be redacted. */
  readonly place: Place | undefined
  readonly name: string
  readonly value: unknown
}

/** One thing that happened. */
export interface Happening {
  readonly key: string
  readonly what: HappeningKind
  readonly position: number
  /** Path of the actor. */
  readonly actor: string
  /** Type of the message, name of the effect, kind of the record. */
  readonly type: string
  readonly parts: readonly Part[]
  /** What stands in an order with others: who handled it, and whose turn sent it. */
  readonly orders: readonly string[]
}

const DECISIONS: ReadonlySet<LogRecord['kind']> = new Set([
  'directive',
  'quarantined',
  'restarted',
  'steered',
  'gave-up',
  'reviving',
  'deleted',
  'changed',
])

/** Kinds that say the same once more, or only how far a turn has come. */
const SILENT: ReadonlySet<LogRecord['kind']> = new Set(['began', 'reply', 'opened', 'closed'])

/** What happened in an incident, in the order of its log. */
export function happeningsOf(incident: Incident): Happening[] {
  return new Happenings(incident).all()
}

class Happenings {
  readonly #incident: Incident
  /** Keys of messages, by position. */
  readonly #keys = new Map<number, string>()
  readonly #counts = new Map<string, number>()
  readonly #paths = new Map<number, string>()

  constructor(incident: Incident) {
    this.#incident = incident
  }

  all(): Happening[] {
    return this.#records().flatMap((record) => this.#of(record))
  }

  // Restarts and the like belong to no correlation; those of who took part stand with them.
  #records(): LogRecord[] {
    const { evidence, records } = this.#incident
    const { from, to } = rangeOf(this.#incident)
    const more = outcomesOf(this.#incident).filter(({ correlation }) => correlation === 0)
    for (const id of new Set(records.map(({ actor }) => actor))) {
      if (id === 0) continue
      for (const record of evidence.readActor(id, from)) {
        if (record.position > to) break
        if (record.correlation === 0 && DECISIONS.has(record.kind)) more.push(record)
      }
    }
    return [...records, ...more].sort((a, b) => a.position - b.position)
  }

  #of(record: LogRecord): Happening[] {
    if (SILENT.has(record.kind)) return []
    if (record.kind === 'message') return [this.#message(record)]
    const { position, actor, cause } = record
    const path = this.#path(actor)
    const [what, type] = this.#what(record)
    const above = this.#keys.get(cause) ?? path
    const key = this.#counted(`${above} ${what} ${type}`)
    const orders = record.kind === 'turn' ? [`what ${path} handled`] : []
    return [{ key, what, position, actor: this.#shown(actor), type, parts: this.#parts(record), orders }]
  }

  #message(record: MessageRecord): Happening {
    const { position, actor, cause, type } = record
    const above = this.#keys.get(cause) ?? ''
    const key = this.#counted(`${above}>${this.#path(actor)} ${type}`)
    this.#keys.set(position, key)
    const orders = above === '' ? [] : [`what ${above} told`]
    const parts = this.#parts(record)
    return { key, what: 'message', position, actor: this.#shown(actor), type, parts, orders }
  }

  #what(record: LogRecord): [HappeningKind, string] {
    const { kind, cause } = record
    const message = this.#incident.evidence.messageAt(cause)?.type
    if (kind === 'turn') return ['turn', message ?? kind]
    if (kind === 'failed') return ['failure', message ?? kind]
    if (kind === 'effect') return ['effect', record.data().name ?? kind]
    return [DECISIONS.has(kind) ? 'decision' : 'deed', kind]
  }

  #parts(record: LogRecord): Part[] {
    const data = record.kind === 'message' || record.kind === 'turn' ? undefined : record.data()
    const places = fieldsOf(record.kind).map(({ place, name }): Part => {
      const value = name === undefined ? carriedBy(record) : (data as Record<string, unknown>)[name]
      const part = place === 'error' ? withoutStack(value as StoredError | undefined) : value
      return { place, name: place, value: this.#normal(part) }
    })
    const facts = Object.entries(this.#facts(record)).map(([name, value]) => {
      return { place: undefined, name, value: this.#normal(value) }
    })
    return [...places, ...facts]
  }

  // What a record says beside the values of users. Numbers of actors become paths; positions and times are left out.
  #facts(record: LogRecord): Readonly<Record<string, unknown>> {
    switch (record.kind) {
      case 'message':
        return { sender: this.#path(record.sender), asks: record.ask !== undefined }
      case 'turn':
        return { attempt: record.attempt }
      case 'effect': {
        const { attempt, index, ok } = record.data()
        return { attempt, index, ok }
      }
      case 'failed': {
        const { attempt, context, parked } = record.data()
        return { attempt, context, parked }
      }
      case 'directive': {
        const { supervisor, offender, context, directive, affected } = record.data()
        return { supervisor, offender, context, directive, affected }
      }
      case 'quarantined':
      case 'gave-up': {
        const { supervisor, offender, context } = record.data()
        return { supervisor, offender, context }
      }
      case 'restarted':
        return { fresh: record.data().fresh }
      case 'steered': {
        const { command, by, reason } = record.data()
        return { command, by, reason }
      }
      default:
        return this.#deed(record)
    }
  }

  #deed(record: LogRecord): Readonly<Record<string, unknown>> {
    switch (record.kind) {
      case 'spawned': {
        const { name, definition, version, restart } = record.data()
        return { name, definition, version, restart }
      }
      case 'stopped':
        return { reason: record.data().reason }
      case 'dead': {
        const { reason, to, type } = record.data()
        return { reason, to, type }
      }
      case 'timer': {
        const { key, type, everyMs } = record.data()
        return { key, type, everyMs }
      }
      case 'untimed':
        return { key: record.data().key }
      case 'watched':
      case 'unwatched': {
        const { target, path = this.#path(target), type } = record.data()
        return { path, type }
      }
      case 'halting':
        return { child: this.#path(record.data().child), how: record.data().how }
      case 'reviving':
      case 'deleted':
        return { child: this.#path(record.data().child) }
      case 'changed':
        return { strategy: record.data().strategy, children: record.data().children }
      default:
        return {}
    }
  }

  /** The key with the number of it: how many like it came before. */
  #counted(key: string): string {
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    return `${key} #${count}`
  }

  #shown(actor: number): string {
    return actor === 0 ? '' : this.#incident.paths.of(actor)
  }

  #path(actor: number): string {
    let path = this.#paths.get(actor)
    if (path === undefined) {
      path = this.#named(this.#shown(actor))
      this.#paths.set(actor, path)
    }
    return path
  }

  #normal(value: unknown): unknown {
    if (typeof value === 'string') return this.#named(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((each) => this.#normal(each))
    if (REF in value) return { path: this.#named((value as { readonly [REF]: string })[REF]) }
    if (Object.getPrototypeOf(value) !== Object.prototype) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.#normal(each)]))
  }

  #named(text: string): string {
    if (!GIVEN.test(text)) return text
    return text.replace(GIVEN_ALL, (name, start: string, position: string, rest: string) => {
      const key = this.#keys.get(Number(position))
      return key === undefined ? name : `${start}(${key})${rest}`
    })
  }
}

/** Names that Holdfast gives: of children without one, and those of `ctx.id`. */
const GIVEN = /(?:^|\/)\d{1,16}(?:-\d+){1,2}(?=\/|$)/
const GIVEN_ALL = /(^|\/)(\d{1,16})((?:-\d+){1,2})(?=\/|$)/g

function carriedBy(record: LogRecord): unknown {
  if (record.kind === 'message') return record.payload()
  return record.kind === 'turn' && record.answered ? record.answer() : undefined
}

// A stack says where code lies, and that is elsewhere on another machine.
function withoutStack(error: StoredError | undefined): unknown {
  if (error === undefined) return undefined
  const { name, message, code, detail, cause } = error
  return { name, message, code, detail, cause: withoutStack(cause) }
}
