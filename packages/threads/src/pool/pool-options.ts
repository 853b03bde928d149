import { refuse } from '@holdfast/kernel'
import { THREADS_MAX } from '../limits.js'

/** A bulkhead: threads of their own, with limits of their own. */
export interface PoolOptions {
  /** How many threads it has. @default the processors of the machine */
  readonly threads?: number
  /** Megabytes of heap that each may use; more ends the thread with `HF_THREAD_MEMORY`. @default 256 */
  readonly heapMb?: number
  /** Megabytes of stack that each has. @default 4 */
  readonly stackMb?: number
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
  const { threads, heapMb, stackMb, env, execArgv } = pool
  const isCount = Number.isSafeInteger(threads) && threads! >= 1 && threads! <= THREADS_MAX
  if (threads !== undefined && !isCount)
    refuse(`${field}.threads`, threads, `a whole number from 1 to ${THREADS_MAX}`)
  if (heapMb !== undefined && !(heapMb >= 8)) refuse(`${field}.heapMb`, heapMb, 'megabytes from 8')
  if (stackMb !== undefined && !(stackMb >= 1)) refuse(`${field}.stackMb`, stackMb, 'megabytes from 1')
  if (env !== undefined && !areTexts(env)) refuse(`${field}.env`, env, 'an object of texts')
  if (
    execArgv !== undefined &&
    !(Array.isArray(execArgv) && execArgv.every((flag) => typeof flag === 'string'))
  )
    refuse(`${field}.execArgv`, execArgv, 'an array of flags')
}

function areTexts(env: unknown): boolean {
  return (
    typeof env === 'object' && env !== null && Object.values(env).every((value) => typeof value === 'string')
  )
}
