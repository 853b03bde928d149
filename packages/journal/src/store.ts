// Store
// =====
// The port below the journal: a place that keeps batches, index groups, names and snapshots, and takes each commit
// whole or not at all. LMDB is one; memory is the other, for tests and trials.
//
// Invariants that every store holds
//   D1  A commit is there after a power cut once its promise has resolved, and is not there in part, ever.
//   D2  Commits become visible in the order in which they were given.
//   D3  What a reader was given does not change under its hands.

import type { HoldfastError, StoreHold } from '@holdfast/kernel'
import type { Pin } from './pins.js'
import type { Seal } from './seal.js'

/** A batch on its way into the store, or out of it. */
export interface StoredBatch {
  readonly first: number
  readonly bytes: Uint8Array
}

/** A snapshot as the store keeps it. */
export interface StoredSnapshot {
  readonly actor: number
  readonly position: number
  readonly bytes: Uint8Array
}

/** Which index a group belongs to. */
export type IndexKind = 'actor' | 'correlation'

/** One group of the index: what it covers, and its entries in pages, each of which can be read alone. */
export interface IndexGroup {
  readonly kind: IndexKind
  readonly first: number
  readonly head: Uint8Array
  readonly pages: readonly Uint8Array[]
}

/** What one commit brings; all of it or nothing. */
export interface Commit {
  readonly batches: readonly StoredBatch[]
  readonly snapshots: readonly StoredSnapshot[]
  readonly groups: readonly IndexGroup[]
  readonly names: readonly { readonly name: string; readonly position: number }[]
  /** Snapshots that give way to newer ones. */
  readonly outdated: readonly { readonly actor: number; readonly position: number }[]
}

/** A part of the log that a store keeps in a file of its own. */
export interface StoredSegment {
  /** Name of the file. */
  readonly name: string
  readonly first: number
  /** The position after its last one. */
  readonly next: number
  readonly bytes: number
  /** Hash of its last batch: what the batch behind it must name. */
  readonly after: Uint8Array
  /** Looks whether the file is the one that was written. @throws {HoldfastError} when it is not, or is not there */
  check(): void
  /** Batches that it does not have as they were put into it. They are still where they were, and are read from there. */
  lacks(): Iterable<{ readonly first: number; readonly why: HoldfastError }>
}

/** How long work is done beside everything else. */
export interface Steps {
  /** Does a step that writes while nothing else is written. */
  alone(step: () => Promise<void>): Promise<void>
  /** Lets everybody else go on. @throws when the work is to end here */
  breathe(): Promise<void>
}

/** Steps of somebody who has the store to himself. */
export const AT_ONCE: Steps = {
  alone: (step) => step(),
  breathe: () => Promise.resolve(),
}

/** Where a journal keeps its bytes. */
export interface BatchStore {
  /** 16 bytes that say which store this is: chance, drawn when it was made. All zeros where nobody has asked for one. */
  readonly id: Uint8Array
  /** What it does to everything that users wrote before it is stored. */
  readonly seal: Seal
  /** Counts the openings of this store for writing, this one included. */
  readonly epoch: number
  /** Whether what it holds outlives the process. */
  readonly isLasting: boolean
  /** The first position that is still there; 1 as long as nothing was cut away. What is below it is not there. */
  readonly floor: number
  /** Hash of the batch before the floor, which the chain goes on from: zeros when there was none. */
  readonly floorHash: Uint8Array
  /** Who keeps it from using again what was freed; another object each time that there is more to tell. */
  readonly held: StoreHold | null
  /** Whether something of it is not where it belongs; of a busy one, so much that it cannot wait. */
  isUntidy(isBusy: boolean): boolean
  /** Resolves when the commit is on stable storage. */
  commit(commit: Commit): Promise<void>
  /** The batch that holds a position: the last one that starts at or before it. */
  batchAt(position: number): StoredBatch | undefined
  /**
   * Shows the batch that holds a position where it lies, without making a copy of it.
   *
   * @param see reads nothing else from the store, and keeps nothing of the bytes: they are others when it returns
   * @returns what `see` returned; `undefined` when there is no batch
   */
  look<T>(position: number, see: (bytes: Uint8Array) => T): T | undefined
  /** Batches from the one that holds `from`, in order. */
  batches(from: number): Iterable<StoredBatch>
  /** First positions of the batches from the one that holds `from`, in order. */
  firsts(from: number): Iterable<number>
  /** The last batch. */
  last(): StoredBatch | undefined
  /** The heads of the index groups, in order. */
  groups(kind: IndexKind): Iterable<Pick<IndexGroup, 'first' | 'head'>>
  /** One page of an index group. */
  page(kind: IndexKind, first: number, page: number): Uint8Array | undefined
  /** First position that no index group covers. */
  indexedUpTo(): number
  nameOf(name: string): number | undefined
  names(): Iterable<{ readonly name: string; readonly position: number }>
  /** Snapshots of an actor, newest first. */
  snapshots(actor: number, atOrBefore: number): Iterable<StoredSnapshot>
  /** Actors of which there is one, also those of which the log has nothing any more. */
  snapshotActors(): Iterable<number>
  deleteSnapshots(actor: number, from: number, to: number): Promise<number>
  /** Position up to which an actor's records count as deleted, or 0. */
  deletedUpTo(actor: number): number
  markDeleted(actor: number, upTo: number): Promise<void>
  /** What must stay; `undefined` stands for a pin that cannot be read, and keeps everything. */
  pins(): readonly (Pin | undefined)[]
  /** The pin of an id, if there is one. @throws {HoldfastError} `HF_STORE_DAMAGED` when it cannot be read */
  pinAt(id: number): Pin | undefined
  /** Keeps what an incident was cut from, also in a store that is only read. */
  pin(pin: Pin): void
  /** Takes a pin away. @returns whether it was there */
  unpin(id: number): boolean
  /** Puts other index groups in the place of all there are, whole or not at all. */
  replaceGroups(groups: Commit['groups']): Promise<void>
  /** The parts of the log that lie in files of their own, in order. */
  segments(): Iterable<StoredSegment>
  /** Puts some of what it holds where it belongs, or takes some away that was cut. @returns whether there was any */
  tidy(steps?: Steps): Promise<boolean>
  /** The floor that cutting below a position would at least come to as the store is now. */
  boundary(position: number): number
  /**
   * Cuts the beginning of the log away, up to a position at the most: as much as lies in files that end there, or before.
   *
   * @returns the floor that it has now
   */
  dropBelow(position: number, steps?: Steps): Promise<number>
  /** Lets a log that is still empty begin at a position. */
  beginAt(position: number): Promise<void>
  /** After a failed commit: closes and opens again, so that only what is really stored counts. */
  reopen(): Promise<void>
  close(): Promise<void>
  /** Bytes on disk, or in memory. */
  size(): number
}
