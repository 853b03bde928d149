// What the tests of the journal share: places where a store lives, a short hand for writing, and records as plain data.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NO_ANSWER, type LogRecord, type MessageExtras, type MessageName } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { INDEX_KINDS } from './batch-index.js'
import { Codec } from './codec.js'
import { CHECKSUM_AT, HEADER_BYTES, headerOf } from './batch-format.js'
import { checksumAround, hashOf } from './disk/checksum.js'
import { LmdbStore } from './disk/lmdb-store.js'
import { Journal } from './journal.js'
import { MemoryStore } from './memory-store.js'
import { OpenBatch, type SealedBatch } from './open-batch.js'
import type { BatchStore, IndexGroup } from './store.js'

/** A place where a store lives, to be opened again with what it kept. */
export interface StorePlace {
  open(): BatchStore
  remove(): void
}

/** The kinds of stores, each with a way to make a fresh place. */
export const STORES: readonly { readonly store: string; make(): StorePlace }[] = [
  { store: 'LMDB', make: lmdbPlace },
  { store: 'memory', make: memoryPlace },
]

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'holdfast-journal-'))
}

function lmdbPlace(): StorePlace {
  const dir = temporaryDirectory()
  return {
    open: () => new LmdbStore({ dir }),
    remove: () => {
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function memoryPlace(): StorePlace {
  const store = new MemoryStore()
  return { open: () => store, remove: () => undefined }
}

/** A message name that stands in no batch yet. */
export function named(type: string, version = 1): MessageName {
  return { type, version, batch: -1, slot: 0 }
}

/** A journal on a store, with time in the test's hand. */
export function journalOn(store: BatchStore, authorities = new VirtualAuthorities()): Journal {
  return new Journal(store, authorities)
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

/** A sealed batch as an earlier format has it: its header says nothing of the store, and is shorter. */
export function inEarlierFormat(batch: Uint8Array, format: number): Buffer {
  const bytes = Buffer.concat([batch.subarray(0, 80), batch.subarray(HEADER_BYTES)])
  const { recordBytes, nameBytes, noteBytes } = headerOf(batch)!
  for (let at = 80 + recordBytes + nameBytes + noteBytes; at < bytes.byteLength; at += 4)
    bytes.writeUInt32LE(bytes.readUInt32LE(at) - (HEADER_BYTES - 80), at)
  bytes.writeUInt16LE(format, 4)
  bytes.writeUInt32LE(checksumAround(bytes, CHECKSUM_AT), CHECKSUM_AT)
  return bytes
}

/** One record of a log that a test makes up: who it concerns and where its correlation began. */
export interface Sketch {
  readonly actor: number
  readonly correlation: number
}

/** Commits sealed batches to a store in one go, each at a time of its own, and each record a message. */
export async function fill(store: BatchStore, sketches: readonly (readonly Sketch[])[]): Promise<void> {
  const codec = new Codec()
  const batches: SealedBatch[] = []
  let previous: Uint8Array = new Uint8Array(32)
  let first = 1
  for (const [i, records] of sketches.entries()) {
    const batch = new OpenBatch(codec, first, 1_000 + i * 10)
    for (const { actor, correlation } of records)
      batch.message(actor, named('note'), i, correlation, 0, 0, null)
    const sealed = batch.seal(previous, 1, store.id)
    batches.push(sealed)
    previous = hashOf(sealed.bytes)
    first = batch.next
  }
  await store.commit({ batches, snapshots: [], outdated: [], groups: [], names: [] })
}

/** Sketches of a log of many small batches in which actors and correlations come back again and again. */
export function sketches(batches: number): Sketch[][] {
  let position = 0
  return Array.from({ length: batches }, (_, i) =>
    Array.from({ length: 1 + (i % 3) }, (_record, j) => {
      position++
      const correlation = (i * 7 + j) % 5 === 0 ? 0 : 1 + ((i * 31 + j) % Math.min(position, 40))
      return { actor: (i * 13 + j) % 17, correlation: correlation === position ? 0 : correlation }
    }),
  )
}
