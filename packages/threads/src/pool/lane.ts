import type { HoldfastError } from '@holdfast/kernel'
import type { Reply, Task } from '../wire/tasks.js'

/** A task that is with a thread. */
export interface Flight {
  readonly task: Task
  /** How long one message of it may be in hand, in milliseconds. */
  readonly deadlineMs: number
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
  /** The message that it had in hand, from 0; -1: it had nothing in hand. */
  readonly at: number
  readonly error: HoldfastError
}

/** One thread of a pool, as the main thread knows it. */
export class Lane {
  /** The id of the thread. */
  readonly id: number
  readonly flights = new Set<Flight>()
  readonly waiting: Job[] = []
  /** Actors whose states are there. */
  readonly actors = new Set<number>()
  /** Errands that are under way. */
  errands = 0
  /** Why it is being ended, or has ended. */
  death: HoldfastError | null = null
  /** Who had the thread when it ended. */
  culprits: ReadonlySet<number> = new Set()
  /** Since when there is something to do and nothing in hand; 0 when that is not so. */
  stuckSinceMs = 0

  constructor(id: number) {
    this.id = id
  }

  /** What it has to do, for choosing. */
  get load(): number {
    return this.flights.size + this.waiting.length
  }
}
