// A short hand for writing a log, and logs and stores as plain data that can be compared.

import { NO_ANSWER, type LogRecord, type MessageExtras, type MessageName } from '@holdfast/kernel'
import { INDEX_KINDS } from '../batch-index.js'
import type { Journal } from '../journal.js'
import type { BatchStore, IndexGroup } from '../store.js'

/** A message name that stands in no batch yet. */
export function named(type: string, version = 1): MessageName {
  return { type, version, batch: -1, slot: 0 }
}

/** What one message says; what is left out is nothing. */
export interface Told {
  readonly to: number
  readonly payload?: unknown
  readonly type?: string
  readonly version?: number
  readonly correlation?: number
  readonly cause?: number
  readonly sender?: number
  readonly extras?: MessageExtras
}

/** Writes a message that stands for itself. @returns its position */
export function tell(journal: Journal, told: Told): number {
  const {
    to,
    payload,
    type = 'note',
    version = 1,
    correlation = 0,
    cause = 0,
    sender = 0,
    extras = null,
  } = told
  return journal.message(to, named(type, version), payload, correlation, cause, sender, extras)
}

/** Writes one turn of an actor with what it told. @returns the positions of what it told, and of the turn */
export function turnOf(journal: Journal, actor: number, message: number, told: readonly Told[]): number[] {
  journal.mark()
  const positions = told.map((each) =>
    tell(journal, { correlation: message, cause: message, sender: actor, ...each }),
  )
  return [...positions, journal.turn(actor, message, message, 1, NO_ANSWER, -1)]
}

/** Resolves when everything written so far is stored. */
export async function stored(journal: Journal): Promise<void> {
  const end = journal.next
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      if (journal.durable >= end) resolve()
      else if (journal.failure !== null) reject(journal.failure)
      else journal.flush()
    }
    journal.onProgress(look)
    look()
  })
}

/** A record as plain data, for comparing. */
export function shown(record: LogRecord): Record<string, unknown> {
  const { kind, position, timeMs, actor, correlation, cause } = record
  const head = { kind, position, timeMs, actor, correlation, cause }
  if (record.kind === 'message') {
    const { sender, type, version, correlationName, ask, outside, timer, notice } = record
    const carried = { type, version, payload: record.payload() }
    return { ...head, ...carried, sender, correlationName, ask, outside, timer, notice }
  }
  if (record.kind === 'turn') {
    const { message, attempt, told, answered, digest } = record
    return { ...head, message, attempt, told, answered, digest, answer: record.answer() }
  }
  return { ...head, data: record.data() }
}

/** All records of a journal as plain data. */
export function everything(journal: Journal): Record<string, unknown>[] {
  return [...journal.read(1)].map(shown)
}

/** All that a store holds, byte for byte, apart from when and by whom it was opened. */
export function contents(store: BatchStore, actors: readonly number[]): unknown {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  return {
    batches: [...store.batches(1)].map(({ first, bytes }) => [first, hex(bytes)]),
    groups: groupsOf(store).map(({ head, pages }) => [hex(head), pages.map(hex)]),
    names: [...store.names()],
    snapshots: actors.map((actor) => [...store.snapshots(actor, Infinity)].map(({ bytes }) => hex(bytes))),
    deleted: actors.map((actor) => store.deletedUpTo(actor)),
  }
}

/** The index groups that a store holds, each with all of its pages. */
export function groupsOf(store: BatchStore): IndexGroup[] {
  return INDEX_KINDS.flatMap((kind) =>
    [...store.groups(kind)].map(({ first, head }) => {
      const pages: Uint8Array[] = []
      for (let page = store.page(kind, first, 0); page !== undefined;) {
        pages.push(page)
        page = store.page(kind, first, pages.length)
      }
      return { kind, first, head, pages }
    }),
  )
}
