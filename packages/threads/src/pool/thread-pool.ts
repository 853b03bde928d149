// Thread pool
// ===========
// The threads of one bulkhead. An actor keeps to the thread that has its state, until that ends or leaves; in a pool that can
// grow also until more waits for that thread than it comes to, while another one has room. A thread has a few errands at a
// time and the rest wait here, one of each actor at the most, so what waits is bounded by the actors and everything else stays
// in their mailboxes. When a thread ends, a spare one that has loaded everything takes its place.
//
//   job --> lane of the actor [ w3 w2 w1 ] --> piscina --> thread [ w0 ]   a lane is a thread and what waits for it
//
// Invariants
//   P1  Every job is answered once: by its thread, or by the death of it.
//   P2  A task is given to piscina only for a thread that is there, so nothing ever waits in piscina's own queue.
//   P3  Who is at fault for a death hears of it, by a job or else by `onFault`; nobody else is charged.
//   P4  Threads that fail before they are of use are not started for ever.

import { availableParallelism } from 'node:os'
import { HoldfastError, storedError, type Authorities, type PoolStats, type Timer } from '@holdfast/kernel'
import {
  ERRANDS_PER_THREAD,
  GIVE_UP_MS,
  LOAD_MS,
  LOADS_FAILED_MAX,
  LOOK_COUNTS_MS,
  LOOK_EVERY_MS,
  RENEW_MS,
  SPARE_AFTER_MS,
  THREAD_IDLE_MS,
} from '../limits.js'
import type { Reply } from '../wire/tasks.js'
import { Crew } from './crew.js'
import { condemn, deathOf, endedFromOutside, notLoaded, pastDeadline, unheard } from './deaths.js'
import type { Flight, Job, Lane } from './lane.js'
import { MemoryGuard } from './memory-guard.js'
import { statsOf } from './pool-stats.js'
import type { Pool } from './pool.js'
import type { PoolOptions } from './pool-options.js'

/** What a pool of threads is made of. */
export interface PoolParts {
  readonly options: PoolOptions
  /** The file that runs in each thread. */
  readonly entry: URL
  readonly authorities: Authorities
  /** An actor has ended its thread while it had nothing in hand. */
  readonly onFault?: (actor: number, error: HoldfastError) => void
}

/** Threads for some actors. */
export class ThreadPool implements Pool {
  readonly #parts: PoolParts
  readonly #authorities: Authorities
  readonly #crew: Crew
  readonly #guard: MemoryGuard
  readonly #min: number
  readonly #max: number
  readonly #idleMs: number
  /** Those that have something to do or may get it. */
  readonly #lanes = new Set<Lane>()
  /** Those that end when what they have is done. */
  readonly #leaving = new Map<Lane, () => void>()
  /** Where the state of an actor is. */
  readonly #homes = new Map<number, Lane>()
  /** Modules that an actor was found in: the next thread loads them ahead. */
  readonly #modules = new Set<string>()
  #spare: Lane | null = null
  #spareTimer: Timer | null = null
  #failedSpares = 0
  #failedLoads = 0
  /** The next look while something is under way, and the next one while nothing is. */
  #look: Timer | null = null
  #rest: Timer | null = null
  #lookedMs = 0
  /** What has passed between looks, in milliseconds: the clock of deadlines. */
  #watchedMs = LOOK_COUNTS_MS
  #isClosed = false

  constructor(parts: PoolParts) {
    this.#parts = parts
    this.#authorities = parts.authorities
    const { options, entry } = parts
    const { threads = availableParallelism() } = options
    const count = typeof threads === 'number' ? { min: threads, max: threads } : threads
    this.#min = count.min ?? 1
    this.#max = count.max
    this.#idleMs = ('idleMs' in count ? count.idleMs : undefined) ?? THREAD_IDLE_MS
    this.#guard = new MemoryGuard(options)
    this.#crew = new Crew({
      options,
      entry,
      modules: () => [...this.#modules],
      onReady: (lane) => {
        this.#ready(lane)
      },
      onEnded: (lane) => {
        this.#ended(lane)
      },
    })
  }

  /** Has the thread of an actor do something. Errands wait for their turn, everything else goes at once. */
  submit(job: Job): void {
    if (this.#isClosed) return
    const { task } = job
    const home = this.#homes.get(task.actor)
    if (task.kind !== 'run') {
      if (home === undefined) this.#answer(job, { kind: 'lost' })
      else this.#post(home, job)
      return
    }
    this.#modules.add(task.module)
    const lane = home ?? this.#choose()
    this.#homes.set(task.actor, lane)
    lane.actors.add(task.actor)
    lane.waiting.push(job)
    this.#send(lane)
    this.#watch()
  }

  houses(actor: number): boolean {
    return this.#homes.has(actor)
  }

  forget(job: Job): void {
    const { actor } = job.task
    const home = this.#homes.get(actor)
    if (home === undefined) return
    this.#homes.delete(actor)
    home.actors.delete(actor)
    const waits = home.waiting.findIndex(({ task }) => task.actor === actor)
    if (waits !== -1) this.#answer(home.waiting.splice(waits, 1)[0]!, { kind: 'lost' })
    // A turn that has its thread hears of nothing before it ends, so it has no more time than that.
    for (const flight of home.flights)
      if (flight.task.actor === actor && flight.deadlineMs > job.deadlineMs) {
        flight.deadlineMs = job.deadlineMs
        flight.sinceMs = this.#watchedMs
      }
    if (home.isReady && !home.hasEnded) this.#post(home, job)
  }

  async renew(): Promise<void> {
    for (const lane of [...this.#lanes]) {
      if (this.#isClosed) return
      if (!this.#lanes.has(lane)) continue
      this.#lanes.add(this.#hire())
      await this.#leave(lane)
    }
    if (this.#spare !== null) this.#crew.end(this.#spare)
  }

  end(thread: number): boolean {
    const lanes = [...this.#lanes, ...this.#leaving.keys()]
    const lane = lanes.find(({ id, hasEnded }) => id === thread && !hasEnded)
    if (lane === undefined) return false
    lane.death ??= endedFromOutside()
    this.#crew.end(lane)
    return true
  }

  stats(): Omit<PoolStats, 'name'> {
    return statsOf([...this.#lanes, ...this.#leaving.keys()], this.#spare?.isWarm === true)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#look?.cancel()
    this.#rest?.cancel()
    this.#spareTimer?.cancel()
    for (const left of this.#leaving.values()) left()
    await this.#crew.close()
  }

  // Which threads there are ------------------------------------------------------------------------------------------

  #choose(): Lane {
    if (this.#lanes.size < this.#min) return this.#take()
    let best: Lane | undefined
    for (const lane of this.#lanes) {
      if (lane.death !== null) continue
      if (
        best === undefined ||
        lane.load < best.load ||
        (lane.load === best.load && lane.actors.size < best.actors.size)
      )
        best = lane
    }
    if (best === undefined || (best.load > 0 && this.#lanes.size < this.#max)) return this.#take()
    return best
  }

  #take(): Lane {
    const spare = this.#spare
    this.#spare = null
    const lane = spare ?? this.#hire()
    this.#lanes.add(lane)
    if (spare?.isReady === true) {
      this.#failedSpares = 0
      this.#wantSpare()
    }
    return lane
  }

  #hire(): Lane {
    return this.#crew.hire(this.#authorities.monotonic())
  }

  #ready(lane: Lane): void {
    this.#failedLoads = 0
    if (this.#lanes.has(lane)) this.#send(lane)
    if (this.#spare === null) this.#wantSpare()
  }

  // Whoever needs the processors now comes first.
  #wantSpare(): void {
    const { options } = this.#parts
    if (options.spare === false || this.#failedSpares >= LOADS_FAILED_MAX || this.#isClosed) return
    this.#spareTimer ??= this.#authorities.timer(SPARE_AFTER_MS, () => {
      this.#spareTimer = null
      if (this.#spare === null && this.#lanes.size > 0 && !this.#isClosed) this.#spare = this.#hire()
    })
  }

  #ended(lane: Lane): void {
    if (lane === this.#spare) {
      this.#spare = null
      this.#failedSpares++
      this.#wantSpare()
      return
    }
    this.#lanes.delete(lane)
    this.#evict(lane, [...lane.actors])
    this.#leaving.get(lane)?.()
    const wasEnded = lane.isEnding && lane.death?.code === 'HF_THREAD_LOST'
    if (!lane.isReady && !wasEnded) this.#failedLoads++
    const reply: Reply =
      this.#failedLoads < LOADS_FAILED_MAX ? { kind: 'lost' } : { kind: 'error', error: useless(lane) }
    for (const job of lane.waiting.splice(0)) this.#answer(job, reply)
    // Its tasks hear of it first; an answer that had come before the end is no news of it.
    this.#authorities.defer(() => {
      if (this.#isClosed) return
      for (const actor of unheard(lane)) this.#parts.onFault?.(actor, lane.death!)
    })
  }

  #evict(lane: Lane, actors: Iterable<number>): void {
    for (const actor of actors) {
      lane.actors.delete(actor)
      if (this.#homes.get(actor) === lane) this.#homes.delete(actor)
    }
  }

  // A lane that leaves keeps the actors of which it has something in hand, until that is done.
  #leave(lane: Lane): Promise<void> {
    this.#lanes.delete(lane)
    lane.isLeaving = true
    for (const job of lane.waiting.splice(0)) this.#answer(job, { kind: 'lost' })
    return new Promise((resolve) => {
      const timer = this.#authorities.timer(RENEW_MS, () => {
        this.end(lane.id)
      })
      this.#leaving.set(lane, () => {
        timer.cancel()
        this.#leaving.delete(lane)
        resolve()
      })
      this.#goOnLeaving(lane)
      this.#watch()
    })
  }

  #goOnLeaving(lane: Lane): void {
    if (lane.hasEnded) return
    const busy = new Set([...lane.flights].map(({ task }) => task.actor))
    this.#evict(
      lane,
      [...lane.actors].filter((actor) => !busy.has(actor)),
    )
    if (busy.size === 0) this.end(lane.id)
  }

  // What they do -----------------------------------------------------------------------------------------------------

  #send(lane: Lane): void {
    while (lane.isReady && lane.errands < ERRANDS_PER_THREAD && lane.waiting.length > 0) {
      lane.errands++
      this.#post(lane, lane.waiting.shift()!)
    }
  }

  #post(lane: Lane, job: Job): void {
    const { task, deadlineMs, done } = job
    const flight: Flight = { task, deadlineMs, seen: 0, sinceMs: 0 }
    lane.flights.add(flight)
    this.#watch()
    this.#crew.post(lane, task).then(
      (reply) => {
        this.#landed(lane, flight, reply)
        if (!this.#isClosed) done(reply)
      },
      () => {
        const death = deathOf(lane, flight)
        this.#landed(lane, flight)
        if (!this.#isClosed) done(death)
      },
    )
  }

  #landed(lane: Lane, flight: Flight, reply?: Reply): void {
    lane.land(flight)
    if (reply?.kind === 'work') {
      lane.busyMs += reply.busyMs
      lane.messages += reply.work.size
    }
    if (flight.task.kind === 'run') {
      lane.errands--
      if (lane.death === null) this.#send(lane)
    }
    if (lane.isLeaving) this.#goOnLeaving(lane)
  }

  // Actors keep to their threads, so those that came one by one may all live in one. Where errands have waited from one look to
  // the next, and another thread has had nothing to do since then or may be started, some go there.
  #relieve(nowMs: number): void {
    let hasRoom = this.#lanes.size < this.#max
    for (const { load, death, idleSinceMs } of this.#lanes)
      if (load === 0 && death === null && idleSinceMs < nowMs) hasRoom = true
    for (const lane of this.#lanes) {
      const isCrowded = lane.isReady && lane.death === null && lane.waiting.length > 0
      if (isCrowded && lane.wasCrowded && hasRoom) {
        this.#sendAway(lane, lane.waiting.splice(lane.waiting.length >> 1))
        hasRoom = false
      }
      lane.wasCrowded = isCrowded
    }
  }

  // They are sent anew, with their states, to whoever is chosen then.
  #sendAway(lane: Lane, jobs: readonly Job[]): void {
    const actors = jobs.map(({ task }) => task.actor)
    this.#evict(lane, actors)
    for (const actor of actors) {
      const inHand = new Int32Array(new SharedArrayBuffer(8))
      const task = { kind: 'forget', actor, serial: 0, index: 0, inHand } as const
      this.#post(lane, { task, deadlineMs: GIVE_UP_MS, done: () => undefined })
    }
    for (const job of jobs) this.#answer(job, { kind: 'lost' })
  }

  #answer(job: Job, reply: Reply): void {
    this.#authorities.defer(() => {
      if (!this.#isClosed) job.done(reply)
    })
  }

  // Looking ----------------------------------------------------------------------------------------------------------

  #watch(): void {
    if (this.#isClosed) return
    this.#rest?.cancel()
    this.#rest = null
    this.#look ??= this.#authorities.timer(LOOK_EVERY_MS, () => {
      this.#lookAround()
    })
  }

  #lookAround(): void {
    this.#look = null
    if (this.#isClosed) return
    const nowMs = this.#authorities.monotonic()
    this.#watchedMs += Math.min(nowMs - this.#lookedMs, LOOK_COUNTS_MS)
    this.#lookedMs = nowMs
    let isBusy = false
    for (const lane of [...this.#lanes, ...this.#leaving.keys()]) if (this.#lookAt(lane, nowMs)) isBusy = true
    if (this.#max > this.#min) this.#relieve(nowMs)
    if (isBusy) this.#watch()
    else if (this.#lanes.size > this.#min) this.#lookAgainWhenIdle(nowMs)
  }

  // When the one that has had nothing to do for the longest time has had nothing to do for long enough.
  #lookAgainWhenIdle(nowMs: number): void {
    let longestMs = 0
    for (const { idleSinceMs } of this.#lanes) longestMs = Math.max(longestMs, nowMs - idleSinceMs)
    this.#rest?.cancel()
    this.#rest = this.#authorities.timer(Math.max(1, Math.ceil(this.#idleMs - longestMs)), () => {
      this.#rest = null
      this.#lookAround()
    })
  }

  #lookAt(lane: Lane, nowMs: number): boolean {
    if (lane.load === 0) {
      if (lane.idleSinceMs === 0) lane.idleSinceMs = nowMs
      if (nowMs - lane.idleSinceMs >= this.#idleMs && this.#lanes.size > this.#min) void this.#leave(lane)
      return false
    }
    lane.idleSinceMs = 0
    if (!lane.isReady) {
      if (nowMs - lane.hiredMs >= LOAD_MS) {
        lane.death = notLoaded()
        this.#crew.end(lane)
      }
      return true
    }
    const death = pastDeadline(lane, this.#watchedMs) ?? this.#guard.lookAt(lane)
    if (death !== undefined) {
      condemn(lane, death)
      this.#crew.end(lane)
    }
    return true
  }
}

function useless(lane: Lane): ReturnType<typeof storedError> {
  const { message } = lane.death!
  return storedError(
    new HoldfastError('HF_THREAD_UNLOADABLE', `Threads of this pool end before they are of use: ${message}`, {
      hint: 'Look at execArgv, heapMb and env of the pool.',
    }),
  )
}
