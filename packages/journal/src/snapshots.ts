// Snapshots
// =========
// States at positions: a cache of the fold of the log, never more. One carries its position, the definition's version,
// the number of turns and a digest, so that it can be proved equal to the fold; the two newest of an actor are kept, and
// the newest one below each position that is kept for its own sake: where a log begins whose beginning was given up.
//
//   snapshot:  magic "HFS1" | version | turns (f64) | wall time (f64) | digest (f64) | checksum of all | 0 | state
//
// Invariant: a snapshot is stored with or after the records that it stands on, never ahead of them.

import type { Snapshot } from '@holdfast/kernel'
import { HoldfastError } from '@holdfast/kernel'
import type { Codec } from './codec.js'
import { checksumAround, digestOf } from './disk/checksum.js'
import { SNAPSHOTS_KEPT, SNAPSHOT_BYTES_MAX } from './limits.js'
import { Pins } from './pins.js'
import type { BatchStore, Commit, StoredSnapshot } from './store.js'
import { sealedIn } from './subjects/sealed-form.js'

/** The actor that checkpoints are snapshots of. */
export const SYSTEM = 0

const MAGIC = 0x31534648
const CHECKSUM_AT = 32
const HEAD_BYTES = 40

/** A snapshot that can still be copied as it was packed. */
interface PackedSnapshot extends Snapshot {
  packed(): Uint8Array
}

/** The snapshots of one journal: stored ones, and those on their way. */
export class Snapshots {
  readonly #codec: Codec
  readonly #store: BatchStore
  readonly #pins: Pins
  /** By actor, in the order in which they were taken. */
  readonly #waiting = new Map<number, readonly StoredSnapshot[]>()
  /** Positions at or before which each actor keeps its newest one. */
  kept: () => readonly number[] = () => []
  #damaged = 0

  constructor(codec: Codec, store: BatchStore, pins = new Pins(store)) {
    this.#codec = codec
    this.#store = store
    this.#pins = pins
  }

  /** Takes a snapshot; it is stored with the next commit. @returns its bytes */
  save(
    actor: number,
    position: number,
    version: number,
    turns: number,
    timeMs: number,
    state: unknown,
  ): number {
    const packed = this.#codec.bytes(state)
    if (packed.byteLength > SNAPSHOT_BYTES_MAX) throw tooLarge(packed.byteLength)
    const bytes = Buffer.allocUnsafeSlow(HEAD_BYTES + packed.byteLength)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    view.setUint32(0, MAGIC, true)
    view.setUint32(4, version, true)
    view.setFloat64(8, turns, true)
    view.setFloat64(16, timeMs, true)
    view.setFloat64(24, digestOf(packed), true)
    view.setUint32(CHECKSUM_AT + 4, 0, true)
    bytes.set(packed, HEAD_BYTES)
    view.setUint32(CHECKSUM_AT, checksumAround(bytes, CHECKSUM_AT), true)
    const others = this.#waitingOf(actor).filter((each) => each.position !== position)
    const waiting = [...others, { actor, position, bytes }]
    this.#waiting.set(
      actor,
      waiting.sort((a, b) => a.position - b.position),
    )
    return bytes.byteLength
  }

  /**
   * The newest one of an actor at or before a position and a time. A damaged one gives way to the one before.
   *
   * @throws {HoldfastError} `HF_STORE_DAMAGED` when none is left, and the log before them was cut away
   */
  newest(actor: number, atOrBefore: number, beforeMs = Infinity): Snapshot | undefined {
    let isLost = false
    for (const stored of this.#all(actor, atOrBefore)) {
      const snapshot = this.#read(stored)
      if (snapshot !== undefined && snapshot.timeMs <= beforeMs) return snapshot
      if (snapshot === undefined) {
        this.#damaged++
        isLost = this.#store.floor > 1 && actor !== SYSTEM
      }
    }
    if (isLost) throw lost(actor)
    return undefined
  }

  /** What the heads of an actor's snapshots say, newest first. Whether the rest of them can be read, nobody has looked. */
  *heads(actor: number): Generator<Pick<Snapshot, 'position' | 'turns'>> {
    for (const { position, bytes } of this.#all(actor, Infinity)) {
      if (bytes.byteLength < HEAD_BYTES) continue
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      if (view.getUint32(0, true) === MAGIC) yield { position, turns: view.getFloat64(8, true) }
    }
  }

  /** A stored one; `undefined` when it is not what was written. */
  read(stored: StoredSnapshot): Snapshot | undefined {
    return this.#read(stored)
  }

  /** Whether a stored one is what was written, and can be read. */
  isReadable(stored: StoredSnapshot): boolean {
    try {
      return this.#read(stored) !== undefined
    } catch {
      return false
    }
  }

  /** Snapshots that could not be read since the store was opened. */
  get damaged(): number {
    return this.#damaged
  }

  /** What the next commit takes along: the ones that stand on records before a position. */
  due(before: number): Pick<Commit, 'snapshots' | 'outdated'> {
    const snapshots: StoredSnapshot[] = []
    const outdated: { actor: number; position: number }[] = []
    const isPinned = this.#pins.keeper()
    for (const [actor, waiting] of this.#waiting) {
      const due = waiting.filter(({ position }) => position < before)
      if (due.length === 0) continue
      snapshots.push(...due)
      const positions = [...new Set([...this.#all(actor, before - 1)].map(({ position }) => position))]
      for (const position of positions.slice(SNAPSHOTS_KEPT)) {
        if (!isPinned(actor, position) && !this.#isKept(position, positions))
          outdated.push({ actor, position })
      }
    }
    return { snapshots, outdated }
  }

  /** Whether all that were taken at or before a position are stored. */
  isStored(upTo: number): boolean {
    return !this.isDue(upTo + 1)
  }

  /** Whether one waits that stands on records before a position. */
  isDue(before: number): boolean {
    for (const waiting of this.#waiting.values())
      if (waiting.some(({ position }) => position < before)) return true
    return false
  }

  /** They were stored. */
  settle(snapshots: readonly StoredSnapshot[]): void {
    for (const snapshot of snapshots) {
      const left = this.#waitingOf(snapshot.actor).filter((each) => each !== snapshot)
      if (left.length === 0) this.#waiting.delete(snapshot.actor)
      else this.#waiting.set(snapshot.actor, left)
    }
  }

  /** Deletes those of an actor in a range of positions, apart from those that are pinned. @returns how many */
  async delete(actor: number, from: number, to: number): Promise<number> {
    const waiting = this.#waitingOf(actor)
    const hit = waiting.filter(({ position }) => position >= from && position <= to)
    this.settle(hit)
    let deleted = hit.length
    for (const range of this.#unpinned(actor, from, to))
      deleted += await this.#store.deleteSnapshots(actor, range.from, range.to)
    return deleted
  }

  /** Whether a snapshot is the newest one below one of the positions that are kept; all of its actor are given, newest first. */
  #isKept(position: number, positions: readonly number[]): boolean {
    return this.kept().some((kept) => positions.find((each) => each <= kept) === position)
  }

  // What lies between the pinned ones, and those that are kept. Those that still wait for the disk are younger than any pin.
  #unpinned(actor: number, from: number, to: number): { from: number; to: number }[] {
    const ranges: { from: number; to: number }[] = []
    const isPinned = this.#pins.keeper()
    let end = to
    const positions = [...this.#store.snapshots(actor, Infinity)].map(({ position }) => position)
    for (const position of positions) {
      if (position > to) continue
      if (position < from) break
      if (!isPinned(actor, position) && !this.#isKept(position, positions)) continue
      ranges.push({ from: position + 1, to: end })
      end = position - 1
    }
    return [...ranges, { from, to: end }].filter((range) => range.from <= range.to)
  }

  #waitingOf(actor: number): readonly StoredSnapshot[] {
    return this.#waiting.get(actor) ?? []
  }

  // Those of one actor, newest first. One that waits may be older than one that is stored: a beginning was made of it.
  *#all(actor: number, atOrBefore: number): Generator<StoredSnapshot> {
    const waiting = this.#waitingOf(actor).filter(({ position }) => position <= atOrBefore)
    for (const stored of this.#store.snapshots(actor, atOrBefore)) {
      while ((waiting.at(-1)?.position ?? -1) >= stored.position) yield waiting.pop()!
      yield stored
    }
    yield* waiting.reverse()
  }

  #read({ actor, position, bytes }: StoredSnapshot): PackedSnapshot | undefined {
    if (bytes.byteLength < HEAD_BYTES) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const packed = bytes.subarray(HEAD_BYTES)
    if (view.getUint32(0, true) !== MAGIC) return undefined
    if (view.getUint32(CHECKSUM_AT, true) !== checksumAround(bytes, CHECKSUM_AT)) return undefined
    this.#codec.place = -position
    const isSealed = sealedIn(packed, 0, packed.byteLength) !== undefined
    const state = this.#codec.unpack(packed, 0, packed.byteLength)
    const shown = isSealed ? this.#codec.bytes(state) : packed
    return {
      actor,
      position,
      version: view.getUint32(4, true),
      turns: view.getFloat64(8, true),
      timeMs: view.getFloat64(16, true),
      digest: isSealed ? digestOf(shown) : view.getFloat64(24, true),
      state,
      packed: () => shown,
    }
  }
}

function lost(actor: number): HoldfastError {
  return new HoldfastError(
    'HF_STORE_DAMAGED',
    `No snapshot of actor ${actor} can be read, and the log before them was cut away.`,
    { hint: 'Restore the data from a backup; `holdfast verify` says what is damaged.' },
  )
}

function tooLarge(bytes: number): HoldfastError {
  return new HoldfastError(
    'HF_NOT_STORABLE',
    `The state takes ${bytes} bytes, and ${SNAPSHOT_BYTES_MAX} are the most.`,
    {
      field: 'state',
      hint: 'Split the actor, or keep large things in a file and their name in the state.',
    },
  )
}
