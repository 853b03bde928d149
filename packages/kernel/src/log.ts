// The log, as the kernel sees it
// ==============================
// The port behind which records become durable. The kernel writes into one open batch and goes on; whoever implements
// the port packs, commits and flushes, and calls back when a prefix is on stable storage.
//
// Invariants that every implementation holds (the contract tests name them)
//   L1  Positions are gapless and start at 1; a record's position is final once its turn has ended.
//   L2  What lies between `mark` and the end of a turn reaches storage whole or not at all.
//   L3  `durable` never runs ahead of what would survive a power cut.
//   L4  A payload is encoded when it is written: what happens to the object afterwards changes nothing.
//   L5  A record that cannot be stored is refused when it is written, with the path of the value that is at fault.

import type { HoldfastError } from './errors.js'
import type { LogRecord, MessageRecord } from './records.js'
import type { Redaction } from './redaction/redaction.js'
import type { SubjectSeal } from './subjects/subject-seal.js'

/** A message type as the log knows it. `batch` and `slot` belong to the log: it notes where the name already stands. */
export interface MessageName {
  readonly type: string
  readonly version: number
  batch: number
  slot: number
}

/** What a message record says beside target, type and payload, when it says more than usual. */
export interface MessageExtras {
  /** Name of the correlation, when this message is the one that brings it in. */
  readonly correlationName?: string
  /** The turn that asked: which attempt, and its how-manieth result this will be. */
  readonly ask?: { readonly attempt: number; readonly index: number }
  /** An ask from outside the system. */
  readonly outside?: boolean
  /** The key of the timer that fired. */
  readonly timer?: string
  /** It tells of the end of another actor. */
  readonly notice?: boolean
  /** Id of the subject that it is said to belong to; the kernel seals it, and no log reads this. */
  readonly subject?: string
}

/** A state at a position. */
export interface Snapshot {
  readonly actor: number
  /** The state is the one after all turns at or before this position. */
  readonly position: number
  readonly version: number
  readonly timeMs: number
  readonly turns: number
  readonly digest: number
  readonly state: unknown
}

/** A whole system at a position: the image that the log up to there gives. */
export interface Checkpoint {
  /** The image is the one after all records at or before this position. */
  readonly position: number
  /** Of the form in which it is stored. */
  readonly version: number
  /** What it was stored as, one part after the other. */
  parts(): Iterable<unknown>
}

/** A value encoded ahead of its record, for turns whose records are written when they end. */
export interface Encoded {
  readonly bytes: Uint8Array
  /** The receiver's own copy. */
  readonly copy: unknown
}

/** Answer of `turn` when the handler answered nobody. */
export const NO_ANSWER: unique symbol = Symbol('no answer')

/**
 * What a log has done with what it lets out. `strict`: it is on stable storage. `relaxed`: it is about to be, and a crash
 * may lose the last of it. `memory`: it ends with the process.
 */
export type Durability = 'strict' | 'relaxed' | 'memory'

/** Records that are not the ones that were written. */
export interface LogDamage {
  /** Positions, both included. */
  readonly from: number
  readonly to: number
  /** Whom they concern. */
  readonly actors: readonly number[]
  /** What was written there is known all the same, and is given to the reader; otherwise it is left out. */
  readonly isMended: boolean
}

/** A reader in an old transaction: nothing that was freed since is used again, and the file grows with what is written. */
export interface StoreHold {
  readonly pid: number
  /** The thread, as the operating system's library names it, in hex. */
  readonly thread: string
  /** What runs there, such as `holdfast verify`; empty when this machine does not say. */
  readonly command: string
  /** The transaction that it reads. */
  readonly transaction: number
  /** Transactions that were written since. */
  readonly behind: number
  /** Bytes by which the file has grown since it was first seen. */
  readonly grownBytes: number
  /** Bytes that the file has. */
  readonly fileBytes: number
}

/** The log store port. */
export interface Log {
  /** Position of the next record. */
  readonly next: number
  /** The first position that is still there: what was before it was cut away. */
  readonly floor: number
  /** Every position below this one is on stable storage. */
  readonly durable: number
  /** What it has done with what it lets out. */
  readonly durability: Durability
  /** What stands before this position may be shown outside: `durable`, unless the log is relaxed and all is well. */
  readonly released: number
  /** Whether what it holds outlives the process. */
  readonly isLasting: boolean
  /** What everything goes through that it stores; `null` when all may be stored. */
  readonly redaction: Redaction | null
  /** Wall time of the open batch in milliseconds: what `ctx.now()` answers. Never goes back. */
  readonly timeMs: number
  /** True while so much waits for the disk that nothing more should be admitted. */
  readonly pressed: boolean
  /** Seals the values of subjects, when there are keys for them. */
  readonly subjects?: SubjectSeal | null
  /** Why the log takes nothing now; `null` while all is well. */
  readonly failure: HoldfastError | null
  /** Who keeps it from using again what its own work has freed; another object each time that there is more to tell. */
  readonly held: StoreHold | null
  /** The receiver's copy of the payload that `message` or `turn` encoded last. */
  readonly copy: unknown
  /** Encoded bytes of what `message` or `turn` wrote last. */
  readonly weight: number

  /** Starts a turn: everything after it can be taken back. */
  mark(): void
  /** Takes back everything since `mark`. */
  rewind(): void
  /** Lets what was written since `mark` stand, which is not a turn but goes to storage in one piece as well. */
  keep(): void
  /** Writes a message record. @returns its position, which is its id */
  message(
    to: number,
    name: MessageName,
    payload: unknown,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number
  /** The same with a payload that was encoded before. */
  messageEncoded(
    to: number,
    name: MessageName,
    payload: Encoded,
    correlation: number,
    cause: number,
    sender: number,
    extras: MessageExtras | null,
  ): number
  /** Writes the record of a completed turn; what was written since `mark` belongs to it. `digest` is -1 when none is due. */
  turn(
    actor: number,
    message: number,
    correlation: number,
    attempt: number,
    answer: unknown,
    digest: number,
  ): number
  /** Writes any other record. */
  record(kind: LogRecord['kind'], actor: number, correlation: number, cause: number, data: unknown): number
  /** Encodes a value for later. @throws {HoldfastError} `HF_NOT_STORABLE` with the path of the culprit */
  encode(value: unknown): Encoded
  /** A copy of a value that may be stored: what would be read of it. */
  copyOf(value: unknown): unknown
  /** The stored form of a value. @throws {HoldfastError} `HF_NOT_STORABLE` with the path of the culprit */
  pack(value: unknown): Uint8Array
  /** A digest of a state, from its stored form. */
  digest(state: unknown): number
  /** Whether a state has a digest that was made of it, by this version or an earlier one. */
  hasDigest(state: unknown, digest: number): boolean
  /** Hands what has been written to the disk, now or when its time has come; does not wait. */
  flush(): void
  /** Somebody waits for `durable`: the next flush is not put off. */
  hasten(): void
  /** Calls `step` whenever `durable` has advanced, pressure has ended, or a failure began or ended. */
  onProgress(step: () => void): void

  /** The id of a named correlation, or 0 when no message has brought it in. */
  correlationOf(name: string): number
  /** The name of a correlation: what the user named it, or its position. */
  correlationName(id: number): string
  /** The records of one position and after, in order. What is still in memory is included. */
  read(from: number, below?: number): Iterable<LogRecord>
  /**
   * Everything from the batch on that holds `from`, in order and in batches: the quickest way through the log. `onDamage` hears of what is damaged, before
   * what can still be known of that is given. Where nobody listens, or not enough is known, reading ends there.
   */
  readBatches(
    onDamage?: (damage: LogDamage) => void,
    from?: number,
  ): Iterable<{ forEach(visit: (record: LogRecord) => void): void }>
  /** The records of one actor: what was sent to it and what it did. */
  readActor(actor: number, from: number): Iterable<LogRecord>
  /** One message record by its position. */
  messageAt(position: number): MessageRecord | undefined
  /** Keeps a snapshot of an actor at the last position of the open batch. @returns its bytes */
  saveSnapshot(actor: number, version: number, turns: number, state: unknown): number
  /**
   * The state of an actor as it is kept at a position, by a log that seals what belongs to subjects; any other keeps it as
   * it is. @throws {HoldfastError} `HF_HOLDS_SECRET`
   */
  sealedState?(actor: number, position: number, state: unknown): unknown
  /** The newest snapshot at or before a position. */
  snapshot(actor: number, at?: number): Snapshot | undefined
  /**
   * Keeps the whole system as it was at a position where a durable batch ends, out of parts that `pack` made. The two
   * newest are kept. @returns its bytes; 0 when no batch ends there
   */
  saveCheckpoint(position: number, version: number, parts: readonly Uint8Array[]): number
  /** The newest one at or before a position that belongs to this log. */
  checkpoint(at?: number): Checkpoint | undefined
  /** Resolves when everything written so far is durable, and closes the store. */
  close(): Promise<void>
}
