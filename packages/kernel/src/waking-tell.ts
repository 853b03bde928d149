// A message to a virtual actor that sleeps. Waking it is part of the turn that tells it: a turn that throws has woken
// nobody.

import { deliver } from './admission.js'
import { entryIn } from './address.js'
import { applyBirth, discardBirth, type Birth } from './birth.js'
import type { Cell } from './cell.js'
import type { Home } from './supervision/home.js'
import type { TurnActs } from './turn-acts.js'
import type { TurnOp } from './turn-ops.js'

/** Tells a virtual actor that sleeps, or that was woken before in this turn. */
export function wakingTellOp(
  turn: TurnActs,
  home: Home,
  key: string,
  path: string,
  type: string,
  payload: unknown,
  correlationName: string | undefined,
): TurnOp {
  const { kernel, cell } = turn
  const { log } = kernel
  const entry = entryIn(home.blueprint, path, type)
  const encoded = log.encode(payload)
  let target: Cell
  let birth: Birth | null = null
  let position = 0
  let correlation = turn.correlation
  return {
    round: 1,
    write: () => {
      if (correlationName !== undefined) correlation = log.correlationOf(correlationName)
      const extras = correlationName !== undefined && correlation === 0 ? { correlationName } : null
      const awake = home.awake(key)
      target = awake ?? home.cellOf(key)
      if (awake === undefined) birth = home.write(target, turn.correlation, turn.position)
      position = log.messageEncoded(
        target.id,
        entry.name,
        encoded,
        correlation,
        turn.position,
        cell.id,
        extras,
      )
      if (correlation === 0) correlation = position
      target.weight += log.weight
    },
    apply: () => {
      if (birth !== null) applyBirth(kernel, target, birth)
      deliver(kernel, target, entry, encoded.copy, cell, position, correlation, null)
    },
    discard: () => {
      if (birth !== null) discardBirth(kernel, target)
    },
  }
}
