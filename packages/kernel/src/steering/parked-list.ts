// Parked messages: those whose last attempt failed. They are never delivered again by themselves. The list says where
// they stand and no more, because what they carried is in the log.

import type { Log } from '../log.js'
import { PARKED_KEPT } from '../limits.js'
import type { StoredError } from '../records.js'

/** Where a parked message stands. */
export interface ParkedEntry {
  /** Position of the message. */
  readonly position: number
  /** Position of the record of its last failure. */
  readonly failedAt: number
  /** The actor that it was for. */
  readonly actor: number
}

/** A message that was given up after its last attempt. */
export interface ParkedMessage {
  /** Its position, by which it is redriven or dropped. */
  readonly position: number
  /** Path of the actor that failed over it. */
  readonly actor: string
  readonly type: string
  /** When it was given up, in milliseconds since 1970. */
  readonly atMs: number
  readonly correlationId: string
  /** How often it was tried. */
  readonly attempts: number
  /** What its last attempt threw. */
  readonly error: StoredError
  /** Reads what it carried. */
  payload(): unknown
}

/** The parked messages of one system, in the order in which they were given up. */
export class ParkedList {
  readonly #entries = new Map<number, ParkedEntry>()
  #isOverflowing = false

  get size(): number {
    return this.#entries.size
  }

  /** Adds one; the oldest leaves a full list. @returns whether that is the first to leave since there was room */
  add(entry: ParkedEntry): boolean {
    this.#entries.set(entry.position, entry)
    if (this.#entries.size <= PARKED_KEPT) return false
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      break
    }
    const isFirst = !this.#isOverflowing
    this.#isOverflowing = true
    return isFirst
  }

  get(position: number): ParkedEntry | undefined {
    return this.#entries.get(position)
  }

  /** Takes one off. */
  delete(position: number): void {
    if (this.#entries.delete(position)) this.#isOverflowing = false
  }

  values(): Iterable<ParkedEntry> {
    return this.#entries.values()
  }
}

/** What the log says of a parked message; nothing when its records are not there any more. */
export function parkedMessage(
  log: Pick<Log, 'read' | 'messageAt' | 'correlationName'>,
  { position, failedAt }: ParkedEntry,
  actor: string,
): ParkedMessage | undefined {
  const message = log.messageAt(position)
  const [failed] = log.read(failedAt, failedAt + 1)
  if (message === undefined || failed?.kind !== 'failed') return undefined
  const { attempt, error } = failed.data()
  return {
    position,
    actor,
    type: message.type,
    atMs: failed.timeMs,
    correlationId: log.correlationName(message.correlation),
    attempts: attempt,
    error,
    payload: () => log.messageAt(position)?.payload(),
  }
}
