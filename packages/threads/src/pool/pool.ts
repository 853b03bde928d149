import type { Job } from './lane.js'

/** Where errands are run: threads, or what stands for them. */
export interface Pool {
  /** Has whoever has the state of an actor do something. `done` of the job is called in a step of its own. */
  submit(job: Job): void
  /** Whether somebody has the state of an actor. */
  houses(actor: number): boolean
  /** The state of an actor is of no use any more. */
  forget(job: Job): void
  /** Ends everything. Nothing is answered after that. */
  close(): Promise<void>
}
