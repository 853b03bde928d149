// Turn operations
// ===============
// What a turn does beside changing its state, one small object each. `write` puts it into the log, at once or when the
// turn ends; `apply` makes it happen once the turn stands; `discard` undoes what could be seen before. They are applied
// in rounds: watches first, then births and notes, then what was told, then stops, so that a child that fails at its
// birth is missed, one that lives hears its first messages, and a stop comes after what was told before it.

import { deliver } from './admission.js'
import type { Address } from './address.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import type { ScheduleOptions, TellOptions } from './context.js'
import { HoldfastError, refuse } from './errors.js'
import { IDLE } from './idle.js'
import { CORRELATION_LENGTH_MAX, TIMERS_PER_ACTOR, TIMER_MS_MAX } from './limits.js'
import type { Encoded } from './log.js'
import type { StopMode } from './records.js'
import { checkOpenName } from './redaction/redaction.js'
import { halt } from './stopping.js'
import { subjectSaid } from './subjects/said.js'
import { cancelTimer, setTimer } from './timers.js'
import type { TurnActs } from './turn-acts.js'
import { wakingTellOp } from './waking-tell.js'

/** When it is applied: watches, births and notes, tells, stops. */
export type Round = -1 | 0 | 1 | 2

/** One thing that a turn does. */
export interface TurnOp {
  readonly round: Round
  write(): void
  apply(): void
  discard?(): void
  /** What it wrote is taken back and is written again when the turn ends: until then nobody may see anything of it. */
  withdraw?(): void
}

/** A message that waits for the end of its turn, or starts a correlation, or reaches nobody. */
export function tellOp(
  turn: TurnActs,
  address: Address,
  target: Cell | null,
  entry: HandlerEntry | null,
  type: string,
  payload: unknown,
  options: TellOptions | undefined,
): TurnOp {
  const { kernel, cell } = turn
  const correlationName = options?.correlation
  if (correlationName !== undefined) checkCorrelation(correlationName)
  const asleep = target === null ? kernel.homeAt(address.path) : null
  if (asleep !== null) return wakingTellOp(turn, asleep.home, address.path, type, payload, options)
  const said = subjectSaid(kernel, options?.subject)
  const isLogged = cell.durable || target?.durable === true
  const encoded: Encoded | null = isLogged ? kernel.log.encode(payload) : null
  let position = 0
  let correlation = turn.correlation
  return {
    round: 1,
    write: () => {
      if (encoded === null) return
      if (target === null || entry === null) {
        kernel.log.record('dead', 0, turn.correlation, turn.position, {
          message: 0,
          reason: 'no-actor',
          to: address.path,
          type,
        })
        return
      }
      if (correlationName !== undefined) correlation = kernel.log.correlationOf(correlationName)
      const extras = correlationName !== undefined && correlation === 0 ? { correlationName, ...said } : said
      position = kernel.log.messageEncoded(
        target.id,
        entry.name,
        encoded,
        correlation,
        turn.position,
        cell.id,
        extras,
      )
      if (correlation === 0) correlation = position
      target.weight += kernel.log.weight
    },
    apply: () => {
      if (target === null || entry === null) kernel.nobody(address.path, type)
      else
        deliver(
          kernel,
          target,
          entry,
          encoded === null ? payload : encoded.copy,
          cell,
          position,
          correlation,
          null,
        )
    },
  }
}

/** Refuses a correlation name that cannot be kept. */
export function checkCorrelation(name: unknown): asserts name is string {
  const isText = typeof name === 'string' && name.length > 0 && name.length <= CORRELATION_LENGTH_MAX
  // Half of a surrogate pair has no stored form of its own: two names would become one.
  if (!isText || /\p{Surrogate}/u.test(name)) {
    refuse('correlation', name, `a well-formed text of 1 to ${CORRELATION_LENGTH_MAX} characters`)
  }
}

/** A stop of a child or of the actor itself. */
export function stopOp(turn: TurnActs, address: Address, how: StopMode): TurnOp {
  const { kernel, cell } = turn
  if (!['stop', 'drain', 'kill'].includes(how))
    refuse('stop.how', how, '"stop", "drain" or "kill"', cell.path)
  const target = address.resolve()
  if (target !== null && target !== cell && target.parent !== cell) {
    throw new HoldfastError(
      'HF_INVALID',
      `${cell.path} cannot stop ${address.path}, which is not its child.`,
      {
        actor: cell.path,
        field: 'stop.ref',
        hint: 'An actor stops itself or its children; ask the other one to stop itself.',
      },
    )
  }
  return {
    round: 2,
    write: () => {
      if (cell.durable)
        kernel.log.record('halting', cell.id, turn.correlation, turn.position, {
          child: target?.id ?? 0,
          ...(how === 'stop' ? {} : { how }),
          ...(target === null ? { path: address.path } : {}),
        })
    },
    apply: () => {
      if (target !== null) halt(kernel, target, how)
    },
  }
}

/** The end of an actor whose start hook says that there is nothing to do. */
export function ignoreOp(turn: TurnActs): TurnOp {
  const { kernel, cell } = turn
  return {
    round: 2,
    write: () => {
      if (cell.durable)
        kernel.log.record('halting', cell.id, turn.correlation, turn.position, {
          child: cell.id,
          how: 'ignore',
        })
    },
    apply: () => {
      halt(kernel, cell, 'ignore')
    },
  }
}

/** A child that says that it is well: its pauses begin anew. */
export function wellOp({ kernel, cell }: TurnActs): TurnOp {
  return {
    round: 0,
    write: () => undefined,
    apply: () => {
      kernel.supervisionAbove(cell).onWell(cell)
    },
  }
}

/** A timer that is set when the turn ends. */
export function scheduleOp(
  turn: TurnActs,
  entry: HandlerEntry,
  payload: unknown,
  options: ScheduleOptions,
): TurnOp {
  const { kernel, cell } = turn
  const { afterMs, everyMs = 0, key = entry.type } = options
  checkOpenName(kernel.log, 'schedule.key', key, cell)
  if (key === IDLE) refuse('schedule.key', key, 'another one: this is the key of idle ticks', cell.path)
  if (!(afterMs >= 0 && afterMs <= TIMER_MS_MAX))
    refuse('schedule.afterMs', afterMs, `0 to ${TIMER_MS_MAX} milliseconds`, cell.path)
  if (!(everyMs >= 0 && everyMs <= TIMER_MS_MAX))
    refuse('schedule.everyMs', everyMs, `0 to ${TIMER_MS_MAX} milliseconds`, cell.path)
  if ((cell.rare?.timers?.size ?? 0) >= TIMERS_PER_ACTOR) {
    refuse('schedule', `${TIMERS_PER_ACTOR + 1} timers`, `at most ${TIMERS_PER_ACTOR} timers`, cell.path)
  }
  const dueMs = turn.now() + afterMs
  const kept = cell.durable ? kernel.log.encode(payload).copy : payload
  let subject: string | undefined
  return {
    round: 0,
    write: () => {
      subject = kernel.subjects?.of(cell.id, turn.position)
      if (cell.durable) {
        kernel.log.record('timer', cell.id, turn.correlation, turn.position, {
          key,
          type: entry.type,
          dueMs,
          everyMs,
          payload: kept,
        })
      }
    },
    apply: () => {
      const timer = { type: entry.type, payload: kept, dueMs, everyMs, subject, handle: null }
      setTimer(kernel, cell, key, timer, afterMs)
    },
  }
}

/** A timer that is cancelled when the turn ends. */
export function unscheduleOp(turn: TurnActs, key: string): TurnOp {
  const { kernel, cell } = turn
  return {
    round: 0,
    write: () => {
      if (cell.durable) kernel.log.record('untimed', cell.id, turn.correlation, turn.position, { key })
    },
    apply: () => {
      cancelTimer(cell, key)
    },
  }
}
