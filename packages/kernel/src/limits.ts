// Limits
// ======
// Every bound of the kernel in one place, with its unit and the reason for its size. A definition or an option may
// set another value where that is said; nothing here is unlimited by default.

/** Messages that may wait in one mailbox: a burst of a busy second, and under 1 MB of slots. */
export const MAILBOX_CAPACITY = 16_384

/** Slots that a mailbox starts with; it doubles up to its capacity, so that an idle actor stays small. */
export const MAILBOX_FIRST_SLOTS = 2

/** The largest capacity that may be asked for: 2^22 messages are 200 MB of slots. */
export const MAILBOX_CAPACITY_MAX = 4_194_304

/** Messages beyond its capacity that a mailbox with backpressure takes from those who cannot wait: another burst. */
export const BACKPRESSURE_EXCESS_MAX = 16_384

/** Messages that one actor may put aside: enough for a burst while it connects, and a leak shows before it hurts. */
export const STASH_CAPACITY = 1_000

/** Messages that one actor handles before the next one in the queue gets its turn. */
export const SLICE_MESSAGES = 256

/** Messages that are sent to a thread at once: what the way there costs is shared by many, and a death repeats few. */
export const ERRAND_MESSAGES = 512

/** Refs that are kept by the paths that threads have named; when there are more, all are found anew. */
export const FAR_REFS_KEPT = 4_096

/** Milliseconds that one turn in a thread may take unless its definition says otherwise: longer than work, shorter than a night. */
export const THREAD_TURN_MS = 30_000

/** Threads that may end under one turn that waits there, by the fault of others, until it fails: it begins again so often. */
export const THREAD_RESUMES_MAX = 16

/** Milliseconds that the dispatcher runs before it hands the event loop back to timers and sockets. */
export const SLICE_BUDGET_MS = 8

/** Messages between two looks at the clock: a look costs as much as a message. */
export const CLOCK_EVERY_MESSAGES = 1_024

/** Milliseconds that an ask waits for its answer unless it says otherwise: OTP's default. */
export const ASK_TIMEOUT_MS = 5_000

/** Milliseconds that an effect may take unless it says otherwise: longer than a slow HTTP call, shorter than a hang. */
export const EFFECT_TIMEOUT_MS = 60_000

/** Results (effects and asks) that one turn may wait for at once. */
export const RESULTS_PER_TURN = 10_000

/** Changes of its handler that one turn may ask for: each is needed until the last old turn is gone, and then deleted. */
export const PATCHES_PER_TURN = 100

/** Calls of one turn that may be refused and are noted: a handler that goes on this often will go on for ever. */
export const REFUSALS_PER_TURN = 1_000

/** Characters of the name of such a change: a sentence, which stands in the log with every turn under it. */
export const PATCH_ID_MAX = 200

/** Milliseconds that a child has for its stop: OTP's default for workers. */
export const SHUTDOWN_MS = 5_000

/** Children that one parent may have, unless a dynamic supervisor says less: a million idle ones are 370 MB. */
export const CHILDREN_MAX = 1_000_000

/** Children that one answer of `which` lists. */
export const CHILDREN_LISTED = 1_000

/** Partitions of one partition supervisor: more are not copies of one actor any more, but actors with keys. */
export const PARTITIONS_MAX = 1_024

/** Milliseconds after which a virtual actor that is idle goes to sleep: longer than a pause in a conversation. */
export const VIRTUAL_IDLE_MS = 60_000

/** Restarts that a supervisor grants within the window, unless its strategy says otherwise: Elixir's default. */
export const MAX_RESTARTS = 3

/** The window of the restart budget in milliseconds: OTP's and Elixir's default. */
export const RESTART_WINDOW_MS = 5_000

/** Characters of one name in a path: fits a file name on every system. */
export const NAME_LENGTH_MAX = 200

/** Levels of a path: deeper trees are a loop in the making. */
export const PATH_DEPTH_MAX = 4_096

/** Characters of a correlation that the user names: fits the longest key that the store takes, in any script. */
export const CORRELATION_LENGTH_MAX = 400

/** Characters of the name of a subject: as many as of a correlation. It stands in no log. */
export const SUBJECT_LENGTH_MAX = 400

/** Milliseconds that shredding waits for others to end what they do for a subject, unless it says otherwise. */
export const SHRED_TIMEOUT_MS = 30_000

/** Milliseconds between two looks whether they have. */
export const SHRED_LOOK_MS = 10

/** Dead letters that are kept for inspection; older ones stay in the log and in the counter. */
export const DEAD_LETTERS_KEPT = 1_000

/** Characters of who gave a command, and of why: a sentence or two, which stand in the log for good. */
export const STEER_TEXT_MAX = 1_000

/** Parked messages that are listed; older ones leave the list and stay in the log. An entry takes about 100 bytes. */
export const PARKED_KEPT = 10_000

/** Parked messages that are shown unless somebody asks for more: each takes two reads of the log. */
export const PARKED_SHOWN = 100

/** Dead letters of one second that are told one by one: more than a person reads, and no flood. */
export const DEAD_LETTER_EVENTS_MAX = 100

/** Failures that are kept per actor for inspection; older ones stay in the log. */
export const FAILURES_KEPT = 10

/** Names that a registry holds: its state is written down in a few milliseconds. */
export const REGISTRY_NAMES = 16_384

/** Memberships that a registry holds, of all its groups together: a publish to all of them is still one turn. */
export const REGISTRY_MEMBERS = 16_384

/** The most that either may be set to: then the state of a registry weighs some ten megabytes. */
export const REGISTRY_ENTRIES_MAX = 131_072

/** Names that a registry lists at once. */
export const REGISTRY_PAGE = 1_000

/** Timers that one actor may have at once. */
export const TIMERS_PER_ACTOR = 10_000

/** Steps that a machine may take for one event: a cycle of transitions ends here, and not never. */
export const MICROSTEPS_MAX = 1_000

/** The longest time that a timer can wait: Node fires at once for more than 2^31 - 1 ms. */
export const TIMER_MS_MAX = 2_147_483_647

/** Turns of an actor between two state digests in the log. */
export const DIGEST_EVERY_TURNS = 64

/** Bytes of log since an actor's last snapshot, at the least, before the next one is due. */
export const SNAPSHOT_WEIGHT_MIN = 16_384

/** Actors whose states are made in one round of the event loop after a recovery: sockets and timers have their turn behind them. */
export const LATE_ACTORS_PER_ROUND = 64

/** Messages that an actor is handed one by one after a watchdog has ended the process in it: what was not in the log comes again within them. */
export const CAREFUL_MESSAGES = 1_024

/** Records between two checkpoints of a system: a part of a second of reading in a recovery. */
export const CHECKPOINT_EVERY_RECORDS = 524_288

/** The same for a system that always has something to do, for which a checkpoint is work in the way: some seconds of reading. */
export const CHECKPOINT_EVERY_RECORDS_BUSY = 8_388_608

/** Records behind the last checkpoint for which a system that stops makes one more: the next start reads no more. */
export const CHECKPOINT_RECORDS_LAST = 16_384

/** Actors of whom a checkpoint takes snapshots. The states of others are made from their logs. */
export const CHECKPOINT_SNAPSHOTS = 32_768

/** Bytes of these snapshots in all: as much as the log that a checkpoint stands for, more or less. */
export const CHECKPOINT_SNAPSHOT_BYTES = 33_554_432

/** Milliseconds between two steps of a checkpoint while anything else happens: the thread is for that. */
export const CHECKPOINT_STEP_MS = 10

/** Records before a checkpoint that are read once more for actors whose snapshots are older: a second or two. */
export const READ_TOGETHER_RECORDS = 2_097_152

/** Actors for which that is not done: looking them up takes less. */
export const READ_TOGETHER_ACTORS = 4

/** Records that are written between two steps of a checkpoint by a system that has next to nothing to do: 6,400 a second. */
export const CHECKPOINT_RECORDS_BESIDE = 64

/** Actors whose states are made in one reading of the log when its beginning is given up: they are in memory twice meanwhile. */
export const STATES_TOGETHER = 16_384

/** How many of these states are begun, or kept, in one step: as short as a slice of the dispatcher. */
export const STATES_PER_STEP = 64

/** Milliseconds after which a system looks again whether its log has grown older than it is wanted: an hour. */
export const RETENTION_LOOK_MS = 3_600_000

/** How much more must be unwanted before the next try, when somebody has held the log: each try reads all of it. */
export const RETENTION_HELD_TIMES = 2

/** Actors that are taken out of a system at once: a few, whose image is in memory; more are a system, which is dumped. */
export const CARRIED_ACTORS_MAX = 100_000

/** Messages that wait for them, are put aside or parked: each of them is in memory while the file is made or judged. */
export const CARRIED_MESSAGES_MAX = 1_000_000

/** Paths of actors that are referred to and stay behind which are listed; further ones are counted. */
export const LEFT_BEHIND_LISTED = 10_000
