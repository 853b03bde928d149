// Snapshots
// =========
// States at positions: a cache of the fold of the log, never more. One carries its position, the definition's version,
// the number of turns and a digest, so that it can be proved equal to the fold; the two newest of an actor are kept.
//
//   snapshot:  magic "HFS1" | version | turns (f64) | wall time (f64) | digest (f64) | checksum of the state | state

import type { Snapshot } from '@holdfast/kernel'
import { HoldfastError } from '@holdfast/kernel'
import type { Codec } from './codec.js'
import { checksum, digestOf } from './disk/checksum.js'
import { SNAPSHOTS_KEPT, SNAPSHOT_BYTES_MAX } from './limits.js'
import type { BatchStore, Commit, StoredSnapshot } from './store.js'

const MAGIC = 0x31534648
const HEAD_BYTES = 40

/** The snapshots of one journal: stored ones, and those on their way. */
export class Snapshots {
  readonly #codec: Codec
  readonly #store: BatchStore
  #waiting: StoredSnapshot[] = []
  #damaged = 0

  constructor(codec: Codec, store: BatchStore) {
    this.#codec = codec
    this.#store = store
  }

  /** Takes a snapshot; it is stored with the next commit. @returns its bytes */
  save(actor: number, position: number, version: number, turns: number, timeMs: number, state: unknown): number {
    const packed = this.#codec.bytes(state)
    if (packed.byteLength > SNAPSHOT_BYTES_MAX) throw tooLarge(packed.byteLength)
    const bytes = new Uint8Array(HEAD_BYTES + packed.byteLength)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, MAGIC, true)
    view.setUint32(4, version, true)
    view.setFloat64(8, turns, true)
    view.setFloat64(16, timeMs, true)
    view.setFloat64(24, digestOf(packed), true)
    view.setUint32(32, checksum(packed), true)
    bytes.set(packed, HEAD_BYTES)
    this.#waiting = this.#waiting.filter((each) => each.actor !== actor || each.position !== position)
    this.#waiting.push({ actor, position, bytes })
    return bytes.byteLength
  }

  /** The newest one of an actor at or before a position and a time. A damaged one gives way to the one before. */
  newest(actor: number, atOrBefore: number, beforeMs = Infinity): Snapshot | undefined {
    for (const stored of this.#all(actor, atOrBefore)) {
      const snapshot = this.#read(stored)
      if (snapshot === undefined) this.#damaged++
      else if (snapshot.timeMs <= beforeMs) return snapshot
    }
    return undefined
  }

  /** Snapshots that could not be read since the store was opened. */
  get damaged(): number {
    return this.#damaged
  }

  /** What the next commit takes along. */
  due(): Pick<Commit, 'snapshots' | 'outdated'> {
    const snapshots = this.#waiting
    const outdated: { actor: number; position: number }[] = []
    for (const actor of new Set(snapshots.map((each) => each.actor))) {
      const stored = [...this.#all(actor, Infinity)]
      for (const { position } of stored.slice(SNAPSHOTS_KEPT)) outdated.push({ actor, position })
    }
    return { snapshots, outdated }
  }

  /** They were stored. */
  settle(snapshots: readonly StoredSnapshot[]): void {
    this.#waiting = this.#waiting.filter((each) => !snapshots.includes(each))
  }

  /** Deletes those of an actor in a range of positions. @returns how many */
  delete(actor: number, from: number, to: number): Promise<number> {
    const isHit = (each: StoredSnapshot): boolean => each.actor === actor && each.position >= from && each.position <= to
    const waiting = this.#waiting.filter(isHit).length
    this.#waiting = this.#waiting.filter((each) => !isHit(each))
    return this.#store.deleteSnapshots(actor, from, to).then((stored) => stored + waiting)
  }

  *#all(actor: number, atOrBefore: number): Generator<StoredSnapshot> {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const each = this.#waiting[i]!
      if (each.actor === actor && each.position <= atOrBefore) yield each
    }
    yield* this.#store.snapshots(actor, atOrBefore)
  }

  #read({ actor, position, bytes }: StoredSnapshot): Snapshot | undefined {
    if (bytes.byteLength < HEAD_BYTES) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const packed = bytes.subarray(HEAD_BYTES)
    if (view.getUint32(0, true) !== MAGIC || view.getUint32(32, true) !== checksum(packed)) return undefined
    return {
      actor,
      position,
      version: view.getUint32(4, true),
      turns: view.getFloat64(8, true),
      timeMs: view.getFloat64(16, true),
      digest: view.getFloat64(24, true),
      state: this.#codec.unpack(packed, 0, packed.byteLength),
    }
  }
}

function tooLarge(bytes: number): HoldfastError {
  return new HoldfastError('HF_NOT_STORABLE', `The state takes ${bytes} bytes, and ${SNAPSHOT_BYTES_MAX} are the most.`, {
    field: 'state',
    hint: 'Split the actor, or keep large things in a file and their name in the state.',
  })
}
