import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { HoldfastError, refuse } from '@holdfast/kernel'
import { headerOf } from '../../batch-format.js'
import { BatchReader } from '../../batch-reader.js'
import { SYSTEM } from '../../snapshots.js'
import { copyingCodec, wholeTurns } from '../../copy-prefix.js'
import { followed } from '../../followed.js'
import { Snapshots } from '../../snapshots.js'
import { storeFailure } from '../../store-failure.js'
import { Breath } from '../breath.js'
import { flushNames, noData } from '../data-directory.js'
import { LmdbStore } from '../lmdb-store.js'
import type { KeySource } from '../sealing/key-ring.js'
import { DumpWriter, type DumpForm } from './dump-file.js'
import { DUMP_SCHEMA, entryOf } from './entry.js'

/** What is dumped, and where to. */
export interface DumpOptions {
  /** The data directory. It is only read, and may be that of a running system, of this process or another. */
  readonly data: string
  /** The file that is made. */
  readonly file: string
  /** The last position that is dumped. @default the end of what is stored when it begins */
  readonly at?: number
  /** The keys of an encrypted data directory. What is dumped is in the open. */
  readonly keys?: KeySource
  /** `frames`: the quick and small form. `lines`: a JSON object a line, for other programs. @default 'frames' */
  readonly form?: DumpForm
  /** Puts it in the place of a file that is there. @default false */
  readonly force?: boolean
  /** The time that the file says, in milliseconds since 1970. @default now */
  readonly nowMs?: number
}

/** What was dumped. */
export interface DumpReport {
  /** The last position: that of the turn before, when the one that was asked for lies within a turn. */
  readonly position: number
  /** Id of the store, in hex. */
  readonly store: string
  readonly records: number
  readonly snapshots: number
}

/**
 * Writes a whole system into one file that does not depend on a store, a machine or a version of LMDB: every record with
 * its position and its time, and the snapshots. `load` makes a data directory of it. The file is in the open, also when the
 * data are encrypted. It is there whole or not at all.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_FILE_EXISTS`, `HF_KEY`, `HF_STORE_MISSING`, `HF_STORE_DAMAGED`, `HF_STORE_FULL`,
 *   `HF_STORE_UNWRITABLE`
 * @example
 * const { records } = await dump({ data: './data', file: './bank.hfd' })
 */
export async function dump(options: DumpOptions): Promise<DumpReport> {
  const { data, file, at, keys, form = 'frames', force = false } = options
  if (typeof data !== 'string' || data === '') refuse('data', data, 'the path of a directory')
  if (typeof file !== 'string' || file === '') refuse('file', file, 'the path of a file')
  if (at !== undefined && (!Number.isSafeInteger(at) || at < 1)) refuse('at', at, 'a position')
  if (form !== 'frames' && form !== 'lines') refuse('form', form, '"frames" or "lines"')
  if (!force && existsSync(file)) throw exists(file)
  const draft = `${resolve(file)}.${randomBytes(4).toString('hex')}.unfinished`
  const store = new LmdbStore({ dir: data, readOnly: true, keys })
  try {
    const end = lastWhole(store, data, at)
    if (store.floor > 1)
      refuse('data', data, 'data whose beginning was not cut away: a dump holds a whole log')
    const report = await write(store, draft, form, end, options.nowMs ?? Date.now())
    if (!force && existsSync(file)) throw exists(file)
    renameSync(draft, file)
    flushNames(dirname(resolve(file)), undefined)
    return report
  } catch (error) {
    rmSync(draft, { force: true })
    throw unwritable(file, error)
  } finally {
    await store.close()
  }
}

/** The last position, up to one that is wanted, up to which every turn is whole. */
export function lastWhole(store: LmdbStore, data: string, at = Infinity): number {
  const last = store.last()
  const header = last === undefined ? undefined : headerOf(last.bytes)
  if (header === undefined) throw noData(data)
  const end = header.first + header.count - 1
  if (at >= end) return end
  if (at < store.floor) refuse('at', at, `a position from ${store.floor} on, where the log begins`)
  const batch = store.batchAt(at)!
  const reader = new BatchReader(store.seal.openBatch(batch.bytes), copyingCodec())
  const position = batch.first + wholeTurns(reader, at).length - 1
  return position < store.floor ? refuse('at', at, 'at or behind the first turn') : position
}

async function write(
  store: LmdbStore,
  draft: string,
  form: DumpForm,
  end: number,
  nowMs: number,
): Promise<DumpReport> {
  const id = Buffer.from(store.id).toString('hex')
  const writer = new DumpWriter(draft, form)
  const breath = new Breath()
  try {
    writer.put({
      is: 'header',
      schema: DUMP_SCHEMA,
      store: id,
      position: end,
      at: new Date(nowMs).toISOString(),
    })
    const codec = copyingCodec()
    for (const { first, bytes } of followed(store.batches(store.floor), store.id, store)) {
      if (first > end) break
      const reader = new BatchReader(store.seal.openBatch(bytes), codec)
      writer.put({ is: 'batch', timeMs: reader.header.timeMs })
      for (const record of reader.records()) if (record.position <= end) writer.put(entryOf(record))
      if (breath.isDue) await breath.take()
    }
    let snapshots = 0
    const reader = new Snapshots(codec, store)
    for (const actor of [...store.snapshotActors()].filter((each) => each !== SYSTEM))
      for (const stored of [...store.snapshots(actor, end)].reverse()) {
        const snapshot = reader.read(stored)
        if (snapshot === undefined) continue
        const { position, version, turns, timeMs, state } = snapshot
        writer.put({ is: 'snapshot', actor, position, version, turns, timeMs, value: state })
        snapshots++
        if (breath.isDue) await breath.take()
      }
    writer.put({ is: 'end', records: end, snapshots })
    writer.finish()
    return { position: end, store: id, records: end, snapshots }
  } finally {
    writer.close()
  }
}

/** The file that is to be made is there. */
export function exists(file: string): HoldfastError {
  return new HoldfastError('HF_FILE_EXISTS', `${file} is there already.`, {
    field: 'file',
    hint: 'Choose another name, or replace it with --force.',
  })
}

/** Why a file could not be made. What the operating system has refused is told as that. */
export function unwritable(file: string, error: unknown): unknown {
  const isOfTheSystem = error instanceof Error && 'code' in error && !(error instanceof HoldfastError)
  if (!isOfTheSystem) return error
  const failure = storeFailure(error)
  if (failure.code === 'HF_STORE_FULL') return failure
  return new HoldfastError('HF_STORE_UNWRITABLE', `${file} cannot be written: ${error.message}`, {
    field: 'file',
    cause: error,
    hint: 'Give a file in a place that this user may write.',
  })
}
