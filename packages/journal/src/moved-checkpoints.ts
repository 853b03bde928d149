// A checkpoint names the batch that it ends with by its hash. In another store that batch has another hash, and a checkpoint
// that comes along must name that one: a log whose beginning was cut away cannot be gone on from without.

import type { StoredCheckpoint } from './checkpoints.js'
import type { Codec } from './codec.js'
import { MemoryStore } from './memory-store.js'
import { Snapshots, SYSTEM } from './snapshots.js'
import type { BatchStore, StoredSnapshot } from './store.js'

/** The checkpoints of a log that is copied into another store. */
export class MovedCheckpoints {
  /** Those that there are, by the position that they end at. */
  readonly #waiting: Map<number, StoredSnapshot>
  /** Whether the log that is copied has any, also behind the end of the copy. */
  readonly hadAny: boolean
  readonly #snapshots: Snapshots

  constructor(source: Pick<BatchStore, 'snapshots'>, upTo: number, codec: Codec) {
    const all = [...source.snapshots(SYSTEM, upTo)]
    this.hadAny = source.snapshots(SYSTEM, Infinity)[Symbol.iterator]().next().done !== true
    this.#waiting = new Map(all.map((stored) => [stored.position, stored]))
    this.#snapshots = new Snapshots(codec, new MemoryStore())
  }

  /** A batch that ends at a position was copied, or is only named by the one behind it: hashes of both. */
  take(position: number, from: Uint8Array, to: Uint8Array): void {
    const stored = this.#waiting.get(position)
    const snapshot = stored === undefined ? undefined : this.#snapshots.read(stored)
    if (snapshot === undefined) return
    const { hash, parts } = snapshot.state as StoredCheckpoint
    if (Buffer.compare(hash, from) !== 0) return
    const { version, turns, timeMs } = snapshot
    this.#snapshots.save(SYSTEM, position, version, turns, timeMs, { hash: to, parts })
  }

  /** Those whose batch was copied. */
  moved(): readonly StoredSnapshot[] {
    return this.#snapshots.due(Infinity).snapshots
  }
}
