// Ship directory
// ==============
// A log as files, each of them a run of whole batches, which never changes once it is there:
//
//   ship.json                            which store it is
//   keys.json                            of an encrypted one: its keys, sealed with those of the owner
//   0000000000000001.hfs                 the batches from position 1 on: `segment-file.ts` says how
//   0000000000004097.hfs                 and those behind them
//   shipper.json                         who ships to it just now
//
// Invariants
//   H1  A file is there whole or not at all: it is written to another name, flushed and renamed.
//   H2  Files follow each other without a gap, and each names the hash of the batch before its first.
//   H3  One process ships to a directory at a time, and one store for good.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError } from '@holdfast/kernel'
import { DISK_RESERVE_BYTES } from '../limits.js'
import { diskFull, notWritten } from '../store-failure.js'
import { OWN_DIRECTORY, roomOf } from './data-directory.js'
import { flushNames } from './flush-names.js'
import type { Origin } from './marks.js'
import { inUse, isAlive, self, type Owner } from './owner.js'
import {
  DRAFT,
  firstInName,
  SegmentFile,
  segmentName,
  SegmentWriter,
  type SegmentHeader,
} from './segment-file.js'
import type { SealedKeys } from './sealing/key-table.js'
import type { StoredBatch } from '../store.js'
import { putWhole } from './whole-file.js'

const SHIP_FILE = 'ship.json'
const KEYS_FILE = 'keys.json'
const SHIPPER_FILE = 'shipper.json'
const SCHEMA = 'holdfast.ship/1'

/** Whether a directory is one that a log was shipped to. */
export function isShipDirectory(dir: string): boolean {
  return existsSync(join(dir, SHIP_FILE))
}

/** What a shipped log says of itself. */
export interface ShippedHead {
  /** Id of the store, in hex. */
  readonly store: string
  /** What the store was made from. */
  readonly origin?: Origin
}

/**
 * Which store a directory holds the log of; `undefined` when none was shipped to it yet.
 *
 * @throws {HoldfastError} `HF_FILE_DAMAGED`
 */
export function shippedHead(dir: string): ShippedHead | undefined {
  if (!isShipDirectory(dir)) return undefined
  const { schema, store, origin } = readJson(dir, SHIP_FILE) as Partial<Record<string, unknown>>
  if (schema === SCHEMA && typeof store === 'string' && /^[0-9a-f]{32}$/.test(store))
    return { store, origin: typeof origin === 'object' && origin !== null ? (origin as Origin) : undefined }
  throw damaged(join(dir, SHIP_FILE), 'it says of no store that this version knows')
}

/** Begins a shipped log. */
export function putHead(dir: string, { store, origin }: ShippedHead): void {
  put(dir, SHIP_FILE, `${JSON.stringify({ schema: SCHEMA, store, origin })}\n`)
}

/** The sealed keys that a shipped log has with it. @throws {HoldfastError} `HF_FILE_DAMAGED` */
export function shippedKeys(dir: string): SealedKeys | undefined {
  return existsSync(join(dir, KEYS_FILE)) ? (readJson(dir, KEYS_FILE) as SealedKeys) : undefined
}

/** Puts sealed keys in the place of those that are there. */
export function shipKeys(dir: string, keys: SealedKeys): void {
  put(dir, KEYS_FILE, `${JSON.stringify(keys)}\n`)
}

/** First positions of the files of a shipped log, in order. */
export function shippedFirsts(dir: string): readonly number[] {
  return readdirSync(dir)
    .flatMap((name) => firstInName(name) ?? [])
    .sort((left, right) => left - right)
}

/** Opens one of its files. @throws {HoldfastError} `HF_STORE_DAMAGED`, `HF_STORE_NEWER`, `HF_FILE_DAMAGED` */
export function openRun(dir: string, first: number, storeId: Uint8Array): SegmentFile {
  const file = join(dir, segmentName(first))
  const run = new SegmentFile(file)
  const isOwn = Buffer.compare(run.header.storeId, storeId) === 0
  if (isOwn && run.header.first === first) return run
  run.close()
  throw damaged(file, isOwn ? `it begins at position ${run.header.first}` : 'it is of another store')
}

/** Puts batches there as a file. @throws {HoldfastError} `HF_STORE_FULL`, `HF_STORE_UNWRITABLE` */
export async function putRun(
  dir: string,
  batches: readonly StoredBatch[],
  header: Pick<SegmentHeader, 'storeId' | 'next' | 'before'>,
): Promise<void> {
  let writer: SegmentWriter | undefined
  try {
    const bytes = batches.reduce((sum, batch) => sum + batch.bytes.byteLength, 0)
    if (roomOf(dir) < bytes + DISK_RESERVE_BYTES) throw diskFull()
    writer = await SegmentWriter.create(dir, batches[0]!.first)
    await writer.add(batches)
    await writer.finish(header)
  } catch (error) {
    await writer?.discard()
    throw notWritten(dir, error, 'to')
  }
}

/**
 * Makes a directory that can be shipped to when it is not there, and says who does it.
 *
 * @returns the way to say that it is done
 * @throws {HoldfastError} `HF_STORE_IN_USE`, `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`
 */
export function claimShipDirectory(dir: string): () => void {
  const me = self()
  try {
    const made = mkdirSync(dir, { recursive: true, mode: OWN_DIRECTORY })
    if (made !== undefined) flushNames(dir, made)
  } catch (error) {
    throw notWritten(dir, error, 'to')
  }
  const file = join(dir, SHIPPER_FILE)
  const owner = existsSync(file) ? (tryJson(file) as Owner | undefined) : undefined
  if (owner !== undefined && isAlive(owner, me)) throw inUse(dir, owner)
  put(dir, SHIPPER_FILE, JSON.stringify(me))
  for (const name of readdirSync(dir)) if (name.endsWith(DRAFT)) rmSync(join(dir, name), { force: true })
  return () => {
    rmSync(file, { force: true })
  }
}

/** Something in a shipped log is not what was shipped. */
export function damaged(file: string, what: string): HoldfastError {
  return new HoldfastError('HF_FILE_DAMAGED', `${file} cannot be read: ${what}.`, {
    field: 'from',
    hint: 'Give a copy of the directory that is whole; restore up to the position before with --at.',
  })
}

function put(dir: string, name: string, text: string): void {
  if (roomOf(dir) < Buffer.byteLength(text) + DISK_RESERVE_BYTES) throw diskFull()
  putWhole(join(dir, name), text, { field: 'to' })
}

function readJson(dir: string, name: string): object {
  const value = tryJson(join(dir, name))
  if (typeof value === 'object' && value !== null) return value
  throw damaged(join(dir, name), 'it is no JSON')
}

function tryJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
