import { HoldfastError, machineAuthorities, refuse, type LogRecord } from '@holdfast/kernel'
import { batchOf } from '../../batch-of.js'
import { BatchWriter, NOTHING } from '../../batch-writer.js'
import { copyingCodec } from '../../copy-prefix.js'
import { COMMIT_BYTES_MAX, DUMP_BATCH_BYTES_MAX } from '../../limits.js'
import { Snapshots } from '../../snapshots.js'
import type { Commit } from '../../store.js'
import { Breath } from '../breath.js'
import { finishStore } from '../finish-store.js'
import { LmdbStore } from '../lmdb-store.js'
import type { KeySource } from '../sealing/key-ring.js'
import { whole } from '../unfinished.js'
import type { ActorsEntry } from './actors-entry.js'
import { DumpReader, type AnyEntry } from './dump-file.js'
import { ActorsLoading, proveBeginning } from './load-actors.js'
import {
  damagedDump,
  DUMP_SCHEMA,
  recordOf,
  type DumpHeader,
  type Entry,
  type SnapshotEntry,
} from './entry.js'

/** What is loaded, and where to. */
export interface LoadOptions {
  /** A file that `dump` or `dumpActors` has written, in either form. It may come from anybody. */
  readonly file: string
  /** The data directory that is made: empty, or not there. */
  readonly to: string
  /** The keys that what is made is encrypted with. @default not encrypted */
  readonly keys?: KeySource
  /** The time that is noted as that of the loading, in milliseconds since 1970. @default now */
  readonly nowMs?: number
}

/** What was loaded, and verified. */
export interface LoadReport {
  /** The last position. */
  readonly position: number
  /** Id of the store that was made, in hex. It is a new one. */
  readonly store: string
  /** Id of the store that was dumped, in hex, as the file says. */
  readonly origin: string
  /** When it was dumped, as the file says. */
  readonly dumpedAt: string
  readonly records: number
  readonly snapshots: number
  /** Paths of the actors, when the file holds a few and not a whole system. */
  readonly actors?: readonly string[]
}

/**
 * Makes a data directory of a dump: the same records at the same positions, in a store of its own with a new id. Of a file of
 * a few actors it makes a log that begins where they were taken out, and in which they go on from there. The file is
 * taken for hostile: every size, number and depth is bounded, no code is loaded for it, and what was made is verified before
 * it is there. Nothing is left of a file that is not right.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_FILE_DAMAGED`, `HF_NOT_STORABLE`, `HF_STORE_NEWER`, `HF_STORE_DAMAGED`,
 *   `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`
 * @example
 * const { origin, position } = await load({ file: './bank.hfd', to: './data' })
 */
export async function load(options: LoadOptions): Promise<LoadReport> {
  const { file, to, nowMs = machineAuthorities().now() } = options
  if (typeof file !== 'string' || file === '') refuse('file', file, 'the path of a file')
  return await whole(to, file, async (dir) => {
    try {
      return await loadInto(dir, options, nowMs)
    } catch (error) {
      // What is not foreseen comes from the file: whatever it holds, it is refused in one way.
      throw error instanceof HoldfastError ? error : damagedDump('what it holds cannot be stored', error)
    }
  })
}

async function loadInto(dir: string, { file, keys }: LoadOptions, nowMs: number): Promise<LoadReport> {
  const reader = new DumpReader(file)
  let loaded: Loading | ActorsLoading
  try {
    const store = new LmdbStore({ dir, keys, isUnfinished: true })
    try {
      loaded = await loadedFrom(reader, store)
    } finally {
      await store.close()
    }
  } finally {
    reader.close()
  }
  const { store: origin, position, at: dumpedAt } = loaded.header
  const actors = loaded instanceof ActorsLoading ? loaded.actors : undefined
  if (actors !== undefined) await proveBeginning(dir, position, keys)
  const { store, records } = await finishStore(
    dir,
    {
      how: 'loaded',
      store: origin,
      position,
      at: new Date(nowMs).toISOString(),
      loadedUpTo: position,
    },
    keys,
  )
  const { snapshots } = loaded
  const report = { position, store, origin, dumpedAt, records, snapshots }
  return actors === undefined ? report : { ...report, actors }
}

async function loadedFrom(reader: DumpReader, store: LmdbStore): Promise<Loading | ActorsLoading> {
  const breath = new Breath()
  let loading: Loading | ActorsLoading | undefined
  for (const entry of reader.entries()) {
    if (loading === undefined) loading = begun(entry, store)
    else if (loading instanceof ActorsLoading) await loading.take(entry as ActorsEntry, reader.entryBytes)
    else await loading.take(entry as Entry, reader.entryBytes)
    if (breath.isDue) await breath.take()
  }
  if (loading?.isEnded !== true) throw damagedDump('it is cut off')
  return loading
}

function begun(entry: AnyEntry, store: LmdbStore): Loading | ActorsLoading {
  if (entry.is !== 'header') throw damagedDump('it does not begin with a header')
  return entry.schema === DUMP_SCHEMA ? new Loading(store, entry) : new ActorsLoading(store, entry)
}

/** A dump on its way into a store. */
class Loading {
  readonly header: DumpHeader
  readonly #store: LmdbStore
  readonly #codec = copyingCodec()
  readonly #writer: BatchWriter
  readonly #snapshots: Snapshots
  readonly #names: { name: string; position: number }[] = []
  #records: LogRecord[] = []
  #bytes = 0
  #timeMs: number | undefined
  #next = 1
  #snapshotBytes = 0
  #areRecordsStored = false
  snapshots = 0
  isEnded = false

  constructor(store: LmdbStore, header: DumpHeader) {
    this.header = header
    this.#store = store
    this.#writer = new BatchWriter(store)
    this.#snapshots = new Snapshots(this.#codec, store)
  }

  async take(entry: Entry, bytes: number): Promise<void> {
    if (this.isEnded) throw damagedDump('there is something behind its end')
    switch (entry.is) {
      case 'header':
        throw damagedDump('it has two headers')
      case 'batch':
        await this.#begin(entry.timeMs)
        break
      case 'snapshot':
        await this.#storeRecords()
        await this.#keep(entry)
        break
      case 'end':
        await this.#storeRecords()
        await this.#storeSnapshots()
        if (entry.records !== this.#next - 1 || entry.snapshots !== this.snapshots)
          throw damagedDump(INCOMPLETE)
        this.isEnded = true
        break
      default:
        this.#add(recordOf(entry, this.#timeMs ?? 0), bytes)
    }
  }

  async #begin(timeMs: number): Promise<void> {
    if (this.#areRecordsStored) throw damagedDump('a batch stands behind the snapshots')
    if (timeMs < (this.#timeMs ?? 0)) throw damagedDump('time goes back in it')
    await this.#seal()
    this.#timeMs = timeMs
  }

  #add(record: LogRecord, bytes: number): void {
    const isIn = this.#timeMs !== undefined && !this.#areRecordsStored
    if (!isIn || record.position !== this.#next) throw damagedDump(`position ${this.#next} is missing`)
    const isTurn = record.kind === 'turn'
    if (isTurn && record.told > this.#untold()) throw damagedDump('a turn tells more than there is before it')
    this.#bytes += bytes
    if (this.#bytes > DUMP_BATCH_BYTES_MAX) throw damagedDump('a batch is larger than any can be')
    this.#records.push(record)
    this.#next++
    if (record.kind === 'message' && record.correlationName !== undefined)
      this.#names.push({ name: record.correlationName, position: record.position })
  }

  /** Records at the end of the batch that belong to no turn yet. */
  #untold(): number {
    let count = 0
    while (count < this.#records.length && this.#records.at(-1 - count)!.kind !== 'turn') count++
    return count
  }

  async #seal(): Promise<void> {
    const [first] = this.#records
    if (first === undefined) return
    const { end } = this.#writer
    await this.#writer.put(
      batchOf(this.#records, first.position, first.timeMs, this.#codec, end, this.#store),
    )
    this.#records = []
    this.#bytes = 0
  }

  async #storeRecords(): Promise<void> {
    if (this.#areRecordsStored) return
    await this.#seal()
    if (this.#next - 1 !== this.header.position || this.#next === 1) throw damagedDump(INCOMPLETE)
    await this.#writer.finish(this.#names)
    this.#areRecordsStored = true
  }

  async #keep({ actor, position, version, turns, timeMs, value }: SnapshotEntry): Promise<void> {
    if (position >= this.#next) throw damagedDump('a snapshot is ahead of its records')
    this.#snapshotBytes += this.#snapshots.save(actor, position, version, turns, timeMs, value)
    this.snapshots++
    if (this.#snapshotBytes >= COMMIT_BYTES_MAX) await this.#storeSnapshots()
  }

  async #storeSnapshots(): Promise<void> {
    const due: Pick<Commit, 'snapshots' | 'outdated'> = this.#snapshots.due(this.#next)
    await this.#store.commit({ ...NOTHING, ...due })
    this.#snapshots.settle(due.snapshots)
    this.#snapshotBytes = 0
  }
}

const INCOMPLETE = 'it does not hold what it says'
