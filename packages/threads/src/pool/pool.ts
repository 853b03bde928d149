import type { PoolStats } from '@holdfast/kernel'
import type { Job } from './lane.js'

/** Where errands are run: threads, or what stands for them. */
export interface Pool {
  /** Has whoever has the state of an actor do something. `done` of the job is called in a step of its own. */
  submit(job: Job): void
  /** Whether somebody has the state of an actor. */
  houses(actor: number): boolean
  /** The state of an actor is of no use any more. */
  forget(job: Job): void
  /** Replaces the threads that there are, one by one, each when what it has in hand is done. */
  renew(): Promise<void>
  /** Ends a thread at once. Its actors go on in others, and nobody is charged. @returns whether there was one */
  end(thread: number): boolean
  /** What there is to know of its threads. */
  stats(): Omit<PoolStats, 'name'>
  /** Ends everything. Nothing is answered after that. */
  close(): Promise<void>
}
