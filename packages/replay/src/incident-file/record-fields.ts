// Where the values of users stand in records: what a rule of redaction can lead to, and what a comparison looks at.

import type { DataKind, LogRecord } from '@holdfast/kernel'
import type { Place } from './redaction-rule.js'

/** A value of a user in a record: all that it carries, or one field of its data. */
export interface ValueField {
  readonly place: Place
  readonly name: string | undefined
}

const PAYLOAD: readonly ValueField[] = [{ place: 'payload', name: undefined }]
const ANSWER: readonly ValueField[] = [{ place: 'answer', name: undefined }]
const REASON: readonly ValueField[] = [{ place: 'error', name: 'reason' }]
const ERROR: readonly ValueField[] = [{ place: 'error', name: 'error' }]

const FIELDS: Partial<Record<DataKind, readonly ValueField[]>> = {
  effect: [{ place: 'result', name: 'value' }, ...ERROR],
  reply: [{ place: 'answer', name: 'value' }, ...ERROR],
  spawned: [{ place: 'args', name: 'args' }],
  timer: [{ place: 'payload', name: 'payload' }],
  failed: ERROR,
  stopped: ERROR,
  directive: REASON,
  quarantined: REASON,
  'gave-up': REASON,
}

/** The values of users in a record of a kind. */
export function fieldsOf(kind: LogRecord['kind']): readonly ValueField[] {
  if (kind === 'message') return PAYLOAD
  return kind === 'turn' ? ANSWER : (FIELDS[kind] ?? [])
}
