// Every bound of the audit, in one place. A tree is foreign material: whatever it holds, an
// audit of it ends, and what a bound leaves out is said in the report as a finding.

const KIB = 1_024
const MIB = 1_024 * KIB

/** How much of a tree the audit is ready to look at. */
export interface Limits {
  /** Entries read from one folder; the first ones by name are kept. Real trees stay below 3,000. */
  readonly entriesPerFolderMax: number
  /** `node_modules` folders inside each other. npm dedupes, so real trees rarely pass 5. */
  readonly nestingMax: number
  /** Bytes of a package.json. The largest real ones are below 200 KiB. */
  readonly manifestBytesMax: number
  /** Files of one package. Icon packages hold up to 40,000. */
  readonly filesPerPackageMax: number
  /** Folders inside each other within one package. */
  readonly folderDepthMax: number
  /** Bytes read from the start of each file: enough for a magic number and a header comment. */
  readonly headBytes: number
  /** Licence files of one package whose text is read. */
  readonly licenceFilesMax: number
  /** Bytes read from one licence file. The GPL has 35 KiB; files of bundled licences are longer. */
  readonly licenceBytesMax: number
  /** Bytes read from one readme, whose licence section often comes last. */
  readonly readmeBytesMax: number
  /** Header comments kept for one package, and the characters kept of each. */
  readonly headersMax: number
  readonly headerCharsMax: number
  /** Entries of one kind (binaries, skipped files) listed for one package; the rest is counted. */
  readonly listedMax: number
  /** From this size on, in bytes, a package is called very large. */
  readonly veryLargeBytes: number
}

export const defaultLimits: Limits = {
  entriesPerFolderMax: 20_000,
  nestingMax: 24,
  manifestBytesMax: 2 * MIB,
  filesPerPackageMax: 60_000,
  folderDepthMax: 48,
  headBytes: 4 * KIB,
  licenceFilesMax: 16,
  licenceBytesMax: 96 * KIB,
  readmeBytesMax: 512 * KIB,
  headersMax: 12,
  headerCharsMax: 1_200,
  listedMax: 20,
  veryLargeBytes: 32 * MIB,
}

/** Packages that are inspected at once: enough to keep a disk busy while the classifiers read. */
export const INSPECTORS_MAX = 16

/** Files that are read before others have their turn in the same thread: a few milliseconds of a disk that is not asleep. */
export const FILES_AT_ONCE = 256

/** Packages that the crawler looks into at once, so that one record stays small and one failure costs little. */
export const LOOKED_INTO_MAX = 32

/** Times that a package is inspected when its inspector was stopped before it had a result. */
export const TRIES_MAX = 3

/** Milliseconds that one reading or one question may take: a slow disk must not look like a broken package. */
export const PATIENCE_MS = 600_000
