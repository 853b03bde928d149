import { refuse } from '@holdfast/kernel'
import { THREAD_IDLE_MAX_MS, THREADS_MAX } from '../limits.js'

/** How many threads a pool has, by what there is to do. */
export interface ThreadCount {
  /** Threads that it has at the least, once there was something to do. @default 1 */
  readonly min?: number
  /**
   * Threads that it has at the most; another one is started when all are busy, or when more waits for one than it comes to.
   * Some of the actors of that one move there.
   */
  readonly max: number
  /** Milliseconds after which an idle one beyond `min` is ended. @default 60,000 */
  readonly idleMs?: number
}

/** A bulkhead: threads of their own, with limits of their own. */
export interface PoolOptions {
  /** How many threads it has: always so many, or between two bounds. @default the processors of the machine */
  readonly threads?: number | ThreadCount
  /**
   * It keeps one more thread that has loaded everything and does nothing, for when one ends: actors go on after some
   * milliseconds instead of a fifth of a second. It takes some ten megabytes.
   *
   * @default true
   */
  readonly spare?: boolean
  /** Megabytes of heap that each may use; more ends the thread with `HF_THREAD_MEMORY`. @default 256 */
  readonly heapMb?: number
  /** Megabytes of stack that each has. @default 4 */
  readonly stackMb?: number
  /** Megabytes of ArrayBuffers that each may keep; more ends the thread with `HF_THREAD_MEMORY`. @default 256 */
  readonly bytesMb?: number
  /** What its threads have in `process.env`. @default nothing */
  readonly env?: Readonly<Record<string, string>>
  /** Flags of Node for its threads, such as a loader. @default those of the process */
  readonly execArgv?: readonly string[]
}

/** Worker threads for the actors that run in them. */
export interface ThreadsOptions {
  /** The URL of a module that exports all definitions which name none of their own, or what is above them. */
  readonly module?: string
  /** Pools by name. Actors that name none are in `default`. @default one, with the defaults of each field */
  readonly pools?: Readonly<Record<string, PoolOptions>>
}

/** Checks what a system was given. @throws {HoldfastError} `HF_INVALID` with the field's name */
export function checkThreads(given: ThreadsOptions): void {
  if (typeof given !== 'object' || (given as unknown) === null) refuse('threads', given, 'an object')
  const { module, pools = {} } = given
  if (module !== undefined && !(typeof module === 'string' && URL.canParse(module)))
    refuse('threads.module', module, 'the URL of a module, such as import.meta.url')
  if (typeof pools !== 'object' || (pools as unknown) === null)
    refuse('threads.pools', pools, 'an object of pools')
  for (const [name, pool] of Object.entries(pools)) checkPool(`threads.pools.${name}`, pool)
}

function checkPool(field: string, pool: PoolOptions): void {
  if (typeof pool !== 'object' || (pool as unknown) === null) refuse(field, pool, 'an object')
  const { threads, spare, heapMb, stackMb, bytesMb, env, execArgv } = pool
  if (typeof threads === 'object') checkBounds(`${field}.threads`, threads)
  else if (threads !== undefined) checkCount(`${field}.threads`, threads)
  if (spare !== undefined && typeof spare !== 'boolean') refuse(`${field}.spare`, spare, 'true or false')
  checkMegabytes(`${field}.heapMb`, heapMb, 8)
  checkMegabytes(`${field}.stackMb`, stackMb, 1)
  checkMegabytes(`${field}.bytesMb`, bytesMb, 1)
  if (env !== undefined && !areTexts(env)) refuse(`${field}.env`, env, 'an object of texts')
  const areFlags = Array.isArray(execArgv) && execArgv.every((flag) => typeof flag === 'string')
  if (execArgv !== undefined && !areFlags) refuse(`${field}.execArgv`, execArgv, 'an array of flags')
}

function checkBounds(field: string, threads: ThreadCount): void {
  if ((threads as unknown) === null) refuse(field, threads, 'a number, or an object with `max`')
  const { min = 1, max, idleMs } = threads
  checkCount(`${field}.min`, min)
  checkCount(`${field}.max`, max)
  if (min > max) refuse(`${field}.min`, min, `at most threads.max, which is ${max}`)
  const isTime = Number.isSafeInteger(idleMs) && idleMs! > 0 && idleMs! <= THREAD_IDLE_MAX_MS
  if (idleMs !== undefined && !isTime)
    refuse(`${field}.idleMs`, idleMs, `a whole number of milliseconds from 1 to ${THREAD_IDLE_MAX_MS}`)
}

function checkMegabytes(field: string, given: unknown, least: number): void {
  if (given === undefined || (Number.isFinite(given) && (given as number) >= least)) return
  refuse(field, given, `megabytes from ${least}`)
}

function checkCount(field: string, count: number): void {
  if (!(Number.isSafeInteger(count) && count >= 1 && count <= THREADS_MAX))
    refuse(field, count, `a whole number from 1 to ${THREADS_MAX}`)
}

function areTexts(env: unknown): boolean {
  return (
    typeof env === 'object' && env !== null && Object.values(env).every((value) => typeof value === 'string')
  )
}
