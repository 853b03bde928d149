import type { LeftBatches } from './left-batches.js'
import type { Room } from './room.js'
import type { Segments } from './segments.js'
import type { Tables } from './tables.js'

/** Where the log of a store is, for whoever moves it or cuts it. */
export interface LogPlace {
  /** The data directory. */
  readonly home: string
  readonly room: Room
  readonly segments: Segments
  readonly left: LeftBatches
  readonly tables: () => Tables
  readonly storeId: () => Uint8Array
  /** Writes in one transaction, of so many bytes. */
  readonly write: (bytes: number, step: () => void) => Promise<void>
}
