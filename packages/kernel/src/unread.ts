// A message that the running code cannot read: its type is gone, or its payload is of a version that the code does not
// know. It keeps its place in the mailbox of an actor that is held, so that other code finds it there, and the bound of
// the mailbox holds. Where it comes to be handled after all, it is a dead letter.

import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import { HoldfastError } from './errors.js'
import type { Kernel } from './kernel.js'
import { Mark } from './mark.js'
import { storedError } from './records.js'
import type { LiveTurn } from './turn.js'

/** Stands beside a message that cannot be read. */
export class Unread extends Mark {
  take(kernel: Kernel, cell: Cell, turn: LiveTurn): boolean {
    const { entry, position, correlation } = turn
    turn.asker = null
    cell.attempt = 1
    kernel.bury(cell, entry.type, position, correlation, 'unknown-type')
    const unknown = new HoldfastError(
      'HF_UNKNOWN_MESSAGE',
      `${cell.path} has no handler for "${entry.type}".`,
    )
    if (this.isDurable) this.write(false, undefined, storedError(unknown))
    this.fail(storedError(unknown), kernel.log.next)
    return false
  }
}

/** Stands for the handler that a message has lost. */
export function unreadEntry(type: string, version: number): HandlerEntry {
  const name = { type, version, batch: -1, slot: 0 }
  const run = (): void => undefined
  return {
    type,
    run,
    written: run,
    isAsync: false,
    isHook: false,
    isPlain: false,
    isUrgent: false,
    schema: undefined,
    name,
  }
}
