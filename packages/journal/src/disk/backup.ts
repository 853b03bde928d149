import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { refuse } from '@holdfast/kernel'
import { headerOf } from '../batch-format.js'
import { keepToOwner, LOG_FILE, noData, notOpened, OWN_DIRECTORY, PINS_FOLDER } from './data-directory.js'
import { finishStore } from './finish-store.js'
import { flushNames } from './flush-names.js'
import { noteWriter } from './last-use.js'
import { LmdbStore } from './lmdb-store.js'
import { markUnfinished } from './marks.js'
import { self } from './owner.js'
import { PIN_FILE } from './pin-files.js'
import { noteClosed } from './probe.js'
import { RowCopy, type CopiedRows } from './row-copy.js'
import type { KeySource } from './sealing/key-ring.js'
import { openTables } from './tables.js'
import { whole } from './unfinished.js'

/** What is backed up, and where to. */
export interface BackupOptions {
  /** The data directory. It is only read, and may be that of a running system, of this process or another. */
  readonly data: string
  /** The directory that is made: empty, or not there, and apart from the data. */
  readonly to: string
  /**
   * The position up to which whole batches are taken: the last one of them ends there or before it.
   *
   * @default the end of what is stored when the backup begins
   */
  readonly at?: number
  /**
   * The keys of an encrypted data directory. None are needed; with them the records of the backup are verified too, and
   * not only its chain and its checksums.
   */
  readonly keys?: KeySource
  /** Hears of each batch: its last position, and the one where the backup will end. */
  readonly onProgress?: (position: number, end: number) => void
}

/** A backup that was made, and verified. */
export interface BackupReport {
  /** The last position that it holds. */
  readonly position: number
  /** When the last batch that it holds was begun, in milliseconds since 1970. */
  readonly timeMs: number
  /** Id of the store, in hex: that of the original. */
  readonly store: string
  /** SHA-256 of the last batch: the head of the chain, in hex. */
  readonly head: string
  readonly batches: number
  readonly records: number
  /** Bytes of the batches. */
  readonly bytes: number
  /** Whether it is encrypted and no key was given: then its records, index, names and snapshots were not looked at. */
  readonly isShut: boolean
}

/**
 * Makes a backup of a data directory, also of one that a running system writes: the log up to one position in whole
 * turns, byte for byte, with its snapshots, names, pins, index and sealed keys. It keeps the id of the store, so anchors of
 * the original check it. It is verified before it is there, and one that was interrupted leaves nothing in its place.
 *
 * A backup is only read. `restore` makes data of it that a system goes on from.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_KEY`, `HF_STORE_MISSING`, `HF_STORE_DAMAGED`, `HF_STORE_FULL`,
 *   `HF_STORE_UNWRITABLE`
 * @example
 * const { position } = await backup({ data: './data', to: './backups/monday' })
 */
export async function backup(options: BackupOptions): Promise<BackupReport> {
  const { data, to, at, keys } = options
  if (typeof data !== 'string' || data === '') refuse('data', data, 'the path of a directory')
  if (at !== undefined && (!Number.isSafeInteger(at) || at < 1)) refuse('at', at, 'a position')
  const source = new LmdbStore({ dir: data, readOnly: true, keys, isSealedOnly: true })
  try {
    return await whole(to, data, (dir) => copyInto(dir, source, options))
  } finally {
    await source.close()
  }
}

async function copyInto(
  dir: string,
  source: LmdbStore,
  { data, at, keys, onProgress }: BackupOptions,
): Promise<BackupReport> {
  const end = endOf(source)
  if (end === 0) throw noData(data)
  const upTo = Math.min(at ?? end, end)
  const copied = await copyRows(dir, source, upTo, (position) => onProgress?.(position, upTo))
  if (copied.batches === 0) refuse('at', at, 'a position behind the first batch')
  copyPins(data, dir)
  const { store, head, records, isShut } = await finishStore(dir, 'backup', keys)
  return { ...copied, store, head, records, isShut }
}

function endOf(source: LmdbStore): number {
  const last = source.last()
  const header = last === undefined ? undefined : headerOf(last.bytes)
  return header === undefined ? 0 : header.first + header.count - 1
}

async function copyRows(
  dir: string,
  source: LmdbStore,
  upTo: number,
  onBatch: (position: number) => void,
): Promise<CopiedRows> {
  const file = join(dir, LOG_FILE)
  let target: ReturnType<typeof openTables>
  try {
    target = openTables(file, false)
  } catch (error) {
    throw notOpened(dir, false, error)
  }
  try {
    markUnfinished(target.meta)
    keepToOwner(dir)
    noteWriter(dir, self())
    return await new RowCopy(source, target, dir).run(upTo, onBatch)
  } finally {
    await target.root.close()
    noteClosed(dir, file)
  }
}

// A pin is a file of its own, sealed where the store is; one that is taken away meanwhile is not missed.
function copyPins(data: string, dir: string): void {
  const [from, to] = [join(data, PINS_FOLDER), join(dir, PINS_FOLDER)]
  let names: readonly string[]
  try {
    names = readdirSync(from).filter((name) => PIN_FILE.test(name))
  } catch {
    return
  }
  if (names.length === 0) return
  mkdirSync(to, { mode: OWN_DIRECTORY })
  for (const name of names) {
    try {
      copyFileSync(join(from, name), join(to, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
      throw error
    }
    const handle = openSync(join(to, name), 'r+')
    fsyncSync(handle)
    closeSync(handle)
  }
  flushNames(to, to)
}
