import type { KeepingOptions } from '@holdfast/journal'
import { checkWatchdog, type WatchdogOptions } from '@holdfast/threads/watchdog'
import { checkRetention, refuse, type Definition, type Retention, type System } from '@holdfast/kernel'
import { checkThreads, type ThreadsOptions } from '@holdfast/threads'

/** What a swarm's hooks get beside the system. */
export interface SwarmRun {
  /** What stood behind `--` on the command line. */
  readonly args: readonly string[]
  /** The data directory. */
  readonly data: string
  /** Writes a line to standard output. */
  print(line: string): void
  /** Ends the run: the system stops, and the process exits with `code`. @default code 0 */
  done(code?: number): void
}

/** What a swarm file exports by default: what to run, and what to do around it. */
export interface Swarm extends KeepingOptions {
  readonly kind: 'swarm'
  readonly name: string
  readonly root: Definition
  readonly args: unknown
  readonly definitions: readonly Definition[]
  /** Data directory for a run with these arguments, when the command line gives none. */
  readonly data: string | ((args: readonly string[]) => string) | undefined
  /** How much of the log is wanted. */
  readonly retention: Retention | undefined
  /** How the event loop is watched. */
  readonly watchdog: WatchdogOptions | undefined
  /** The threads of actors with `runsIn: 'thread'`; `false`: their handlers run in the main thread. */
  readonly threads: ThreadsOptions | false | undefined
  readonly on: { readonly ready?: (system: System, run: SwarmRun) => void | Promise<void> }
}

/** What `swarm` takes. */
export interface SwarmSpec extends KeepingOptions {
  readonly name: string
  readonly root: Definition
  readonly args?: unknown
  readonly definitions?: readonly Definition[]
  readonly data?: Swarm['data']
  /** @default all of the log */
  readonly retention?: Retention
  /** @default nobody watches the event loop */
  readonly watchdog?: WatchdogOptions
  /**
   * The threads of actors with `runsIn: 'thread'`. Definitions that name no `module` are found in the swarm file itself.
   * `false`: there are none, and their handlers run in the main thread.
   *
   * @default one pool, as many threads as the machine has processors
   */
  readonly threads?: ThreadsOptions | false
  readonly on?: Swarm['on']
}

/**
 * Says what a swarm file runs, so that `holdfast run` can run it.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field's name
 * @example export default swarm({ name: 'audit', root: auditor, on: { ready: (system) => start(system) } })
 */
export function swarm(spec: SwarmSpec): Swarm {
  if (typeof spec.name !== 'string' || spec.name === '') refuse('swarm.name', spec.name, 'a name')
  if (typeof spec.root !== 'object' || (spec.root as unknown) === null)
    refuse('swarm.root', spec.root, 'a definition')
  const {
    name,
    root,
    args,
    definitions = [],
    data,
    on = {},
    retention,
    threads,
    durability,
    flushEveryMs,
    flushDeadlineMs,
    redact,
    watchdog,
  } = spec
  if (retention !== undefined) checkRetention(retention)
  if (watchdog !== undefined) checkWatchdog(watchdog)
  if (threads !== undefined && threads !== false) checkThreads(threads)
  const how = { retention, watchdog, threads, durability, flushEveryMs, flushDeadlineMs, redact }
  return Object.freeze({ kind: 'swarm', name, root, args, definitions, data, on, ...how })
}
