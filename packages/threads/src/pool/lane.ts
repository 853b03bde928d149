import type { HoldfastError } from '@holdfast/kernel'
import type { Piscina } from 'piscina'
import { newThreadMemory } from '../wire/memory.js'
import type { Reply, Task } from '../wire/tasks.js'

type Worker = Piscina['threads'][number]

/** A task that is with a thread. */
export interface Flight {
  readonly task: Task
  /** How long one message of it may be in hand, in milliseconds: less when its turn was given up. */
  deadlineMs: number
  /** What it had in hand when it was last looked at, and since when. */
  seen: number
  sinceMs: number
}

/** What is to be sent to a thread when it has room. */
export interface Job {
  readonly task: Task
  readonly deadlineMs: number
  readonly done: (reply: Reply | Death) => void
}

/** The thread of a task has ended before it had answered. */
export interface Death {
  readonly kind: 'death'
  /** The message that it had in hand, from 0; -1: it is not the one at fault, and whatever it did is void. */
  readonly at: number
  readonly error: HoldfastError
}

/** One thread of a pool, as the main thread knows it. */
export class Lane {
  /** The id of the thread. One that has ended does not know it any more. */
  readonly id: number
  readonly worker: Worker
  readonly memory = newThreadMemory()
  readonly flights = new Set<Flight>()
  readonly waiting: Job[] = []
  /** Actors whose states are there. */
  readonly actors = new Set<number>()
  /** Errands that are under way. */
  errands = 0
  readonly hiredMs: number
  /** It takes tasks. */
  isReady = false
  /** It has loaded what others before it needed. */
  isWarm = false
  /** It gets nothing new, and ends when what it has is done. */
  isLeaving = false
  /** It was told to end. */
  isEnding = false
  hasEnded = false
  /** Why it is being ended, or has ended. */
  death: HoldfastError | null = null
  /** Whom that is put down to. */
  culprits: ReadonlySet<number> = new Set()
  /** Those of them who have heard so from one of their tasks. */
  readonly heard = new Set<number>()
  /** What was thrown in there and caught by nobody. */
  thrown: { readonly error: unknown } | null = null
  /** Since when there is something to do, nothing in hand and nothing that comes back; 0 when that is not so. */
  stuckSinceMs = 0
  /** It was loading something when it was last looked at. */
  wasLoading = false
  /** Since when it has nothing to do; 0 when that is not so. */
  idleSinceMs = 0
  /** Something waited for it when it was last looked at. */
  wasCrowded = false
  /** How often in a row it was seen to have more bytes than it may. */
  timesTooLarge = 0
  /** What it has done, in messages and in milliseconds. */
  messages = 0
  busyMs = 0

  constructor(worker: Worker, hiredMs: number) {
    this.worker = worker
    this.hiredMs = hiredMs
    this.id = worker.threadId
  }

  /** A task has come back, or never will. */
  land(flight: Flight): void {
    this.flights.delete(flight)
    this.stuckSinceMs = 0
  }

  /** What it has to do, for choosing. */
  get load(): number {
    return this.flights.size + this.waiting.length
  }
}
