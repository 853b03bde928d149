import { tellOp, type TurnOp } from './turn-ops.js'
import type { LiveTurn } from './turn.js'

/** What a turn has done so far, to be written again at its end: it waits now, and others write meanwhile. */
export function keptOps(turn: LiveTurn): TurnOp[] {
  const { kernel } = turn
  const before = turn.ops ?? []
  for (const op of before) op.withdraw?.()
  // Births stand in the log before what the newborn are told; the other ops came after what is in the outbox.
  const ops = before.filter((op) => op.round <= 0)
  kernel.outbox.drain((to, entry, payload) => {
    turn.done('tell', to.path, entry.type)
    ops.push(tellOp(turn, kernel.addressOf(to), to, entry, entry.type, payload, undefined))
  })
  for (const op of before) if (op.round > 0) ops.push(op)
  return ops
}
