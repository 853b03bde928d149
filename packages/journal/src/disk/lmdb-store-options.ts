import type { SegmentOptions } from './moving.js'
import type { KeySource } from './sealing/key-ring.js'

/** How a store is opened. */
export interface LmdbStoreOptions {
  /** The data directory. Made when it is not there, unless it is only to be read. */
  readonly dir: string
  /** Reads what is committed and never writes, beside a running system or without one. @default false */
  readonly readOnly?: boolean
  /** The keys of an encrypted store. Whether it is one is decided when it is made, by whether they are given. */
  readonly keys?: KeySource
  /** Opens an encrypted store without its keys, to look at what needs none. @default false */
  readonly isSealedOnly?: boolean
  /** Opens what a backup or a restore has not finished, or begins it. @default false */
  readonly isUnfinished?: boolean
  /** Address space set aside for the file, in bytes; when the data outgrow it, more is taken. @default 64 GiB */
  readonly mapBytes?: number
  /** How much of the log is in which file. */
  readonly segments?: SegmentOptions
  /** Bytes by which a reader may have the file grow before it is told of. @default 64 MiB */
  readonly growthBytes?: number
}
