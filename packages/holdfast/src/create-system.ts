import {
  checkRetention,
  machineAuthorities,
  refuse,
  System,
  type Authorities,
  type Definition,
  type RecoveryProgress,
  type Retention,
  type SystemParts,
} from '@holdfast/kernel'
import {
  Codec,
  memoryJournal,
  openJournal,
  type Journal,
  type KeepingOptions,
  type KeySource,
  type SubjectKeysSource,
} from '@holdfast/journal'
import {
  checkWatchdog,
  forgetStallEnd,
  lastStallEnd,
  openWatchdog,
  type WatchdogOptions,
} from '@holdfast/threads/watchdog'
import { checkHeaps, checkThreads, ThreadExecutor, ThreadPool, type ThreadsOptions } from '@holdfast/threads'

// It runs as it is written, or as it was built, like this file.
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url)

/** What `createSystem` takes. */
export interface SystemOptions extends KeepingOptions {
  /** Name of the system. */
  readonly name: string
  /** What runs at the top of the tree: a supervisor or an actor. */
  readonly root: Definition
  /** Data directory. Without one the log lives in memory and ends with the process. */
  readonly data?: string
  /**
   * The keys of an encrypted data directory. Whether it is encrypted is decided when it is made: with keys it is.
   *
   * @default not encrypted
   */
  readonly keys?: KeySource
  /**
   * The keys of subjects: a folder outside of the data directory, or whatever keeps them. With them, what belongs to a
   * subject is sealed with its key, and `system.shred` destroys it. A system that was given them once needs them for good.
   *
   * @default none
   */
  readonly subjectKeys?: SubjectKeysSource
  /** What the root's state is made from, when the root is an actor. */
  readonly args?: unknown
  /** Definitions that are neither children nor listed under `spawns`. */
  readonly definitions?: readonly Definition[]
  /** Time, timers and chance. @default the machine's own */
  readonly authorities?: Authorities
  /** Where the code comes from, noted in the log so that the command line finds it again. */
  readonly origin?: string
  /** Hears how far the log has been read while the system is brought back: before which position, and where it ends. */
  readonly onRecovery?: RecoveryProgress
  /**
   * Records between two checkpoints of the whole system. A start reads the log from the last one on.
   *
   * @default 524,288
   */
  readonly checkpointEvery?: number
  /**
   * How much of the log is wanted; what is not is cut away from its beginning, beside everything else.
   *
   * @default all of it
   */
  readonly retention?: Retention
  /**
   * The threads of actors with `runsIn: 'thread'`: pools with limits of their own, and where definitions are found.
   * `false`: there are none, and their handlers run in the main thread.
   *
   * @default one pool, as many threads as the machine has processors
   */
  readonly threads?: ThreadsOptions | false
  /**
   * For development: a handler of a durable actor that reads a clock, draws chance, sets a timer, opens a connection,
   * starts a process or writes a file past `ctx` fails with `HF_LEAK` at that line, also when it is run again. @default false
   */
  readonly strict?: boolean
  /**
   * For tests: every turn of a durable actor is run once more before it counts, on a copy of its state and with the
   * results that it got, and fails with `HF_NOT_DETERMINISTIC` when it does something else. @default false
   */
  readonly alwaysReplay?: boolean
  /**
   * A thread that watches the event loop: a stall longer than `stallMs` is told as `loop-stalled`, with the actor and the
   * message at fault, and one longer than `endAfterMs` ends the process with SIGKILL, for whoever starts it again. The message
   * at which it was ended is then not handed out again: its turn has failed with `HF_LOOP_STALLED`. @default nobody watches
   */
  readonly watchdog?: WatchdogOptions
}

/**
 * Starts a system, or brings back the one that `data` holds: state, mailboxes, timers and tree, as of the last thing
 * that was on stable storage.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_STORE_IN_USE`, `HF_STORE_UNWRITABLE`, `HF_STORE_NEWER`, `HF_STORE_DAMAGED`, `HF_KEY`,
 *   `HF_NOT_REDACTED`, `HF_HOLDS_SECRET`, `HF_SUBJECT_KEYS`, `HF_DEFINITION_MISSING`, `HF_DUPLICATE_NAME`, `HF_START_FAILED`
 *
 * @example
 * await using system = await createSystem({ name: 'bank', data: './data', root: bank })
 */
export async function createSystem(options: SystemOptions): Promise<System> {
  if (typeof options !== 'object' || (options as unknown) === null) refuse('options', options, 'an object')
  if (options.data !== undefined && (typeof options.data !== 'string' || options.data === '')) {
    refuse('data', options.data, 'the path of a directory')
  }
  const { name, root, args, definitions, origin, onRecovery, checkpointEvery, retention: wanted } = options
  if (checkpointEvery !== undefined && !(Number.isSafeInteger(checkpointEvery) && checkpointEvery > 0))
    refuse('checkpointEvery', checkpointEvery, 'a number of records above 0')
  if (onRecovery !== undefined && typeof onRecovery !== 'function')
    refuse('onRecovery', onRecovery, 'a function')
  if (wanted !== undefined) checkRetention(wanted)
  const { threads = {} } = options
  if (threads !== false) {
    checkThreads(threads)
    checkHeaps(threads)
  }
  if (typeof root !== 'object' || (root as unknown) === null) refuse('root', root, 'a definition')
  const { subjectKeys, watchdog: watching } = options
  if (watching !== undefined) checkWatchdog(watching)
  if (
    subjectKeys !== undefined &&
    (subjectKeys === null || !['string', 'object'].includes(typeof subjectKeys))
  )
    refuse('subjectKeys', subjectKeys, 'the path of a folder, or what keeps keys')
  const { authorities, around } = await guarded(options)
  const watchdog = watching === undefined ? undefined : openWatchdog(watching, options.data)
  let log: Journal | undefined
  try {
    const journal = openLog(options, authorities)
    log = journal
    const values = new Codec()
    const refs = (make: (path: string) => unknown): void => {
      journal.codec.ref = make
      values.ref = make
    }
    const executor = threads === false ? undefined : threadsOf(threads, authorities, values)
    const retention = wanted === undefined ? undefined : { wanted, beginning: journal.beginning }
    const stallEnd = options.data === undefined ? undefined : lastStallEnd(options.data)
    const ran = { onRecovery, checkpointEvery, retention, watchdog, stallEnd }
    const given = defined({ args, definitions, origin, around, executor, ...ran })
    const system = await System.start({ name, root, log, authorities, refs, ...given })
    if (stallEnd !== undefined) forgetWhenDurable(system, options.data!)
    return system
  } catch (error) {
    await log?.close().catch(() => undefined)
    around?.end()
    await watchdog?.end()
    throw error
  }
}

// What the report says is in the log by then. Until then it stays, for a start that has to do the same again.
function forgetWhenDurable(system: System, dir: string): void {
  system.flushed().then(
    () => forgetStallEnd(dir),
    () => undefined,
  )
}

// What guards handlers is loaded when somebody wants it.
async function guarded(options: SystemOptions): Promise<Pick<SystemParts, 'authorities' | 'around'>> {
  const { strict = false, alwaysReplay = false, authorities = machineAuthorities() } = options
  if (typeof strict !== 'boolean') refuse('strict', strict, 'true or false')
  if (typeof alwaysReplay !== 'boolean') refuse('alwaysReplay', alwaysReplay, 'true or false')
  if (!strict && !alwaysReplay) return { authorities }
  const { guardHandlers } = await import('@holdfast/replay')
  return guardHandlers({ strict, alwaysReplay, authorities })
}

function threadsOf(options: ThreadsOptions, authorities: Authorities, values: Codec): ThreadExecutor {
  return new ThreadExecutor({
    options,
    open: (pool, onFault) => new ThreadPool({ options: pool, entry: THREAD, authorities, onFault }),
    needsModules: true,
    authorities,
    values,
  })
}

function openLog(options: SystemOptions, authorities: Authorities): Journal {
  const { data, keys, redact, subjectKeys, durability, flushEveryMs, flushDeadlineMs } = options
  const given = { redact, subjectKeys, durability, flushEveryMs, flushDeadlineMs }
  return data === undefined
    ? memoryJournal(authorities, given)
    : openJournal({ dir: data, authorities, keys, ...given })
}

function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>
}
