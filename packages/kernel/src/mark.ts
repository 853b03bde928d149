import type { Asker } from './asker.js'
import type { Cell } from './cell.js'
import type { Kernel } from './kernel.js'
import type { StoredError } from './records.js'
import type { LiveTurn } from './turn.js'

/**
 * Stands beside a message in the place of who asked, and has its say when the message is taken in hand: ticks, and what
 * comes out of the stash. A message without one costs nothing of this.
 */
export abstract class Mark implements Asker {
  /** Who asked, behind the mark. */
  readonly asker: Asker | null
  readonly isDurable: boolean

  constructor(asker: Asker | null) {
    this.asker = asker
    this.isDurable = asker?.isDurable === true
  }

  /** The message is in hand. @returns false when it is not to be handled: then it has become a dead letter */
  abstract take(kernel: Kernel, cell: Cell, turn: LiveTurn): boolean

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
