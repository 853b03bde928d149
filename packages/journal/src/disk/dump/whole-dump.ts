// What a dump of a whole system and one of a few actors have in common: how it is asked for, how far it goes, and that its file
// is there whole and for good, or not at all.

import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { HoldfastError, machineAuthorities, refuse } from '@holdfast/kernel'
import { headerOf } from '../../batch-format.js'
import { BatchReader } from '../../batch-reader.js'
import { copyingCodec, wholeTurns } from '../../copy-prefix.js'
import { notWritten } from '../../store-failure.js'
import { noData } from '../data-directory.js'
import { LmdbStore } from '../lmdb-store.js'
import type { KeySource } from '../sealing/key-ring.js'
import { nameWhole } from '../whole-file.js'
import type { DumpForm } from './dump-file.js'

/** What every dump is made of, and where to. */
export interface AnyDumpOptions {
  /** The data directory. It is only read, and may be that of a running system, of this process or another. */
  readonly data: string
  /** The file that is made. */
  readonly file: string
  /** The last position that is looked at. @default the end of what is stored when it begins */
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

/** A file that is being made. */
export interface DumpDraft {
  /** Where it is written for now. It is flushed when it is done. */
  readonly file: string
  readonly form: DumpForm
  /** The last position, up to which every turn is whole. */
  readonly end: number
  /** The time that the file says, as ISO 8601. */
  readonly at: string
}

/** Refuses what no dump can be made of. @throws {HoldfastError} `HF_INVALID` with the field's name */
export function checkDump({ data, file, at, form = 'frames' }: AnyDumpOptions): void {
  if (typeof data !== 'string' || data === '') refuse('data', data, 'the path of a directory')
  if (typeof file !== 'string' || file === '') refuse('file', file, 'the path of a file')
  if (at !== undefined && (!Number.isSafeInteger(at) || at < 1)) refuse('at', at, 'a position')
  if (form !== 'frames' && form !== 'lines') refuse('form', form, '"frames" or "lines"')
}

/**
 * Makes a file out of a store: it is there when `write` has ended well, and leaves nothing when it has not.
 *
 * @throws {HoldfastError} `HF_FILE_EXISTS`, `HF_KEY`, `HF_STORE_MISSING`, `HF_STORE_DAMAGED`, `HF_STORE_FULL`,
 *   `HF_STORE_UNWRITABLE`, and whatever `write` throws
 */
export async function wholeDump<T>(
  {
    data,
    file,
    at,
    keys,
    form = 'frames',
    force = false,
    nowMs = machineAuthorities().now(),
  }: AnyDumpOptions,
  write: (store: LmdbStore, draft: DumpDraft) => Promise<T>,
): Promise<T> {
  refuseTaken(file, force)
  const draft = `${resolve(file)}.${randomBytes(4).toString('hex')}.unfinished`
  const store = new LmdbStore({ dir: data, readOnly: true, keys })
  try {
    const end = lastWhole(store, data, at)
    const made = await write(store, { file: draft, form, end, at: new Date(nowMs).toISOString() })
    refuseTaken(file, force)
    nameWhole(draft, file, { field: 'file' })
    return made
  } catch (error) {
    rmSync(draft, { force: true })
    throw isOfTheSystem(error) ? notWritten(file, error, 'file') : error
  } finally {
    await store.close()
  }
}

/** The last position, up to one that is wanted, up to which every turn is whole. */
function lastWhole(store: LmdbStore, data: string, at = Infinity): number {
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

function refuseTaken(file: string, force: boolean): void {
  if (force || !existsSync(file)) return
  throw new HoldfastError('HF_FILE_EXISTS', `${file} is there already.`, {
    field: 'file',
    hint: 'Choose another name, or replace it with --force.',
  })
}

// What the code of somebody else has thrown is told as it is.
function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && 'code' in error && !(error instanceof HoldfastError)
}
