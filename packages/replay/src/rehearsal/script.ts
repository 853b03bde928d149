// Script
// ======
// What a rehearsal has of the incident: who told whom what, so that the same message gets the same position again and
// with it the same chance, ids and names; what effects returned; and what came from outside.
//
// Invariants
//   C1  Each recorded message is given once, and only for one with the same cause, receiver and type.
//   C2  What comes from outside is what no turn on the stage brings about: those of the incident are played there, and those
//       that actors of the incident were in, or had before them, when it began.

import type { LogRecord, MessageRecord, RecordedResult } from '@holdfast/kernel'
import { isInFocus } from '../focus.js'
import type { Incident } from '../incident.js'
import type { Stage } from './stage.js'

/** The result of an effect, and how long it took. */
export interface ScriptedEffect {
  readonly result: RecordedResult
  readonly afterMs: number
}

/** The script of one incident. */
export class Script {
  /** What came from outside, in order. */
  readonly inputs: readonly MessageRecord[]
  /** Wall time of the first and the last record. */
  readonly startMs: number
  readonly endMs: number
  readonly #messages = new Map<string, number[]>()
  readonly #effects = new Map<string, ScriptedEffect>()

  constructor(incident: Incident, stage: Stage) {
    const inputs: MessageRecord[] = []
    const since = new Map<number, number>()
    let first: LogRecord | undefined
    let last: LogRecord | undefined
    for (const record of incident.read()) {
      first ??= record
      last = record
      if (record.kind === 'message') this.#message(incident, record, stage, inputs)
      else if (record.kind === 'began') since.set(record.cause, record.timeMs)
      else if (record.kind === 'effect' || record.kind === 'reply') {
        const data = record.data()
        const { position, timeMs } = record
        const result: RecordedResult = { ...data, kind: record.kind, position, timeMs }
        const afterMs = timeMs - (since.get(record.cause) ?? timeMs)
        if (record.kind === 'effect')
          this.#effects.set(effectKey(record.cause, data.attempt, data.index), { result, afterMs })
        since.set(record.cause, timeMs)
      }
    }
    this.inputs = inputs
    this.startMs = first?.timeMs ?? 0
    this.endMs = last?.timeMs ?? 0
  }

  /** The recorded position of a message that is told now, if it was told then. */
  take(cause: number, to: string, type: string, ask: MessageRecord['ask']): number | undefined {
    return this.#messages.get(messageKey(cause, to, type, ask))?.shift()
  }

  /** Gives one back that was taken by a turn that failed. */
  giveBack(cause: number, to: string, type: string, ask: MessageRecord['ask'], position: number): void {
    this.#messages.get(messageKey(cause, to, type, ask))?.unshift(position)
  }

  /** The recorded result of an effect. Another attempt at a message is given what the first one was. */
  effect(message: number, attempt: number, index: number, name: string): ScriptedEffect | undefined {
    for (const each of [attempt, 1]) {
      const found = this.#effects.get(effectKey(message, each, index))
      if (found?.result.name === name) return found
    }
    return undefined
  }

  #message(incident: Incident, record: MessageRecord, stage: Stage, inputs: MessageRecord[]): void {
    const { position, cause, actor, type, ask, sender, timer, notice } = record
    const isOurs = type.startsWith('$') || notice || timer !== undefined
    if (!isOurs && (sender === 0 ? cause === 0 : !isPlayed(incident, record, stage))) {
      if (stage.actors.has(actor)) inputs.push(record)
      return
    }
    const key = messageKey(cause, incident.paths.of(actor), type, ask)
    this.#messages.set(key, [...(this.#messages.get(key) ?? []), position])
  }
}

// Whether the turn that told it is one of those on the stage.
function isPlayed(
  { evidence, focus }: Incident,
  { cause, sender }: MessageRecord,
  { playing, before }: Stage,
): boolean {
  if (!playing.has(sender)) return false
  const handled = evidence.messageAt(cause)
  return cause < before || (handled !== undefined && isInFocus(focus, handled))
}

function messageKey(cause: number, to: string, type: string, ask: MessageRecord['ask']): string {
  return `${cause} ${to} ${type} ${ask === undefined ? '' : `${ask.attempt}.${ask.index}`}`
}

function effectKey(message: number, attempt: number, index: number): string {
  return `${message}.${attempt}.${index}`
}
