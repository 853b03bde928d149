// What the tests of the journal share: places where a store lives, a short hand for writing, and records as plain data.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { Codec } from './codec.js'
import { CHECKSUM_AT, HEADER_BYTES, headerOf } from './batch-format.js'
import type { StorePlace } from './contract/log-world.js'
import { named } from './contract/shorthand.js'
import { checksumAround, hashOf } from './disk/checksum.js'
import { LmdbStore } from './disk/lmdb-store.js'
import type { SegmentOptions } from './disk/moving.js'
import { Journal } from './journal.js'
import { MemoryStore } from './memory-store.js'
import { OpenBatch, type SealedBatch } from './open-batch.js'
import type { BatchStore } from './store.js'

export { everything, groupsOf, named, shown, stored, tell, turnOf } from './contract/shorthand.js'
export type { StorePlace } from './contract/log-world.js'

/** The kinds of stores, each with a way to make a fresh place. */
export const STORES: readonly { readonly store: string; make(): StorePlace }[] = [
  { store: 'LMDB', make: lmdbPlace },
  { store: 'memory', make: memoryPlace },
]

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'holdfast-journal-'))
}

/** A place for a store that moves whatever it can into segments, each of a few batches. */
export function segmentedPlace(): StorePlace {
  return lmdbPlace({ tailBytes: 0, segmentBytes: 500 })
}

function lmdbPlace(segments?: SegmentOptions): StorePlace {
  const dir = temporaryDirectory()
  return {
    open: () => new LmdbStore({ dir, ...(segments === undefined ? {} : { segments }) }),
    remove: () => {
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function memoryPlace(): StorePlace {
  const store = new MemoryStore()
  return { open: () => store, remove: () => undefined }
}

/** A journal on a store, with time in the test's hand. */
export function journalOn(store: BatchStore, authorities = new VirtualAuthorities()): Journal {
  return new Journal(store, authorities)
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
