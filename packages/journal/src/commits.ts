// Commits
// =======
// Takes what the journal has sealed to the store, one commit after the other, and decides what of it is to be believed.
//
//   idle --push--> committing --stored--> idle
//                      |
//                      | failed, or too late
//                      v
//                   failed --its call has ended, a pause--> reopening --checked, and committed--> idle
//
// Invariants
//   K1  One commit is under way at a time, and nothing is asked of the store while a call that was too late goes on.
//   K2  A commit that failed is never believed, and one that came too late neither: the store is opened anew, and what
//       it holds is held against what was handed to it before anything goes on.
//   K3  Closing ends, also when the store never answers again.

import type { Authorities, HoldfastError, Timer } from '@holdfast/kernel'
import { FlushDeadline } from './flush-deadline.js'
import { REOPEN_MAX_MS, REOPEN_MIN_MS } from './limits.js'
import type { SealedBatch } from './open-batch.js'
import { storeFailure } from './store-failure.js'
import type { BatchStore, Commit } from './store.js'

/** A commit with the sealed batches that it is made of. */
export interface Taken {
  readonly batches: readonly SealedBatch[]
  readonly commit: Commit
}

/** Whoever has something to commit. */
export interface CommitSource {
  /** Whether anything waits. */
  isWaiting(): boolean
  /** Seals what is still being written to. */
  seal(): void
  /** The next commit, of what is sealed and of the snapshots that stand on it; with neither when nothing waits. */
  take(): Taken
  /** The store was opened anew: forgets what it turned out to hold. @throws when it holds something else */
  check(): void
  stored(taken: Taken): void
  /** A failure began. */
  failed(): void
}

/** The commits of one journal. */
export class Commits {
  readonly #store: BatchStore
  readonly #source: CommitSource
  readonly #authorities: Authorities
  readonly #deadline: FlushDeadline
  #failure: HoldfastError | null = null
  #isBusy = false
  #isClosed = false
  #pauseMs = REOPEN_MIN_MS
  #retry: Timer | null = null
  #reopening: Promise<void> | null = null
  #closing: Promise<void> | null = null
  readonly #settled: (() => void)[] = []
  /** How many wait to be alone with the store; they come before the next commit. */
  #waiting = 0

  constructor(store: BatchStore, source: CommitSource, authorities: Authorities, deadlineMs: number) {
    this.#store = store
    this.#source = source
    this.#authorities = authorities
    this.#deadline = new FlushDeadline(authorities, deadlineMs)
  }

  /** Why nothing is taken now. */
  get failure(): HoldfastError | null {
    return this.#failure
  }

  /** Whether a push would do anything. */
  get isReady(): boolean {
    return !this.#isBusy && this.#failure === null && !this.#isClosed
  }

  /** Begins the next commit, if none is under way. */
  push(): void {
    if (!this.isReady || this.#waiting > 0) return
    this.#source.seal()
    const taken = this.#source.take()
    if (isNothing(taken)) return
    this.#isBusy = true
    this.#deadline.hold(this.#store.commit(taken.commit)).then(
      () => {
        this.#isBusy = false
        this.#stored(taken)
      },
      (error: unknown) => {
        this.#isBusy = false
        this.#fail(error)
      },
    )
  }

  /** Does something else with the store, when no commit is under way. @throws the failure of the store, if there is one */
  async alone(step: () => Promise<void>): Promise<void> {
    // Under load the next commit begins in the same step in which the last one ends: it waits.
    this.#waiting++
    while (this.#isBusy && this.#failure === null) await this.#nextSettled()
    this.#waiting--
    if (this.#failure !== null) throw this.#failure
    this.#isBusy = true
    try {
      await step()
    } finally {
      this.#isBusy = false
      this.push()
      this.#settle()
    }
  }

  /** The same for a step like a commit: it has the time of one, and when it fails the store has. */
  aside(step: () => Promise<void>): Promise<void> {
    return this.alone(async () => {
      try {
        await this.#deadline.hold(step())
      } catch (error) {
        this.#fail(error)
        throw error
      }
    })
  }

  /** Commits what waits and closes the store. @throws the failure by which something was lost */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    await this.#reopening
    while (this.#failure === null && (this.#isBusy || this.#source.isWaiting())) {
      this.push()
      await this.#nextSettled()
    }
    this.#isClosed = true
    this.#retry?.cancel()
    const closed = this.#store.close()
    // K3: behind a call that does not end, this one does not end either.
    if (this.#deadline.hanging === null) await this.#deadline.hold(closed)
    else closed.catch(() => undefined)
    if (this.#failure !== null && this.#source.isWaiting()) throw this.#failure
  }

  #nextSettled(): Promise<void> {
    return new Promise((resolve) => this.#settled.push(resolve))
  }

  #stored(taken: Taken): void {
    this.#source.stored(taken)
    this.#settle()
  }

  #settle(): void {
    for (const step of this.#settled.splice(0)) step()
  }

  #fail(error: unknown): void {
    this.#failure = storeFailure(error)
    this.#source.failed()
    const pauseMs = this.#pauseMs
    this.#pauseMs = Math.min(REOPEN_MAX_MS, pauseMs * 2)
    const { hanging } = this.#deadline
    if (hanging === null) this.#reopenIn(pauseMs)
    else
      void hanging.then(() => {
        this.#reopenIn(pauseMs)
      })
    this.#settle()
  }

  #reopenIn(pauseMs: number): void {
    if (this.#isClosed) return
    this.#retry = this.#authorities.timer(pauseMs, () => {
      this.#reopening = this.#reopen()
    })
  }

  // K2: the outcome of a failed commit is unknown, so the store is opened anew and asked what it holds.
  async #reopen(): Promise<void> {
    let taken: Taken
    try {
      await this.#deadline.hold(this.#store.reopen())
      this.#source.check()
      taken = this.#source.take()
      if (!isNothing(taken)) await this.#deadline.hold(this.#store.commit(taken.commit))
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#failure = null
    this.#pauseMs = REOPEN_MIN_MS
    this.#stored(taken)
  }
}

function isNothing({ batches, commit }: Taken): boolean {
  return batches.length === 0 && commit.snapshots.length === 0
}
