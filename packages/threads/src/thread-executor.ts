// Thread executor
// ===============
// The kernel's executor: errands become tasks of the pool that their actor chose, and what comes back becomes their
// outcome. A pool is started with the first errand for it.

import {
  HoldfastError,
  isErrorCode,
  refuse,
  revivedError,
  type Authorities,
  type Definition,
  type Errand,
  type Executor,
  type Outcome,
  type StoredError,
  type ThreadsStats,
} from '@holdfast/kernel'
import { GIVE_UP_MS } from './limits.js'
import type { Death } from './pool/lane.js'
import type { PoolOptions, ThreadsOptions } from './pool/pool-options.js'
import type { Pool } from './pool/pool.js'
import { ParcelReader, ParcelWriter } from './wire/bytes.js'
import { writeErrand } from './wire/messages.js'
import { Hands } from './wire/hands.js'
import type { Reply, Task } from './wire/tasks.js'
import { ReadWork } from './wire/turns.js'
import type { Values } from './wire/values.js'

/** What an executor is made of. */
export interface ExecutorParts {
  readonly options: ThreadsOptions
  /** Opens a pool, when there is something to do for it. */
  readonly open: (options: PoolOptions, onFault: (actor: number, error: HoldfastError) => void) => Pool
  readonly authorities: Authorities
  /** A definition has to say where it is exported. */
  readonly needsModules: boolean
  /** How values travel. The other side has the same. */
  readonly values: Values
}

/** Where an actor is. */
interface Place {
  readonly pool: Pool
  readonly path: string
  deadlineMs: number
  /** Milliseconds in which its thread ran it, and in which its errands waited for their thread. */
  busyMs: number
  queueMs: number
  messages: number
}

/** Runs handlers in worker threads. */
export class ThreadExecutor implements Executor {
  readonly #parts: ExecutorParts
  readonly #pools = new Map<string, Pool>()
  readonly #places = new Map<number, Place>()
  readonly #hands = new Hands()
  onFault: ((actor: number, error: HoldfastError) => void) | null = null

  constructor(parts: ExecutorParts) {
    this.#parts = parts
  }

  admit(definition: Definition, pool: string): void {
    if (pool !== 'default' && this.#options(pool) === undefined)
      refuse('pool', pool, `one of threads.pools, for "${definition.name}"`)
    if (this.#parts.needsModules && this.#moduleOf(definition) === undefined)
      refuse(
        'module',
        undefined,
        `the URL of the module that exports "${definition.name}", such as import.meta.url`,
      )
  }

  run(errand: Errand, done: (outcome: Outcome) => void): void {
    const { actor, serial, path, parent, turns, digestEvery, isStateDue, deadlineMs, definition } = errand
    const { values } = this.#parts
    const pool = this.#pool(errand.pool)
    const place = this.#placeOf(actor, pool, path)
    place.deadlineMs = deadlineMs
    if (errand.state === null && !pool.houses(actor)) {
      this.#later(done, LOST)
      return
    }
    const writer = new ParcelWriter(values)
    writeErrand(writer, errand)
    const what = { actor, serial, path, parent, turns, digestEvery, isStateDue, inHand: this.#hands.take() }
    const from = { definition: definition.name, module: this.#moduleOf(definition) ?? '' }
    const task: Task = { kind: 'run', ...what, ...from, count: errand.messages.length, parcel: writer.end() }
    const sentMs = this.#parts.authorities.monotonic()
    pool.submit({
      task,
      deadlineMs,
      done: (reply) => {
        this.#hands.putBack(task, reply)
        if (reply.kind === 'work') {
          place.busyMs += reply.busyMs
          place.queueMs += Math.max(0, this.#parts.authorities.monotonic() - sentMs - reply.busyMs)
          place.messages += reply.work.size
        }
        done(outcomeOf(reply, values))
      },
    })
  }

  follow(actor: number, serial: number, done: (outcome: Outcome) => void): void {
    this.#submit({ kind: 'follow', actor, serial, inHand: this.#hands.take() }, (reply) => {
      done(outcomeOf(reply, this.#parts.values))
    })
  }

  give(actor: number, serial: number, index: number, ok: boolean, value: unknown, timeMs: number): void {
    const writer = new ParcelWriter(this.#parts.values)
    writer.value(value)
    const task = { kind: 'give', actor, serial, index, ok, timeMs, inHand: this.#hands.take() } as const
    this.#submit({ ...task, parcel: writer.end() }, ignored)
  }

  effect(actor: number, serial: number, index: number, signal: AbortSignal): Promise<unknown> {
    const { values } = this.#parts
    const abort = (): void => {
      this.#submit({ kind: 'abort', actor, serial, index, inHand: this.#hands.take() }, ignored)
    }
    signal.addEventListener('abort', abort, { once: true })
    return new Promise((resolve, reject) => {
      this.#submit({ kind: 'effect', actor, serial, index, inHand: this.#hands.take() }, (reply) => {
        signal.removeEventListener('abort', abort)
        // Where its thread has ended its turn hears of that, and nobody waits for this any more.
        if (reply.kind === 'value') resolve(new ParcelReader(values, reply.parcel).value())
        else if (reply.kind === 'error') reject(revivedError(reply.error))
      })
    })
  }

  forget(actor: number): void {
    const place = this.#places.get(actor)
    if (place === undefined) return
    this.#places.delete(actor)
    const task: Task = { kind: 'forget', actor, serial: 0, index: 0, inHand: this.#hands.take() }
    place.pool.forget({ task, deadlineMs: GIVE_UP_MS, done: ignored })
  }

  stats(): ThreadsStats {
    const pools = [...this.#pools].map(([name, pool]) => ({ name, ...pool.stats() }))
    const actors = [...this.#places.values()].map(({ path, busyMs, queueMs, messages }) => ({
      actor: path,
      busyMs,
      queueMs,
      messages,
    }))
    return { pools, actors }
  }

  async renew(pool?: string): Promise<void> {
    if (pool !== undefined && pool !== 'default' && this.#options(pool) === undefined)
      refuse('pool', pool, 'one of threads.pools')
    for (const [name, each] of this.#pools) if (pool === undefined || pool === name) await each.renew()
  }

  end(thread: number): boolean {
    return [...this.#pools.values()].some((pool) => pool.end(thread))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()))
  }

  #placeOf(actor: number, pool: Pool, path: string): Place {
    let place = this.#places.get(actor)
    if (place === undefined)
      this.#places.set(actor, (place = { pool, path, deadlineMs: 0, busyMs: 0, queueMs: 0, messages: 0 }))
    return place
  }

  #submit(task: Task, done: (reply: Reply | Death) => void): void {
    const place = this.#places.get(task.actor)
    if (place === undefined) this.#later(done, LOST)
    else
      place.pool.submit({
        task,
        deadlineMs: place.deadlineMs,
        done: (reply) => {
          this.#hands.putBack(task, reply)
          done(reply)
        },
      })
  }

  #later<T>(done: (outcome: T) => void, outcome: T): void {
    this.#parts.authorities.defer(() => {
      done(outcome)
    })
  }

  #pool(name: string): Pool {
    const known = this.#pools.get(name)
    if (known !== undefined) return known
    const pool = this.#parts.open(this.#options(name) ?? {}, (actor, error) => this.onFault?.(actor, error))
    this.#pools.set(name, pool)
    return pool
  }

  #options(name: string): PoolOptions | undefined {
    const { pools = {} } = this.#parts.options
    return Object.hasOwn(pools, name) ? pools[name] : undefined
  }

  #moduleOf(definition: Definition): string | undefined {
    return (definition as WithModule).spec?.module ?? this.#parts.options.module
  }
}

interface WithModule extends Definition {
  readonly spec?: { readonly module?: string }
}

const LOST = { kind: 'lost' } as const

function ignored(): void {
  // Nobody waits for it.
}

function outcomeOf(reply: Reply | Death, values: Values): Outcome {
  switch (reply.kind) {
    case 'work':
      return { kind: 'work', work: new ReadWork(values, reply.work) }
    case 'death':
      return reply.at < 0 ? LOST : { kind: 'died', at: reply.at, error: reply.error }
    case 'error':
      return { kind: 'died', at: 0, error: notRun(reply.error) }
    default:
      return LOST
  }
}

// The thread is well, and could not begin: with what it says.
function notRun({ code = '', message }: StoredError): HoldfastError {
  return new HoldfastError(isErrorCode(code) ? code : 'HF_INVARIANT', message)
}
