import type { LogRecord } from '@holdfast/kernel'
import { failureIn } from './failure-report.js'
import { jsonValue } from './json-value.js'

/** What the numbers in a record stand for. */
export interface Naming {
  path(id: number): string
  correlation(id: number): string
}

/** A record as JSON: what every record has, then what its kind carries. */
export function recordJson(record: LogRecord, names: Naming): Record<string, unknown> {
  const { position, timeMs, kind, actor, correlation, cause } = record
  return {
    position,
    time: new Date(timeMs).toISOString(),
    kind,
    actor: actor === 0 ? null : names.path(actor),
    actorId: actor,
    correlation: correlation === 0 ? null : names.correlation(correlation),
    correlationId: correlation,
    cause,
    ...own(record, names),
  }
}

function own(record: LogRecord, names: Naming): object {
  if (record.kind === 'message') {
    const { sender, type, version, ask, outside, timer, notice } = record
    const from = { sender: sender === 0 ? null : names.path(sender), senderId: sender }
    const payload = record.payload()
    const carried = payload === undefined ? {} : { payload: jsonValue(payload) }
    return { ...from, type, version, ...carried, ask, outside, timer, notice }
  }
  if (record.kind === 'turn') {
    const { message, attempt, told, answered, digest } = record
    const answer = answered ? { answer: jsonValue(record.answer()) } : {}
    return { message, attempt, told, answered, ...answer, digest: digest === -1 ? null : digest }
  }
  const failure = failureIn(record, (id) => names.path(id))
  return { data: jsonValue(record.data()), ...(failure === undefined ? {} : { failure }) }
}
