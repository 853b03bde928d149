// Checkpointer
// ============
// Writes down the whole system now and then, so that a recovery reads the end of the log and not all of it. It follows
// the log from the last checkpoint on, in short steps between which everybody else has the thread: what it writes is the
// fold of the log, and not a picture of the cells, which may be ahead of the disk.
//
//   resting --so much was logged--> snapshots of who has moved --> follows the log, batch by batch --> packs --> saved
//      ^--------- gives up the beginning of the log, where nobody wants it any more: `retaining.ts` <-------------/
//
// Invariants
//   P1  A checkpoint is the image of the log up to a position that is on stable storage.
//   P2  Nothing that anybody can see depends on when one is made, or on whether one is.
//   P3  A step is as short as a slice of the dispatcher. While there is work, it waits, until too much has piled up.

import { HoldfastError } from '../errors.js'
import type { SystemImage } from '../image.js'
import type { Kernel } from '../kernel.js'
import {
  CHECKPOINT_EVERY_RECORDS,
  CHECKPOINT_EVERY_RECORDS_BUSY,
  CHECKPOINT_RECORDS_BESIDE,
  CHECKPOINT_RECORDS_LAST,
  CHECKPOINT_STEP_MS,
} from '../limits.js'
import type { LogRecord } from '../records.js'
import { beginImageInSteps } from './begin-image.js'
import type { Retaining } from './retaining.js'
import { snapshotsOfMoved } from './snapshots.js'
import { IMAGE_VERSION, storedImage } from './stored-image.js'

/** Makes the checkpoints of one system, and has the beginning of its log given up. */
export class Checkpointer {
  readonly #kernel: Kernel
  readonly #every: number
  readonly #retaining: Retaining | null
  /** Where the last one stands, or was given up. */
  #last: number
  #steps: Iterator<void> | null = null
  /** Where the log ended when the next step was set. */
  #next = 0

  /** @param last position of the checkpoint from which the system was brought back, or 0 */
  constructor(kernel: Kernel, every: number, last: number, retaining: Retaining | null = null) {
    this.#kernel = kernel
    this.#every = every
    this.#last = last
    this.#retaining = retaining
  }

  /** More is on stable storage, or time has passed: begins the next one, when it is due. */
  look(): void {
    const { log, isHalting } = this.#kernel
    if (this.#steps !== null || isHalting) return
    if (log.durable - this.#last > this.#every) this.#steps = this.#checkpointOfRunning()
    else if (this.#retaining?.isDue === true)
      this.#steps = this.#contained(
        this.#retaining.steps(),
        'The beginning of the log could not be given up.',
      )
    else return
    this.#later()
  }

  /** Whether a system that ends should make one: the next start would read much more, and it is little work. */
  get isDueAtEnd(): boolean {
    const behind = this.#kernel.log.next - this.#last
    const isMuch = behind > Math.min(CHECKPOINT_RECORDS_LAST, this.#every / 2)
    const isLittle = behind < 2 * Math.min(CHECKPOINT_EVERY_RECORDS, this.#every)
    return isMuch && (isLittle || behind < CHECKPOINT_RECORDS_LAST)
  }

  /** Makes one at once: the system ends, and everything is on stable storage. */
  end(): void {
    const steps = this.#checkpoint(this.#kernel.log.durable - 1)
    while (steps.next().done !== true);
  }

  #later(): void {
    const { authorities, log } = this.#kernel
    const { next } = log
    // Where nothing happens, nobody is held up.
    const isAtRest = next === this.#next
    this.#next = next
    authorities.timer(isAtRest ? 1 : CHECKPOINT_STEP_MS, () => {
      this.#step()
    })
  }

  #step(): void {
    const { log, isHalting } = this.#kernel
    if (isHalting || this.#steps === null) return
    const mayWait = log.durable - this.#last < CHECKPOINT_EVERY_RECORDS_BUSY
    if (mayWait && this.#isBusy()) {
      this.#later()
      return
    }
    if (this.#steps.next().done === true) this.#steps = null
    else this.#later()
    this.look()
  }

  // A queue that is empty just now says little: what was written since the last step does.
  #isBusy(): boolean {
    const { log, dispatcher } = this.#kernel
    return dispatcher.size > 0 || log.pressed || log.next - this.#next > CHECKPOINT_RECORDS_BESIDE
  }

  *#checkpointOfRunning(): Generator<void> {
    const upTo = this.#kernel.log.durable - 1
    yield* snapshotsOfMoved(this.#kernel)
    yield* this.#checkpoint(upTo)
    if (this.#retaining !== null) this.#retaining.isDue = true
  }

  *#checkpoint(upTo: number): Generator<void> {
    yield* this.#contained(this.#steppedTo(upTo), 'No checkpoint could be made.')
    this.#last = upTo
  }

  *#steppedTo(upTo: number): Generator<void> {
    const { log } = this.#kernel
    const image = yield* beginImageInSteps(log, {}, upTo)
    const add = (record: LogRecord): void => {
      image.add(record)
    }
    for (const batch of log.readBatches(undefined, image.lastPosition + 1)) {
      if (image.lastPosition >= upTo) break
      batch.forEach(add)
      yield
    }
    if (image.lastPosition === upTo) yield* saved(this.#kernel, image)
  }

  // What is damaged is found at the next start, which reads the log from the checkpoint before.
  *#contained(steps: Generator<void>, warning: string): Generator<void> {
    try {
      yield* steps
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      this.#kernel.warn('', warning, error)
    }
  }
}

/** Saves an image as a checkpoint; the caller says when it goes on. */
export function* saved({ log }: Pick<Kernel, 'log'>, image: SystemImage): Generator<void> {
  const parts: Uint8Array[] = []
  for (const part of storedImage(image)) {
    parts.push(log.pack(part))
    yield
  }
  log.saveCheckpoint(image.lastPosition, IMAGE_VERSION, parts)
}
