import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError, machineAuthorities, refuse } from '@holdfast/kernel'
import { headerOf } from '../batch-format.js'
import { copyPrefix, type Copied, type PrefixSource } from '../copy-prefix.js'
import { followed } from '../followed.js'
import { LOG_FILE } from './data-directory.js'
import { finishStore } from './finish-store.js'
import { LmdbStore } from './lmdb-store.js'
import type { Origin } from './marks.js'
import type { KeySource } from './sealing/key-ring.js'
import { momentOf } from './moment.js'
import { ShippedLog } from './shipped-log.js'
import { whole } from './unfinished.js'

/** What is restored, how far, and where to. */
export interface RestoreOptions {
  /** A backup, a directory that a log was shipped to, or any data directory. It is only read. */
  readonly from: string
  /** The data directory that is made: empty, or not there. */
  readonly to: string
  /** The last position that is restored. @default everything there is */
  readonly at?: number
  /** The last moment that is restored: a date, or one as ISO 8601. @default everything there is */
  readonly time?: Date | string
  /** The keys of what is restored, when it is encrypted. */
  readonly keys?: KeySource
  /** The keys of what is made, which is encrypted with them. @default the same */
  readonly toKeys?: KeySource
  /** The time that is noted as that of the restoring, in milliseconds since 1970. @default now */
  readonly nowMs?: number
}

/** What was restored, and verified. */
export interface RestoreReport {
  /** The last position: that of the turn before, when the one that was asked for lies within a turn. */
  readonly position: number
  /** When the last batch was begun, in milliseconds since 1970. */
  readonly timeMs: number
  /** Id of the store that was made, in hex. It is a new one. */
  readonly store: string
  /** Id of the store that it was made from, in hex. */
  readonly origin: string
  readonly records: number
  readonly bytes: number
}

/** Something that a log can be restored from. */
interface RestoreSource extends PrefixSource {
  readonly id: Uint8Array
  readonly floorHash: Uint8Array
  /** The last position that there is. */
  readonly end: number
  /** What it was made from itself. */
  readonly origin: Origin | undefined
  close(): Promise<void>
}

/**
 * Makes a data directory out of a backup or of a shipped log, up to a position or a moment, so that a system can go on
 * from there. A turn is restored whole or not at all. What is made is a history of its own with a store id of its own: it
 * and its original refuse each other's later data. It says what it was restored from, and is verified before it is there.
 *
 * @throws {HoldfastError} `HF_INVALID` when `to` is not empty, or `at` lies behind the end; `HF_KEY`, `HF_STORE_MISSING`,
 *   `HF_STORE_DAMAGED` and `HF_FILE_DAMAGED` when something is missing or changed; `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`
 * @example
 * await restore({ from: './backups/monday', to: './data', time: '2026-02-01T12:00:00Z' })
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { from, to, at, nowMs = machineAuthorities().now() } = options
  if (typeof from !== 'string' || from === '') refuse('from', from, 'the path of a directory')
  if (at !== undefined && (!Number.isSafeInteger(at) || at < 1)) refuse('at', at, 'a position')
  const untilMs = options.time === undefined ? Infinity : momentOf('time', options.time)
  const source = openSource(from, options.keys)
  try {
    if (at !== undefined && at > source.end) refuse('at', at, `a position up to ${source.end}, where it ends`)
    const bounds = { upTo: at ?? source.end, untilMs }
    return await whole(to, from, (dir) => restoreInto(dir, source, bounds, { ...options, nowMs }))
  } finally {
    await source.close()
  }
}

async function restoreInto(
  dir: string,
  source: RestoreSource,
  { upTo, untilMs }: { readonly upTo: number; readonly untilMs: number },
  { keys, toKeys = keys, nowMs, time }: RestoreOptions & { readonly nowMs: number },
): Promise<RestoreReport> {
  const copied = await copyInto(dir, source, upTo, untilMs, toKeys)
  if (copied.last < source.floor)
    refuse(time === undefined ? 'at' : 'time', time ?? upTo, 'at or behind the first turn')
  const origin = Buffer.from(source.id).toString('hex')
  const { last: position, timeMs } = copied
  const loadedUpTo = source.origin?.loadedUpTo
  const made: Origin = { how: 'restored', store: origin, position, at: new Date(nowMs).toISOString() }
  const what = loadedUpTo === undefined ? made : { ...made, loadedUpTo }
  const { store, records, bytes } = await finishStore(dir, what, toKeys)
  return { position, timeMs, store, origin, records, bytes }
}

async function copyInto(
  dir: string,
  source: RestoreSource,
  upTo: number,
  untilMs: number,
  keys: KeySource | undefined,
): Promise<Copied> {
  const target = new LmdbStore({ dir, keys, isUnfinished: true })
  const checked: PrefixSource = {
    seal: source.seal,
    floor: source.floor,
    floorHash: source.floorHash,
    batches: (from) => followed(source.batches(from), source.id, source),
    names: () => source.names(),
    snapshots: (actor, atOrBefore) => source.snapshots(actor, atOrBefore),
    snapshotActors: () => source.snapshotActors(),
  }
  try {
    return await copyPrefix(checked, target, upTo, untilMs)
  } finally {
    await target.close()
  }
}

function openSource(from: string, keys: KeySource | undefined): RestoreSource {
  if (!existsSync(join(from, LOG_FILE)) && ShippedLog.isOne(from)) return ShippedLog.open(from, keys)
  const store = new LmdbStore({ dir: from, readOnly: true, keys })
  const last = store.last()
  const header = last === undefined ? undefined : headerOf(last.bytes)
  if (header !== undefined) {
    const { id, seal, origin, floor, floorHash } = store
    return {
      id,
      floor,
      floorHash,
      seal,
      origin,
      end: header.first + header.count - 1,
      batches: (position) => store.batches(position),
      names: () => store.names(),
      snapshots: (actor, atOrBefore) => store.snapshots(actor, atOrBefore),
      snapshotActors: () => store.snapshotActors(),
      close: () => store.close(),
    }
  }
  void store.close()
  throw new HoldfastError('HF_STORE_MISSING', `${from} holds no records that could be restored.`, {
    field: 'from',
    hint: 'Give a backup, a directory that a log was shipped to, or a data directory.',
  })
}
