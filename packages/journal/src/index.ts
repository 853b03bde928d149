export type { Anchor } from './disk/anchor.js'
export type { AnchorReport } from './anchor-check.js'
export { anchorJournal, type AnchorOptions } from './disk/anchor-journal.js'
export { DATA_KINDS, FORMAT } from './batch-format.js'
export { Codec } from './codec.js'
export type { DurabilityOptions } from './durability.js'
export { forkJournal, type ForkOptions } from './fork-journal.js'
export type { DamagedPart, HurtActor } from './hurt-actors.js'
export { KeyFolder, type KeyFolderOptions } from './disk/subjects/key-folder.js'
export { openSubjects, type SubjectKeysSource } from './disk/subjects/open-subjects.js'
export { subjectIn } from './subjects/sealed-form.js'
export type { SubjectKeys, SubjectState } from './subjects/subject-keys.js'
export { readAnchorKey, readAnchors } from './disk/anchor-file.js'
export { digestOf } from './disk/checksum.js'
export { KeyRing, keysFromFile, keysFromText, type KeySource } from './disk/sealing/key-ring.js'
export { rekeyJournal, type RekeyOptions } from './disk/sealing/rekey-journal.js'
export { LOG_FILE } from './disk/data-directory.js'
export { LmdbStore } from './disk/lmdb-store.js'
export type { LmdbStoreOptions } from './disk/lmdb-store-options.js'
export type { StoreReader } from './disk/readers.js'
export type { SegmentOptions } from './disk/moving.js'
export { Journal } from './journal.js'
export { KeptRef } from './kept-ref.js'
export type { LogAnswer, LogQuery } from './log-reader.js'
export { MemoryStore } from './memory-store.js'
export {
  journalOn,
  memoryJournal,
  openJournal,
  type JournalOptions,
  type KeepingOptions,
} from './open-journal.js'
export { packedOf } from './packed.js'
export { Pins, type Pin, type PinnedActor } from './pins.js'
export type { Seal } from './seal.js'
export type {
  BatchStore,
  Commit,
  IndexKind,
  Steps,
  StoredBatch,
  StoredSegment,
  StoredSnapshot,
} from './store.js'
export type { RedactOptions } from './redaction/redact-options.js'
export { putVarint } from './varint.js'
export { verifyStore, type Finding, type VerifyReport } from './verify.js'
export { backup, type BackupOptions, type BackupReport } from './disk/backup.js'
export { dump, type DumpOptions, type DumpReport } from './disk/dump/dump.js'
export {
  dumpActors,
  type DumpActorsOptions,
  type DumpActorsReport,
  type DumpedSwarm,
} from './disk/dump/dump-actors.js'
export type { DumpForm } from './disk/dump/dump-file.js'
export { load, type LoadOptions, type LoadReport } from './disk/dump/load.js'
export type { Origin } from './disk/marks.js'
export { restore, type RestoreOptions, type RestoreReport } from './disk/restore.js'
export { flushNames } from './disk/flush-names.js'
export { nameWhole, putNew, putWhole, type Putting, type PuttingNew } from './disk/whole-file.js'
export { holdLog, holdsOf, releaseLog, type Hold, type HoldOptions } from './disk/hold-log.js'
export { ship, type Shipping, type ShipOptions, type ShipProgress } from './disk/ship.js'
