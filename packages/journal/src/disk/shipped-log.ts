// A log that was shipped, for reading: its files as one run of batches, which is whole or refused.

import { join } from 'node:path'
import { isIntact } from '../batch-format.js'
import type { Seal } from '../seal.js'
import type { StoredBatch, StoredSnapshot } from '../store.js'
import { BatchReader } from '../batch-reader.js'
import { copyingCodec } from '../copy-prefix.js'
import { hashOf } from './checksum.js'
import type { Origin } from './marks.js'
import { ringOf, type KeySource } from './sealing/key-ring.js'
import { sealWith } from './sealing/key-table.js'
import {
  damaged,
  isShipDirectory,
  openRun,
  shippedFirsts,
  shippedHead,
  shippedKeys,
  type ShippedHead,
} from './ship-directory.js'
import { segmentName } from './segment-file.js'

/** A shipped log. */
export class ShippedLog {
  readonly id: Uint8Array
  readonly seal: Seal
  /** It begins where the log does: one that was cut before is not shipped. */
  readonly floor = 1
  readonly floorHash: Uint8Array = new Uint8Array(32)
  /** The last position that there is. */
  readonly end: number
  readonly origin: Origin | undefined
  readonly #dir: string
  readonly #firsts: readonly number[]
  readonly #codec = copyingCodec()
  /** Names of correlations in what was read so far. */
  readonly #names: { name: string; position: number }[] = []

  private constructor(dir: string, { store, origin }: ShippedHead, seal: Seal, firsts: readonly number[]) {
    const id = Buffer.from(store, 'hex')
    this.origin = origin
    this.#dir = dir
    this.id = id
    this.seal = seal
    this.#firsts = firsts
    const last = openRun(dir, firsts.at(-1)!, id)
    this.end = last.header.next - 1
    last.close()
  }

  static isOne(dir: string): boolean {
    return isShipDirectory(dir)
  }

  /** @throws {HoldfastError} `HF_FILE_DAMAGED`, `HF_STORE_DAMAGED`, `HF_KEY` */
  static open(dir: string, keys: KeySource | undefined): ShippedLog {
    const head = shippedHead(dir)
    if (head === undefined) throw damaged(dir, 'nothing was shipped to it yet')
    const seal = sealWith(
      shippedKeys(dir),
      Buffer.from(head.store, 'hex'),
      keys === undefined ? undefined : ringOf(keys),
    )
    const firsts = shippedFirsts(dir)
    if (firsts.length === 0) throw damaged(dir, 'nothing was shipped to it yet')
    return new ShippedLog(dir, head, seal, firsts)
  }

  /** All of them, from the first one on. */
  *batches(): Generator<StoredBatch> {
    let next = this.floor
    let before = this.floorHash
    for (const first of this.#firsts) {
      const file = join(this.#dir, segmentName(first))
      if (first > next) throw damaged(this.#dir, `positions ${next} to ${first - 1} are missing`)
      if (first < next) throw damaged(file, `position ${first} is in the file before it too`)
      const run = openRun(this.#dir, first, this.id)
      try {
        if (Buffer.compare(run.header.before, before) !== 0)
          throw damaged(file, 'it does not follow the one before it')
        for (let index = 0; index < run.header.count; index++) {
          const batch = run.batch(index)
          this.#note(batch)
          yield batch
          if (index === run.header.count - 1) before = hashOf(batch.bytes)
        }
        next = run.header.next
      } finally {
        run.close()
      }
    }
  }

  /** Those in the batches that were read. */
  names(): Iterable<{ readonly name: string; readonly position: number }> {
    return this.#names
  }

  /** None: the log is everything, and they are made again from it. */
  snapshots(): Iterable<StoredSnapshot> {
    return []
  }

  snapshotActors(): Iterable<number> {
    return []
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #note({ bytes }: StoredBatch): void {
    // Whoever reads one that was changed refuses it.
    if (!isIntact(bytes)) return
    new BatchReader(this.seal.openBatch(bytes), this.#codec).forEach((record) => {
      if (record.kind === 'message' && record.correlationName !== undefined)
        this.#names.push({ name: record.correlationName, position: record.position })
    })
  }
}
