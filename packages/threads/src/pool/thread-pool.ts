// Thread pool
// ===========
// The threads of one bulkhead, in piscina. An actor keeps to the thread that has its state; which that is, piscina's load
// balancer is told with each task. A thread has a few errands at a time and the rest wait here, one of each actor at the
// most, so what waits is bounded by the actors and everything else stays in their mailboxes.
//
//   job --> lane of the actor [ w3 w2 w1 ] --> piscina --> thread [ w0 ]   a lane is a thread and what waits for it
//
// Invariants
//   P1  Every job is answered once: by its thread, or by the death of it.
//   P2  A task is given to piscina only for a thread that is there, so nothing ever waits in piscina's own queue.
//   P3  What had the thread in hand when it died is known from memory that outlives it, and nobody else is charged.

import { availableParallelism } from 'node:os'
import type { Authorities, Timer } from '@holdfast/kernel'
import { Piscina } from 'piscina'
import { ERRANDS_PER_THREAD, LOOK_EVERY_MS, THREAD_HEAP_MB, THREAD_STACK_MB } from '../limits.js'
import type { Reply } from '../wire/tasks.js'
import { deathOf, pastDeadline } from './deaths.js'
import { Lane, type Flight, type Job } from './lane.js'
import type { Pool } from './pool.js'
import type { PoolOptions } from './pool-options.js'

/** What a thread of a pool is made of. */
export interface PoolParts {
  readonly options: PoolOptions
  /** The file that runs in each thread. */
  readonly entry: URL
  readonly authorities: Authorities
}

/** Threads for some actors. */
export class ThreadPool implements Pool {
  readonly #authorities: Authorities
  readonly #piscina: Piscina<unknown, Reply>
  readonly #lanes = new Map<number, Lane>()
  /** Where the state of an actor is. */
  readonly #homes = new Map<number, Lane>()
  /** What no thread is there for. */
  readonly #homeless: Job[] = []
  #look: Timer | null = null
  #isClosed = false

  constructor({ options, entry, authorities }: PoolParts) {
    this.#authorities = authorities
    const count = options.threads ?? availableParallelism()
    this.#piscina = new Piscina({
      filename: entry.href,
      name: 'doTask',
      minThreads: count,
      maxThreads: count,
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
        const { thread } = task[Piscina.queueOptionsSymbol as keyof typeof task] as unknown as {
          thread: number
        }
        return workers.find(({ id }) => id === thread) ?? null
      },
    })
    this.#piscina.on('workerCreate', ({ id }: { readonly id: number }) => {
      this.#opened(id)
    })
    // A thread that ends with nothing to do: what it had is told by `workerDestroy`.
    this.#piscina.on('error', () => undefined)
    this.#piscina.on('workerDestroy', ({ id }: { readonly id: number }) => {
      // One that has ended by itself does not know its id any more.
      const living = new Set(this.#piscina.threads.map(({ threadId }) => threadId))
      for (const lane of [...this.#lanes.values()])
        if (lane.id === id || !living.has(lane.id)) this.#ended(lane)
    })
  }

  /** Has the thread of an actor do something. Errands wait for their turn, everything else goes at once. */
  submit(job: Job): void {
    const { task } = job
    const home = this.#homes.get(task.actor)
    if (task.kind !== 'run') {
      if (home === undefined) this.#answer(job, { kind: 'lost' })
      else this.#post(home, job)
      return
    }
    const lane = home ?? this.#leastBusy()
    if (lane === undefined) {
      this.#homeless.push(job)
      return
    }
    this.#settle(lane, task.actor)
    lane.waiting.push(job)
    this.#send(lane)
  }

  /** Whether the state of an actor is in a thread that is there. */
  houses(actor: number): boolean {
    return this.#homes.has(actor)
  }

  /** The state of an actor is of no use any more. */
  forget(job: Job): void {
    const home = this.#homes.get(job.task.actor)
    if (home === undefined) return
    this.#homes.delete(job.task.actor)
    home.actors.delete(job.task.actor)
    const waits = home.waiting.findIndex(({ task }) => task.actor === job.task.actor)
    if (waits !== -1) home.waiting.splice(waits, 1)
    this.#post(home, job)
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#look?.cancel()
    await this.#piscina.destroy()
  }

  #opened(id: number): void {
    const lane = new Lane(id)
    this.#lanes.set(id, lane)
    for (const job of this.#homeless.splice(0)) this.submit(job)
  }

  #ended(lane: Lane): void {
    this.#lanes.delete(lane.id)
    for (const actor of lane.actors) this.#homes.delete(actor)
    for (const job of lane.waiting.splice(0)) this.#answer(job, { kind: 'lost' })
  }

  #leastBusy(): Lane | undefined {
    let best: Lane | undefined
    for (const lane of this.#lanes.values()) {
      if (lane.death !== null) continue
      if (
        best === undefined ||
        lane.load < best.load ||
        (lane.load === best.load && lane.actors.size < best.actors.size)
      )
        best = lane
    }
    return best
  }

  #settle(lane: Lane, actor: number): void {
    this.#homes.set(actor, lane)
    lane.actors.add(actor)
  }

  #send(lane: Lane): void {
    while (lane.errands < ERRANDS_PER_THREAD && lane.waiting.length > 0) {
      lane.errands++
      this.#post(lane, lane.waiting.shift()!)
    }
  }

  #post(lane: Lane, job: Job): void {
    const { task, deadlineMs, done } = job
    const flight: Flight = { task, deadlineMs, seen: 0, sinceMs: 0 }
    lane.flights.add(flight)
    const transferList = 'parcel' in task ? [task.parcel.bytes.buffer] : []
    const sent = { ...task, [Piscina.queueOptionsSymbol]: { thread: lane.id } }
    this.#piscina.run(sent, { transferList }).then(
      (reply) => {
        this.#landed(lane, flight)
        done(reply)
      },
      (error: unknown) => {
        const death = deathOf(lane, flight, error)
        this.#landed(lane, flight)
        if (!this.#isClosed) done(death)
      },
    )
    this.#look ??= this.#authorities.timer(LOOK_EVERY_MS, () => {
      this.#lookAt()
    })
  }

  #landed(lane: Lane, flight: Flight): void {
    lane.flights.delete(flight)
    if (flight.task.kind !== 'run') return
    lane.errands--
    if (lane.death === null) this.#send(lane)
  }

  #answer(job: Job, reply: Reply): void {
    this.#authorities.defer(() => {
      if (!this.#isClosed) job.done(reply)
    })
  }

  #lookAt(): void {
    this.#look = null
    const nowMs = this.#authorities.monotonic()
    let isBusy = false
    for (const lane of this.#lanes.values()) {
      if (lane.flights.size > 0) isBusy = true
      const death = pastDeadline(lane, nowMs)
      if (death === undefined) continue
      lane.death = death
      void this.#piscina.threads.find(({ threadId }) => threadId === lane.id)?.terminate()
    }
    if (!isBusy || this.#isClosed) return
    this.#look = this.#authorities.timer(LOOK_EVERY_MS, () => {
      this.#lookAt()
    })
  }
}
