// A message to a virtual actor that slept when the turn told it.

import { deliver } from './admission.js'
import { entryIn } from './address.js'
import type { Cell } from './cell.js'
import type { TellOptions } from './context.js'
import { subjectSaid } from './subjects/said.js'
import type { Home } from './supervision/home.js'
import type { TurnActs } from './turn-acts.js'
import type { TurnOp } from './turn-ops.js'
import { Waking } from './waking.js'

/** Tells a virtual actor that sleeps, or that was woken before in this turn. */
export function wakingTellOp(
  turn: TurnActs,
  home: Home,
  path: string,
  type: string,
  payload: unknown,
  options: TellOptions | undefined,
): TurnOp {
  const { kernel, cell } = turn
  const correlationName = options?.correlation
  const said = subjectSaid(kernel, options?.subject)
  const { log } = kernel
  const entry = entryIn(home.blueprint, path, type)
  const encoded = log.encode(payload)
  const waking = new Waking(turn, path)
  let target: Cell | null = null
  let position = 0
  let correlation = turn.correlation
  return {
    round: 1,
    write: () => {
      if (correlationName !== undefined) correlation = log.correlationOf(correlationName)
      const extras = correlationName !== undefined && correlation === 0 ? { correlationName, ...said } : said
      target = waking.write()
      // Its home has ended while the turn waited.
      if (target === null) {
        const data = { message: 0, reason: 'no-actor', to: path, type }
        log.record('dead', 0, turn.correlation, turn.position, data)
        return
      }
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
      waking.apply()
      if (target === null) kernel.nobody(path, type)
      else deliver(kernel, target, entry, encoded.copy, cell, position, correlation, null)
    },
    discard: () => {
      waking.discard()
    },
    withdraw: () => {
      waking.discard()
    },
  }
}
