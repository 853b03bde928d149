import { type Authorities } from '@holdfast/kernel'
import { durabilityOf, type DurabilityOptions } from './durability.js'
import { LmdbStore } from './disk/lmdb-store.js'
import { keyedHashFor, passingHash } from './disk/redaction-key.js'
import type { SegmentOptions } from './disk/moving.js'
import type { KeySource } from './disk/sealing/key-ring.js'
import { openSubjects, type SubjectKeysSource } from './disk/subjects/open-subjects.js'
import type { SubjectVault } from './disk/subjects/subject-vault.js'
import { Journal } from './journal.js'
import { MemoryStore } from './memory-store.js'
import { RedactingJournal } from './redaction/redacting-journal.js'
import type { RedactOptions } from './redaction/redact-options.js'
import { SecretRedaction, type KeyedHash } from './redaction/secret-redaction.js'
import type { BatchStore } from './store.js'
import type { OnStore } from './subjects/on-store.js'

/** How long a journal keeps what, and what it does not. */
export interface KeepingOptions extends DurabilityOptions {
  /**
   * What is replaced before anything is stored: secrets that the process knows, keys that can be told by how they look, and
   * fields of credentials. Handlers see what is stored. @default nothing
   */
  readonly redact?: RedactOptions | undefined
  /**
   * The keys of subjects: a folder for them, or whatever keeps them. What belongs to a subject is sealed with its key.
   *
   * @default none
   */
  readonly subjectKeys?: SubjectKeysSource | undefined
}

/** How a journal is opened. */
export interface JournalOptions extends KeepingOptions {
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
  /** How much of the log is in which file. @default 64 MiB in the store's own, and segments of 32 MiB */
  readonly segments?: SegmentOptions
  /** Bytes by which a reader may have the file of the store grow before it is told of. @default 64 MiB */
  readonly growthBytes?: number
}

/**
 * Opens the journal of a data directory; makes it when it is not there.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_STORE_IN_USE`, `HF_STORE_UNWRITABLE`, `HF_STORE_MISSING`, `HF_STORE_NEWER`,
 *   `HF_STORE_FULL`, `HF_STORE_DAMAGED`, `HF_KEY`, `HF_NOT_REDACTED`, `HF_SUBJECT_KEYS`
 */
export function openJournal(options: JournalOptions): Journal {
  durabilityOf(options, true)
  const { dir, authorities, keys, readOnly, subjectKeys } = options
  const redaction = redactionFor(options)
  const subjects = openSubjects(subjectKeys, { data: dir, keys, readOnly, authorities })
  return closingOnFailure(subjects, () => {
    const store = new LmdbStore(options)
    return over(store, authorities, { ...options, subjects }, redaction, () => keyedHashFor(dir, store.seal))
  })
}

/** A journal in memory, with everything but durability. */
export function memoryJournal(authorities: Authorities, options: KeepingOptions = {}): Journal {
  return journalOn(new MemoryStore({ isLasting: false }), authorities, options)
}

/**
 * A journal on a store of one's own, which was just opened.
 *
 * @param hash what placeholders are made with; the same one for the same store, or they change with each opening
 * @throws {HoldfastError} `HF_INVALID`, `HF_NOT_REDACTED`, `HF_SUBJECT_KEYS`
 */
export function journalOn(
  store: BatchStore,
  authorities: Authorities,
  options: KeepingOptions & OnStore = {},
  hash: KeyedHash = passingHash(),
): Journal {
  durabilityOf(options, store.isLasting)
  const redaction = redactionFor(options)
  const subjects = options.subjects ?? openSubjects(options.subjectKeys, { authorities })
  return over(store, authorities, { ...options, subjects }, redaction, () => hash)
}

// Before anything is opened: whoever gives the secrets may fail.
function redactionFor({ redact }: KeepingOptions): SecretRedaction | null {
  return redact === undefined ? null : new SecretRedaction(redact)
}

function closingOnFailure<T>(subjects: SubjectVault | undefined, opened: () => T): T {
  try {
    return opened()
  } catch (error) {
    subjects?.close()
    throw error
  }
}

function over(
  store: BatchStore,
  authorities: Authorities,
  options: OnStore,
  redaction: SecretRedaction | null,
  hash: () => KeyedHash,
): Journal {
  if (redaction === null) return new Journal(store, authorities, options)
  try {
    redaction.hash = hash()
  } catch (error) {
    void store.close().catch(() => undefined)
    throw error
  }
  return new RedactingJournal(store, authorities, options, redaction)
}
