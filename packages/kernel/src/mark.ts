import type { Asker } from './asker.js'
import type { Cell } from './cell.js'
import type { Kernel } from './kernel.js'
import type { DeadReason, StoredError } from './records.js'
import type { LiveTurn } from './turn.js'

/**
 * Stands beside a message in the place of who asked, and has its say when the message is taken in hand: ticks, and what
 * comes out of the stash. A message without one costs nothing of this.
 */
export abstract class Mark implements Asker {
  /** Who asked, behind the mark. */
  readonly asker: Asker | null
  readonly isDurable: boolean

  constructor(asker: Asker | null = null) {
    this.asker = asker
    this.isDurable = asker?.isDurable === true
  }

  /** The message is in hand. @returns false when it is not to be handled: then it has become a dead letter */
  abstract take(kernel: Kernel, cell: Cell, turn: LiveTurn): boolean

  /** Which attempt the message will be on when it is taken, where its actor counts `attempt`. */
  attemptOf(attempt: number): number {
    return attempt
  }

  write(ok: boolean, value: unknown, error: StoredError | undefined): void {
    this.asker?.write(ok, value, error)
  }

  answer(value: unknown, position: number): void {
    this.asker?.answer(value, position)
  }

  fail(error: StoredError, position: number): void {
    this.asker?.fail(error, position)
  }
}

/** Marks a message that the runtime has sent and may yet take back: ticks and notices. Nobody waits for its answer. */
export abstract class Revocable extends Mark {
  abstract readonly staleReason: DeadReason
  /** Taken back: the message is dropped when its turn comes. */
  isStale = false

  /** Its message has left the mailbox, to be handled or to be dropped. */
  protected abstract taken(): void

  take(kernel: Kernel, cell: Cell, turn: LiveTurn): boolean {
    turn.asker = null
    this.taken()
    if (!this.isStale) return true
    const { entry, position, correlation } = turn
    // One that was to be tried again leaves no attempts to the message behind it.
    cell.attempt = 1
    kernel.bury(cell, entry.type, position, correlation, this.staleReason)
    return false
  }
}
