import { type Authorities } from '@holdfast/kernel'
import { durabilityOf, type DurabilityOptions } from './durability.js'
import { LmdbStore } from './disk/lmdb-store.js'
import type { SegmentOptions } from './disk/moving.js'
import type { KeySource } from './disk/sealing/key-ring.js'
import { openSubjects, type SubjectKeysSource } from './disk/subjects/open-subjects.js'
import { Journal } from './journal.js'
import { MemoryStore } from './memory-store.js'

/** How a journal is opened. */
export interface JournalOptions extends DurabilityOptions {
  /** The data directory. */
  readonly dir: string
  /** Only reads; works beside a running system. @default false */
  readonly readOnly?: boolean
  readonly authorities: Authorities
  /**
   * The keys of an encrypted store: batches, snapshots, names and pins are sealed with AES-256-GCM. Whether a store is
   * encrypted is decided when it is made. @default not encrypted
   */
  readonly keys?: KeySource
  /**
   * The keys of subjects: a folder for them, or whatever keeps them. What belongs to a subject is sealed with its key.
   *
   * @default none
   */
  readonly subjectKeys?: SubjectKeysSource | undefined
  /** How much of the log is in which file. @default 64 MiB in the store's own, and segments of 32 MiB */
  readonly segments?: SegmentOptions
}

/**
 * Opens the journal of a data directory; makes it when it is not there.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_STORE_IN_USE`, `HF_STORE_UNWRITABLE`, `HF_STORE_MISSING`, `HF_STORE_NEWER`,
 *   `HF_STORE_FULL`, `HF_STORE_DAMAGED`, `HF_KEY`
 */
export function openJournal(options: JournalOptions): Journal {
  durabilityOf(options, true)
  const { subjectKeys, dir: data, keys, readOnly } = options
  const subjects = openSubjects(subjectKeys, { data, keys, readOnly })
  try {
    return new Journal(new LmdbStore(options), options.authorities, { ...options, subjects })
  } catch (error) {
    subjects?.close()
    throw error
  }
}

/** How a journal in memory is opened. */
export interface MemoryJournalOptions extends DurabilityOptions {
  /** The keys of subjects. @default none */
  readonly subjectKeys?: SubjectKeysSource | undefined
}

/** A journal in memory, with everything but durability. */
export function memoryJournal(authorities: Authorities, options: MemoryJournalOptions = {}): Journal {
  const subjects = openSubjects(options.subjectKeys, {})
  return new Journal(new MemoryStore({ isLasting: false }), authorities, { ...options, subjects })
}
