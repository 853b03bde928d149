// Beginning
// =========
// Where a log begins. That is its first record, until somebody gives the beginning up: then it is an image of the whole
// system at a later position, with the state of each actor there. What comes before that is no longer needed to know what
// a system is, and may be cut away.
//
//   cut away | ...kept, because something still refers to it... | the image and the states | all that came after it
//       floor^                                                            base^
//
// Invariants
//   B1  The states are stored before the image that makes them the beginning, and are kept for as long as it is.
//   B2  The base never lies behind what is pinned, or beyond what is on stable storage.
//   B3  Nothing at or behind the base is ever cut away; below it, whole parts of the store are.

import type { LogBeginning, LogRecord } from '@holdfast/kernel'
import type { Checkpoints } from './checkpoints.js'
import type { Pins } from './pins.js'
import type { Snapshots } from './snapshots.js'
import type { BatchStore } from './store.js'

/** What a beginning needs of its journal. */
export interface BegunLog {
  readonly durable: number
  readonly pins: Pins
  flush(): void
  at(position: number): LogRecord | undefined
  positionAtTime(timeMs: number): number
  cut(position: number): Promise<number>
}

type Parts = Pick<BatchStore, 'floor' | 'boundary' | 'segments' | 'batches' | 'size'>

/** The beginning of one journal. */
export class Beginning implements LogBeginning {
  readonly #log: BegunLog
  readonly #store: Parts
  readonly #snapshots: Snapshots
  readonly #checkpoints: Checkpoints
  #base: number | undefined
  /** Where the next one is being made; 0 when none is. */
  #rising = 0

  constructor(log: BegunLog, store: Parts, snapshots: Snapshots, checkpoints: Checkpoints) {
    this.#log = log
    this.#store = store
    this.#snapshots = snapshots
    this.#checkpoints = checkpoints
    snapshots.kept = () => this.#kept()
  }

  get floor(): number {
    return this.#store.floor
  }

  get base(): number {
    this.#base ??= this.#checkpoints.firstPosition() + 1
    return this.#base
  }

  // B2
  boundary(position: number): number {
    const { durable, pins } = this.#log
    return this.#store.boundary(Math.min(position, durable, pins.firstKept()))
  }

  positionAtTime(timeMs: number): number {
    return this.#log.positionAtTime(timeMs)
  }

  positionOfLast(bytes: number): number {
    let left = this.#store.size()
    if (left <= bytes) return this.floor
    for (const part of this.#fromTheFront()) {
      left -= part.bytes
      if (left <= bytes) return part.next
    }
    return this.#log.durable
  }

  begin(position: number): void {
    this.#rising = position
  }

  saveState(actor: number, version: number, turns: number, state: unknown): void {
    const position = this.#rising - 1
    const { timeMs } = this.#log.at(position)!
    this.#snapshots.save(actor, position, version, turns, timeMs, state)
  }

  isStored(): boolean {
    this.#log.flush()
    return this.#snapshots.isStored(this.#rising - 1)
  }

  saveImage(version: number, parts: readonly Uint8Array[]): void {
    this.#checkpoints.saveFirst(this.#rising - 1, version, parts)
  }

  end(): void {
    this.#rising = 0
    this.#base = undefined
  }

  cut(position: number): Promise<number> {
    return this.#log.cut(Math.min(position, this.base))
  }

  // A store without files of whole parts can cut at each batch.
  *#fromTheFront(): Generator<{ readonly next: number; readonly bytes: number }> {
    let hasParts = false
    for (const part of this.#store.segments()) {
      hasParts = true
      yield part
    }
    if (hasParts) return
    let before = 0
    for (const { first, bytes } of this.#store.batches(this.floor)) {
      if (before > 0) yield { next: first, bytes: before }
      before = bytes.byteLength
    }
  }

  // B1
  #kept(): readonly number[] {
    const kept = this.base > 1 ? [this.base - 1] : []
    return this.#rising === 0 ? kept : [...kept, this.#rising - 1]
  }
}
