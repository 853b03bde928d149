// Tidying
// =======
// Has a store put its old batches where they belong, and cut its log, beside everything else: in small steps, between which
// the event loop has its turn, and never while a commit is under way.
//
// Invariants
//   T1  One piece of work is under way at a time. It goes on only while the store is well, and ends when the log is closed.
//   T2  What fails here has taken nothing from anybody: it is tried again after a pause, and says why meanwhile.

import { HoldfastError, type Authorities } from '@holdfast/kernel'
import type { Commits } from './commits.js'
import { FlushDeadline } from './flush-deadline.js'
import { TIDY_PAUSE_MS } from './limits.js'
import { storeFailure } from './store-failure.js'
import type { BatchStore, Steps } from './store.js'

/** The work beside the commits of one journal. */
export class Tidying {
  readonly #store: BatchStore
  readonly #commits: Commits
  readonly #authorities: Authorities
  readonly #steps: Steps
  readonly #deadline: FlushDeadline
  #work: Promise<unknown> | null = null
  #failure: HoldfastError | null = null
  #restUntilMs = -Infinity
  #isStopped = false
  #isBusy = false
  /** How many wait for the work that is under way. */
  #waiting = 0
  /** Ends whoever takes a breath. */
  #wake: () => void = () => undefined

  constructor(store: BatchStore, commits: Commits, authorities: Authorities, deadlineMs: number) {
    this.#store = store
    this.#commits = commits
    this.#authorities = authorities
    this.#deadline = new FlushDeadline(authorities, deadlineMs)
    this.#steps = { alone: (step) => commits.aside(step), breathe: () => this.#breathe() }
  }

  /** Why the last work came to nothing; `null` when it did not. */
  get failure(): HoldfastError | null {
    return this.#failure
  }

  /** Something was stored: does what there is to do, if anything. What can wait waits while more is to be stored. */
  nudge(isBusy: boolean): void {
    this.#isBusy = isBusy
    if (!this.#store.isUntidy(isBusy) || this.#work !== null || this.#isStopped) return
    if (this.#authorities.monotonic() < this.#restUntilMs) return
    this.#begin(this.#tidy()).catch((error: unknown) => {
      if (this.#isStopped) return
      this.#failure = storeFailure(error)
      this.#restUntilMs = this.#authorities.monotonic() + TIDY_PAUSE_MS
    })
  }

  /** Cuts the log below a position, when what is under way has ended. @returns the floor that it has now */
  async cut(position: number): Promise<number> {
    if (this.#store.epoch === 0) throw onlyRead()
    this.#waiting++
    try {
      while (this.#work !== null) await this.#work.catch(() => undefined)
    } finally {
      this.#waiting--
    }
    return this.#begin(this.#store.dropBelow(position, this.#steps)).catch((error: unknown) => {
      throw storeFailure(error)
    })
  }

  /** Ends what is under way. Resolves when it has ended, or when the store has had its time for it. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#wake()
    const ended = Promise.resolve(this.#work).then(
      () => undefined,
      () => undefined,
    )
    await this.#deadline.hold(ended).catch(() => undefined)
  }

  async #tidy(): Promise<void> {
    while (this.#waiting === 0 && this.#store.isUntidy(this.#isBusy) && (await this.#store.tidy(this.#steps)))
      await this.#breathe()
    this.#failure = null
  }

  #begin<T>(work: Promise<T>): Promise<T> {
    const ended = work.finally(() => {
      if (this.#work === ended) this.#work = null
    })
    this.#work = ended
    return ended
  }

  // T1
  async #breathe(): Promise<void> {
    if (!this.#isStopped)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        this.#authorities.defer(resolve)
      })
    if (this.#isStopped) throw closed()
    if (this.#commits.failure !== null) throw this.#commits.failure
  }
}

function onlyRead(): HoldfastError {
  return new HoldfastError('HF_STORE_UNWRITABLE', 'The log is open for reading only, and cannot be cut.', {
    field: 'data',
    hint: 'Cut it in the process that writes it.',
  })
}

function closed(): HoldfastError {
  return new HoldfastError('HF_STORE_FAILED', 'The log was closed before its beginning was cut.', {
    hint: 'Cut it again when it is open.',
  })
}
