import type { Asker } from './asker.js'
import type { Cell } from './cell.js'
import type { Kernel } from './kernel.js'
import type { Taker } from './mailbox.js'
import type { DeadReason } from './records.js'

/**
 * Marks messages in a mailbox that the runtime has sent and may yet take back: ticks and notices. It stands where an
 * asker would, because nobody waits for the answer of such a message.
 */
export abstract class Mark implements Asker {
  abstract readonly staleReason: DeadReason
  readonly isDurable = false
  /** Taken back: the message is dropped when its turn comes. */
  isStale = false

  /** Its message has left the mailbox, to be handled or to be dropped. */
  abstract taken(): void

  write(): void {
    // Nobody reads it.
  }

  answer(): void {
    // Nobody waits for it.
  }

  fail(): void {
    // The failure stands in the log.
  }
}

/** Takes a marked message out of the mailbox. @returns false when it was taken back: then it is a dead letter */
export function takeMarked(kernel: Kernel, cell: Cell, taker: Taker, mark: Mark): boolean {
  taker.asker = null
  mark.taken()
  if (!mark.isStale) return true
  const { entry, position, correlation } = taker
  // One that was to be tried again leaves no attempts to the message behind it.
  cell.attempt = 1
  kernel.bury(cell, entry.type, position, correlation, mark.staleReason)
  return false
}
