// Spans
// =====
// When the turns of a course were, how long each took, and what it waited for in between. All times are those of the
// records; a record has the time of its batch, so that what happens within a millisecond or two is told as one moment.
//
//   message         began          effect gave            reply             turn
//      │  in mailbox  │  in effect     │  in question       │                │
//      └──────────────┴────────────────┴────────────────────┴────────────────┘  one turn, with what it waited for
//
// When an effect started is in no record: it is taken to start where the turn last went on.

import type { DataRecord, LogRecord, MessageRecord } from '@holdfast/kernel'

/** A turn, or what a turn waited for. */
export interface Span {
  readonly kind: 'turn' | 'effect' | 'ask'
  /** Position of the record that ends it; of its message while it has not ended. */
  readonly position: number
  /** Position of the message in hand. */
  readonly message: number
  readonly actor: number
  /** Type of the message, name of the effect, or type of the question. */
  readonly name: string
  /** Whom a question was put to; 0 otherwise. */
  readonly target: number
  readonly attempt: number
  readonly startMs: number
  readonly endMs: number
  /** How long the message of a turn had waited in the mailbox. */
  readonly waitedMs: number
  readonly ok: boolean
  /** Whether the records have no end of it. */
  readonly isOpen: boolean
  /** How far it is away from the first message. */
  readonly depth: number
}

interface Waiting {
  readonly attempt: number
  readonly startMs: number
  lastMs: number
  /** Questions by their index. */
  readonly asked: Map<number, MessageRecord>
  readonly spans: Span[]
}

interface Arrived {
  readonly message: MessageRecord
  readonly children: number[]
  readonly spans: Span[]
  firstTryMs: number
  waits: Waiting | null
}

/** The spans of one course. */
export class Spans {
  readonly #arrived = new Map<number, Arrived>()
  readonly #roots: number[] = []
  startMs = Infinity
  endMs = 0

  /** Takes the next record in. */
  add(record: LogRecord): void {
    this.startMs = Math.min(this.startMs, record.timeMs)
    this.endMs = Math.max(this.endMs, record.timeMs)
    if (record.kind === 'message') this.#message(record)
    else if (record.kind === 'began') this.#began(record)
    else if (record.kind === 'effect' || record.kind === 'reply') this.#result(record)
    else if (record.kind === 'turn') this.#ended(record, record.message, record.attempt, true)
    else if (record.kind === 'failed') this.#ended(record, record.cause, record.data().attempt, false)
  }

  /** All spans: each turn, what it waited for, and then the turns that it led to. */
  *all(): Generator<Span, void, undefined> {
    const stack = this.#roots.map((position) => ({ position, depth: 0 })).reverse()
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { position, depth } = next
      const arrived = this.#arrived.get(position)!
      for (const span of [...arrived.spans, ...openOf(arrived, this.endMs)])
        yield { ...span, depth: span.kind === 'turn' ? depth : depth + 1 }
      for (const child of [...arrived.children].reverse()) stack.push({ position: child, depth: depth + 1 })
    }
  }

  #message(message: MessageRecord): void {
    const { position, cause, ask } = message
    this.#arrived.set(position, { message, children: [], spans: [], firstTryMs: message.timeMs, waits: null })
    const above = this.#arrived.get(cause)
    if (above === undefined) this.#roots.push(position)
    else above.children.push(position)
    if (ask !== undefined && above?.waits?.attempt === ask.attempt) above.waits.asked.set(ask.index, message)
  }

  #began(record: DataRecord<'began'>): void {
    const arrived = this.#arrived.get(record.cause)
    if (arrived === undefined) return
    const { attempt, nowMs = record.timeMs } = record.data()
    arrived.waits = { attempt, startMs: nowMs, lastMs: nowMs, asked: new Map(), spans: [] }
  }

  #result(record: DataRecord<'effect'> | DataRecord<'reply'>): void {
    const arrived = this.#arrived.get(record.cause)
    const waits = arrived?.waits
    if (arrived === undefined || waits === null || waits === undefined) return
    const { index, attempt, name, ok } = record.data()
    const asked = waits.asked.get(index)
    const { position, actor, timeMs } = record
    waits.spans.push({
      kind: record.kind === 'reply' ? 'ask' : 'effect',
      position,
      message: arrived.message.position,
      actor,
      name: name ?? asked?.type ?? 'question',
      target: asked?.actor ?? 0,
      attempt,
      startMs: Math.min(asked?.timeMs ?? waits.lastMs, timeMs),
      endMs: timeMs,
      waitedMs: 0,
      ok,
      isOpen: false,
      depth: 0,
    })
    waits.lastMs = timeMs
  }

  #ended({ position, actor, timeMs }: LogRecord, message: number, attempt: number, ok: boolean): void {
    const arrived = this.#arrived.get(message)
    if (arrived === undefined || arrived.message.actor !== actor) return
    const { waits } = arrived
    const startMs = Math.min(waits?.attempt === attempt ? waits.startMs : timeMs, timeMs)
    const { type } = arrived.message
    const waitedMs = Math.max(0, startMs - arrived.firstTryMs)
    const turn: Span = {
      ...{ kind: 'turn', position, message, actor, name: type, target: 0, attempt },
      ...{ startMs, endMs: timeMs, waitedMs, ok, isOpen: false, depth: 0 },
    }
    arrived.spans.push(turn, ...(waits?.spans ?? []))
    arrived.waits = null
    // A second attempt waits from the end of the first one.
    arrived.firstTryMs = timeMs
  }
}

function openOf({ message, waits }: Arrived, endMs: number): readonly Span[] {
  if (waits === null) return []
  const { position, actor, type, timeMs } = message
  const { attempt, startMs, spans } = waits
  const turn: Span = {
    ...{ kind: 'turn', position, message: position, actor, name: type, target: 0, attempt },
    ...{ startMs, endMs, waitedMs: Math.max(0, startMs - timeMs), ok: true, isOpen: true, depth: 0 },
  }
  return [turn, ...spans]
}
