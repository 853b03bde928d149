// Ask circle
// ==========
// A question whose answer would wait for itself: everybody on the way waits for the answer of the next one, and the last
// one for the turn that asks. It fails at once, and nobody is asked.
//
//   /a --asks--> /b --asks--> /c --asks--> /a        HF_ASK_CYCLE: /a -> /b -> /c -> /a
//
// Invariants
//   A1  A question is refused only when nothing that any turn on the way waits for can come before it: an effect, or an
//       answer of somebody who is not part of it, gives hope. What a handler waits for besides ctx is not seen.
//   A2  It is looked for when the handlers stand still, because one that asks may go on to do something else; and again
//       when hope has come true, or its turn has ended with the help of something that is not seen.
//   A3  The refusal is a record of the turn that asked, and the question becomes a dead letter: both or neither.

import { ActorAsk } from './actor-ask.js'
import { failAsk } from './asking.js'
import type { Asker } from './asker.js'
import { easePressure, unblockForAnswer } from './backpressure.js'
import type { Cell } from './cell.js'
import { BLOCKED, STOPPING, WAITING } from './gate.js'
import { Mark } from './mark.js'
import type { StoredError } from './records.js'
import { LiveTurn } from './turn.js'
import { wayTo } from './waits-for.js'

/** Looks whether a question closes a circle. It can only when the one who is asked waits already. */
export function lookForCircle(turn: LiveTurn, index: number, asked: Cell): void {
  if (asked !== turn.cell && (asked.gate & (WAITING | BLOCKED)) === 0) return
  turn.kernel.authorities.defer(() => {
    look(turn, index, asked)
  })
}

/** Looks again for the circles that hoped for this turn. */
export function lookAgain(turn: LiveTurn): void {
  const looks = turn.lookAgain ?? []
  turn.lookAgain = null
  for (const each of looks) each()
}

function look(turn: LiveTurn, index: number, asked: Cell): void {
  if (!turn.isOpen || !turn.isWaitingFor(index)) return
  unblockForAnswer(turn.kernel, asked, turn.cell)
  const way = wayTo(asked, turn.cell)
  if (way === null) return
  const hope = hopeOf(turn)
  if (hope === null) refuse(turn, index, asked, way)
  else
    (hope.lookAgain ??= []).push(() => {
      lookForCircle(turn, index, asked)
    })
}

/** A turn that may yet get something, of all for which this one waits. */
function hopeOf(turn: LiveTurn): LiveTurn | null {
  const turns = new Set([turn])
  for (const each of turns) {
    const asked = each.onlyAsked
    if (asked === null) return each
    for (const cell of asked) {
      const next = cell.turn
      const isWaiting = (cell.gate & (WAITING | STOPPING)) === WAITING && next?.isOpen === true
      if (!isWaiting) return each
      turns.add(next)
    }
  }
  return null
}

function refuse(turn: LiveTurn, index: number, asked: Cell, way: readonly Cell[]): void {
  const { cell, kernel } = turn
  const circle = [cell, ...way].map(({ path }) => path).join(' -> ')
  const message = `${cell.path} cannot ask ${asked.path} now, because the answer would wait for itself: ${circle}.`
  const error: StoredError = { name: 'HoldfastError', code: 'HF_ASK_CYCLE', message, detail: circle }
  kernel.log.mark()
  withdraw(turn, index, asked)
  failAsk(turn, index, error)
  kernel.log.keep()
}

// The question is still in the mailbox, since the one who was asked takes no message.
function withdraw(turn: LiveTurn, index: number, asked: Cell): void {
  const { kernel } = turn
  const taker = new LiveTurn(kernel, asked)
  const isQuestion = (asker: Asker | null): boolean => {
    const behind = asker instanceof Mark ? asker.asker : asker
    return behind instanceof ActorAsk && behind.isOf(turn, index)
  }
  if (asked.mailbox?.withdrawInto(taker, isQuestion) !== true) return
  kernel.bury(asked, taker.entry.type, taker.position, taker.correlation, 'ask-cycle')
  const pressure = asked.rare?.pressure ?? null
  if (pressure !== null) easePressure(kernel, asked, pressure)
}
