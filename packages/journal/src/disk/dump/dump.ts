import { refuse } from '@holdfast/kernel'
import { BatchReader } from '../../batch-reader.js'
import { copyingCodec } from '../../copy-prefix.js'
import { followed } from '../../followed.js'
import { Snapshots, SYSTEM } from '../../snapshots.js'
import { Breath } from '../breath.js'
import type { LmdbStore } from '../lmdb-store.js'
import { DumpWriter } from './dump-file.js'
import { DUMP_SCHEMA, entryOf } from './entry.js'
import { checkDump, wholeDump, type AnyDumpOptions, type DumpDraft } from './whole-dump.js'

/** What is dumped, and where to. */
export type DumpOptions = AnyDumpOptions

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
  const { data } = options
  checkDump(options)
  return await wholeDump(options, (store, draft) => {
    if (store.floor > 1)
      refuse('data', data, 'data whose beginning was not cut away: a dump holds a whole log')
    return write(store, draft)
  })
}

async function write(store: LmdbStore, { file, form, end, at }: DumpDraft): Promise<DumpReport> {
  const id = Buffer.from(store.id).toString('hex')
  const writer = new DumpWriter(file, form)
  const breath = new Breath()
  try {
    writer.put({ is: 'header', schema: DUMP_SCHEMA, store: id, position: end, at })
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
