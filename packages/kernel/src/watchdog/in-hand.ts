// What the thread of a system has in hand, as far as the kernel knows: the turn whose handler is on the stack, or the one
// that was just given a result or has begun an effect. What a handler waits for besides, such as a promise of its own, goes on
// without anybody knowing whose it was.

import type { Kernel } from '../kernel.js'
import type { LiveTurn } from '../turn.js'
import { HAND_ACTOR, HAND_POSITION, type Hand, type InHand } from './watchdog.js'

/** Notes a turn that goes on outside of the dispatcher's rounds, until the step of the event loop is over. */
export function reach(kernel: Kernel, hand: Hand, turn: LiveTurn): void {
  kernel.reached = turn
  hand[HAND_ACTOR] = turn.cell.id
  hand[HAND_POSITION] = turn.position
  kernel.authorities.defer(() => {
    if (kernel.reached === turn) letGo(kernel, hand)
  })
}

/** Nothing is in hand. */
export function letGo(kernel: Kernel, hand: Hand): void {
  kernel.reached = null
  hand[HAND_ACTOR] = 0
  hand[HAND_POSITION] = 0
}

/** Whose code runs now. */
export function inHandOf(kernel: Kernel): InHand | null {
  const turn = kernel.turn ?? kernel.reached
  if (turn?.isOpen !== true) return null
  const { cell, entry, position, correlation, attempt } = turn
  return { actor: cell.path, actorId: cell.id, type: entry.type, position, correlation, attempt }
}
