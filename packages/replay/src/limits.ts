// Bounds of the replay, each with its unit and its reason.

/** Turns that a report lists: more than anybody reads, a few megabytes. All are counted. */
export const TURNS_LISTED = 10_000

/** Differences that a report lists. All are counted. */
export const DIVERGENCES_LISTED = 10_000

/** Messages that a difference has reached and that are not handled yet: beyond that the spread is told too small. */
export const REACHED_MESSAGES_MAX = 100_000

/** Steps between two turns of the event loop, so that a long replay lets others in: about 10 ms of small turns. */
export const STEPS_PER_SLICE = 8_192

/** Turns of an actor between two states that are written down: few enough to run again in a moment. */
export const STATE_KEPT_EVERY_TURNS = 64

/** Runs of records that are kept to find messages in: each is a batch, so 6 MB of bytes and their records. */
export const RUNS_KEPT = 24

/** Decisions of supervisors that are compared: each one is kept until the replay has come to it. */
export const DECISIONS_COMPARED = 10_000

/** Records that a rehearsal may write: so many, and so many more for each that the incident has. Then it is cut off. */
export const REHEARSAL_RECORDS_MIN = 10_000
export const REHEARSAL_RECORDS_EACH = 10

/** Virtual milliseconds that a rehearsal goes on after the last record: pauses, retries and timeouts come to their end. */
export const REHEARSAL_AFTER_MS = 60_000

/** Incidents that are listed: the last ones of a log in which something goes wrong all the time. */
export const INCIDENTS_KEPT = 10_000

// A file comes from anywhere, so each of these is checked before what it bounds is made.

/** Incidents imported into one data directory: looking for what went wrong opens each. */
export const IMPORTS_MAX = 1_000

/** Bytes of an incident file: it is read whole, and is somebody's mail attachment more often than not. */
export const FILE_BYTES_MAX = 268_435_456

/** Bytes of its plain header: a few numbers, and one name. */
export const FILE_HEADER_BYTES_MAX = 65_536

/** Bytes of all its sections once they are decompressed: a bomb ends here, before it takes the memory of the machine. */
export const FILE_CONTENT_BYTES_MAX = 536_870_912

/** Bytes of the manifest once it is decompressed: it is parsed as one JSON text. */
export const FILE_MANIFEST_BYTES_MAX = 67_108_864

/** Records in one file: each is an object while the file is open. */
export const FILE_RECORDS_MAX = 4_194_304

/** Snapshots in one file: one an actor, and a few more. */
export const FILE_SNAPSHOTS_MAX = 262_144

/** Redacted fields in one file: each is an entry that a comparison looks up. */
export const FILE_REDACTIONS_MAX = 1_048_576

/** Rules of redaction in one export: all of them look at every field. */
export const REDACTION_RULES_MAX = 256

/** Steps in the path of one rule: deeper than what is stored is nothing. */
export const REDACTION_STEPS_MAX = 100

/** Characters of the note of an export: a page of text. */
export const FILE_NOTE_LENGTH_MAX = 4_000

/** Cost of scrypt that an export pays for a passphrase: a part of a second, and 128 MiB. */
export const SCRYPT_COST = 131_072

/** Cost of scrypt that a file may ask of whoever opens it: 256 MiB at a block size of 8. */
export const SCRYPT_COST_MAX = 262_144

/** Milliseconds that the second run of a turn may wait: all that it is given is there already, so it waits for nothing. */
export const SECOND_RUN_MS = 10_000
