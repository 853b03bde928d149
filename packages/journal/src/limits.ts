// Bounds of the journal, each with its unit and its reason.

/** Bytes after which a batch is sealed: large enough that page rounding is below 2 %, small enough to read at once. */
export const BATCH_BYTES = 262_144

/** Bytes that may wait for the disk before the log says that it is pressed: about a tenth of a second of writing. */
export const PENDING_BYTES_MAX = 16_777_216

/** Bytes of one commit: what a disk takes in a few milliseconds. */
export const COMMIT_BYTES_MAX = 8_388_608

/** Bytes of one record's payload: larger things belong in a file, and the message should name it. */
export const PAYLOAD_BYTES_MAX = 16_777_216

/** Bytes of one snapshot. */
export const SNAPSHOT_BYTES_MAX = 268_435_456

/** Levels of nesting in a stored value; a cycle runs into it too. */
export const DEPTH_MAX = 100

/** Values in one stored value: shared parts that fan out end here, in a part of a second. Bytes count as one. */
export const VALUES_MAX = 4_194_304

/** Characters of one string in a stored value. */
export const STRING_LENGTH_MAX = 16_777_216

/** Records between two entries of a batch's offset table: a look-up skips at most this many. */
export const OFFSET_EVERY = 64

/** Entries after which an index group is written: sorting them takes less than a millisecond. */
export const GROUP_ENTRIES = 32_768

/** Batches in one index group at the most: as many are read when a store is opened. */
export const GROUP_BATCHES = 256

/** Bytes of one page of an index group at the most: with LMDB's own 16 they fill one of its pages. */
export const INDEX_PAGE_BYTES = 4_080

/** Names of correlations that are kept in memory; the others are looked up. */
export const NAMES_CACHED = 16_384

/** Keys of subjects that are kept in memory, of 32 bytes each: the others are read again, which takes a file each. */
export const SUBJECT_KEYS_CACHED = 4_096

/** Snapshots kept of one actor: the newest, and one to fall back on. */
export const SNAPSHOTS_KEPT = 2

/** Pauses between attempts to reopen a store that failed, in milliseconds. */
export const REOPEN_MIN_MS = 250
export const REOPEN_MAX_MS = 5_000

/**
 * Milliseconds that the store has for one flush: more than any disk that works takes, also one that others keep busy, and
 * less than the thirty seconds after which Linux itself gives up a command. One that was only slow costs a look at what
 * is stored, so a deadline that comes too early loses nothing.
 */
export const FLUSH_DEADLINE_MS = 10_000

/** Milliseconds between two flushes of a relaxed journal: what may be lost, and what nobody notices who waits for it. */
export const FLUSH_EVERY_MS = 100

/** Milliseconds for which a relaxed journal writes into one batch, whose time is the time of all its turns. */
export const RELAXED_BATCH_MS = 5

/** Milliseconds of either at the most: one minute of work to lose is not what anybody means by relaxed. */
export const FLUSH_MS_MAX = 60_000

/** Batches that a reader keeps: those of an incident in hand, 2 MB. */
export const BATCHES_KEPT = 8

/** Actors that are looked up in the index to read them together: with more of them nearly every batch has one. */
export const KEYS_LOOKED_UP = 256

/** How long the process that goes through a store before it is opened may take, in milliseconds: a start, and a slow disk. */
export const PROBE_MS = 10_000

/** And this for each MiB of the file: 20 MB/s. */
export const PROBE_MS_PER_MIB = 50

/** Bytes that a commit leaves free on the disk: LMDB does not bear a disk without any, and may end the process on one. */
export const DISK_RESERVE_BYTES = 1_048_576

/**
 * Bytes of log that stay in LMDB at least: what is read again and again is there, a start finds it without a file, and with
 * one segment on top it is a file of some hundred megabytes, which a probe goes through in a second.
 */
export const TAIL_BYTES = 67_108_864

/** So many times as much stays there while more is always waiting to be written: a gigabyte, after which it is moved all the same. */
export const TAIL_TIMES_BUSY = 16

/** Bytes after which a segment ends: few enough to be cut away, shipped or read in one go, enough that 1 TB is 30,000 files. */
export const SEGMENT_BYTES = 33_554_432

/** Batches in a segment at the most: its table is in memory while it is open, 20 bytes for each. */
export const SEGMENT_BATCHES = 16_384

/** Segments that are open at once: file handles, and their tables in at most 20 MB of memory. */
export const SEGMENTS_OPEN = 64

/** Bytes that are moved out of LMDB in one piece, and flushed before the next: a millisecond, and no flush waits for more. */
export const SLICE_BYTES = 1_048_576

/** Batches in such a piece at the most: each is looked up, which takes two microseconds. */
export const SLICE_BATCHES = 512

/** Rows that one transaction takes out of LMDB at the most, and bytes: what a commit behind it waits for. */
export const REMOVED_ROWS = 256
export const REMOVED_BYTES = 8_388_608

/** Names that are looked at in one piece when the log was cut: they do not stand in the order of their positions. */
export const NAMES_SWEPT = 512

/** Milliseconds until moving is tried again that has failed: for want of room it fails again at once. */
export const TIDY_PAUSE_MS = 10_000

/** Milliseconds for which whoever only reads a store looks at one state of it: what a writer writes meanwhile is its growth. */
export const READ_MS = 20

/** Bytes by which a reader may have the file of a store grow before it is told of; what a busy one writes in a second. */
export const READER_GROWTH_BYTES = 67_108_864

/** Bytes of growth between two looks at who reads. */
export const READER_LOOK_BYTES = 8_388_608

/** Commits between two looks at the size of the file. */
export const READER_COMMITS = 16

/** Bytes of one commit of a backup: few enough that whoever writes the same disk waits a moment for it and no longer. */
export const COPY_BYTES = 2_097_152

/** Characters of a registered secret at least: what is shorter stands in ordinary text by accident. */
export const SECRET_LENGTH_MIN = 8

/** Characters of one at the most: a private key of 4,096 bits is 3,300, and one of 8,192 bits fits. */
export const SECRET_LENGTH_MAX = 8_192

/** Registered secrets of one system: what a process has in its environment, many times over. */
export const SECRETS_MAX = 256

/** Characters of all of them: their forms take about a hundred times as many bytes of memory. */
export const SECRETS_LENGTH_MAX = 65_536

/** Names of fields that are credentials, beside those that are known. */
export const SECRET_FIELDS_MAX = 256

/** Names of fields of which it is remembered whether they are. */
export const FIELD_NAMES_KNOWN = 4_096

/** Characters of a run that looks drawn by lot, at least: 128 bits in base64 are 22 of them. */
export const HIGH_ENTROPY_LENGTH = 24

/** Bits of entropy of each of its characters at least: a text of a language has 3 to 3.8, 24 random ones 4.2. */
export const HIGH_ENTROPY_BITS = 4

/** Milliseconds between two looks at a log that is shipped: what may be lost with a disk, and 17,280 files a day. */
export const SHIP_EVERY_MS = 5_000

/** Milliseconds of that at the most: one hour. */
export const SHIP_MS_MAX = 3_600_000

/** Bytes of a shipped file: large enough to be few, small enough to be read at once. */
export const SHIP_FILE_BYTES = 16_777_216

/** Bytes of one at the most. */
export const SHIP_FILE_BYTES_MAX = 268_435_456

/** Bytes of one value in a dump, and of one line: the largest state, and what JSON makes of it. */
export const DUMP_ENTRY_BYTES_MAX = 402_653_184

/** Characters of one text in a dump that is no value: a type, a name, a time. */
export const DUMP_TEXT_MAX = 65_536

/** Bytes of the values of one batch in a dump: a turn is never split, so this is what one turn may tell. */
export const DUMP_BATCH_BYTES_MAX = 1_073_741_824

/** Characters of the name of a hold: a case and who asked for it. */
export const HOLD_NAME_MAX = 400
