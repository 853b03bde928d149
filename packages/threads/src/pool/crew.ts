// Crew
// ====
// The threads of a pool as they come and go, in piscina. Piscina starts a thread when it has a task for which there is none,
// so a thread is hired with such a task, which is taken back at once. It is never left to start one by itself: one that
// fails as it loads would keep it from ever starting another.
//
// Invariants
//   C1  A lane is told ready once at the most, and ended once exactly, unless the crew was closed before.
//   C2  When a lane is told to have ended, it is known why; its tasks hear of it after that.

import { Piscina } from 'piscina'
import {
  PARCEL_MOVED_BYTES,
  THREAD_BYTES_MB,
  THREAD_HEAP_MB,
  THREAD_STACK_MB,
  THREADS_MAX,
} from '../limits.js'
import type { Reply, Task } from '../wire/tasks.js'
import { judge } from './deaths.js'
import { Lane } from './lane.js'
import type { PoolOptions } from './pool-options.js'

/** What a crew is made of. */
export interface CrewParts {
  readonly options: PoolOptions
  /** The file that runs in each thread. */
  readonly entry: URL
  /** Modules that each loads ahead, at that moment. */
  readonly modules: () => readonly string[]
  readonly onReady: (lane: Lane) => void
  readonly onEnded: (lane: Lane) => void
}

interface Addressed {
  readonly worker: number
}

/** Threads. */
export class Crew {
  readonly #parts: CrewParts
  readonly #piscina: Piscina<unknown, Reply>
  readonly #lanes = new Set<Lane>()
  #isClosed = false

  constructor(parts: CrewParts) {
    this.#parts = parts
    const { options, entry } = parts
    this.#piscina = new Piscina({
      filename: entry.href,
      name: 'doTask',
      minThreads: 0,
      // Those that leave and those that are spare are on top of those of the pool.
      maxThreads: 4 * THREADS_MAX,
      idleTimeout: Infinity,
      concurrentTasksPerWorker: Number.MAX_SAFE_INTEGER,
      // A parked thread runs no timers and reads no sockets, and handlers that wait need both.
      atomics: 'disabled',
      recordTiming: false,
      env: { ...options.env },
      resourceLimits: {
        maxOldGenerationSizeMb: options.heapMb ?? THREAD_HEAP_MB,
        stackSizeMb: options.stackMb ?? THREAD_STACK_MB,
      },
      ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
      loadBalancer: (task, workers) => {
        const { worker } = (task as unknown as Record<symbol, unknown>)[
          Piscina.queueOptionsSymbol
        ] as Addressed
        return worker === NOBODY ? null : (workers.find(({ id }) => id === worker) ?? null)
      },
    })
    // A thread that ends with nothing to do: its lane has heard of it.
    this.#piscina.on('error', () => undefined)
    this.#piscina.on('workerCreate', ({ id }: { readonly id: number }) => {
      // Piscina counts it among those that are ready right after this. A task that it is given before, it would start one
      // more thread for.
      for (const lane of this.#lanes) if (lane.id === id) void Promise.resolve(lane).then(this.#begin)
    })
  }

  /** Starts a thread. */
  hire(nowMs: number): Lane {
    const known = new Set(this.#piscina.threads)
    const abort = new AbortController()
    const task = { [Piscina.queueOptionsSymbol]: { worker: NOBODY } }
    this.#piscina.run(task, { signal: abort.signal }).catch(() => undefined)
    abort.abort()
    const lane = new Lane(
      this.#piscina.threads.find((worker) => !known.has(worker))!,
      nowMs,
    )
    // Before piscina hears of it, which then tells everybody.
    lane.worker.prependListener('error', (error: unknown) => {
      lane.thrown ??= { error }
      this.#ended(lane)
    })
    lane.worker.prependListener('exit', () => {
      this.#ended(lane)
    })
    this.#lanes.add(lane)
    return lane
  }

  /** Sends a task to a thread that is ready. Rejects when it has ended. */
  post(lane: Lane, task: Task): Promise<Reply> {
    if (lane.hasEnded) return Promise.reject(lane.death!)
    const isLarge = 'parcel' in task && task.parcel.bytes.byteLength >= PARCEL_MOVED_BYTES
    const transferList = isLarge ? [task.parcel.bytes.buffer] : []
    const sent = { ...task, [Piscina.queueOptionsSymbol]: { worker: lane.id } }
    return this.#piscina.run(sent, { transferList })
  }

  /** Ends a thread at once, whatever it does. */
  end(lane: Lane): void {
    if (lane.hasEnded || lane.isEnding) return
    lane.isEnding = true
    void lane.worker.terminate()
  }

  /** Ends all threads. Nobody hears of it. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#piscina.destroy()
  }

  readonly #begin = (lane: Lane): void => {
    if (lane.hasEnded || this.#isClosed) return
    const { modules, onReady, options } = this.#parts
    const bytesMax = (options.bytesMb ?? THREAD_BYTES_MB) * 1_048_576
    const nobody = { actor: 0, serial: 0, inHand: new Int32Array(new SharedArrayBuffer(8)) }
    const task: Task = { kind: 'begin', ...nobody, memory: lane.memory, bytesMax, modules: modules() }
    const warm = (): void => {
      lane.isWarm = true
    }
    // One that fails here has ended, and its lane hears of that.
    this.post(lane, task).then(warm, () => undefined)
    // What is sent from now on comes behind that.
    lane.isReady = true
    onReady(lane)
  }

  /** Threads that there are, whoever started them. */
  get size(): number {
    return this.#piscina.threads.length
  }

  #ended(lane: Lane): void {
    this.#lanes.delete(lane)
    if (lane.hasEnded) return
    judge(lane)
    lane.hasEnded = true
    if (!this.#isClosed) this.#parts.onEnded(lane)
  }
}

/** For no thread that there is. */
const NOBODY = -2
