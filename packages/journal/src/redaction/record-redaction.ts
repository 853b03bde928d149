// What of the records is somebody's own, and goes through a redaction: values, errors, and texts that nobody is looked up by.
// Names of actors, timers and effects are refused where they are given.

import { UNREDACTED_ERROR, type DataKind, type RecordData, type StoredError } from '@holdfast/kernel'
import type { SecretRedaction } from './secret-redaction.js'

type Fields = Readonly<Record<string, unknown>>
type Ways = readonly (readonly [string, Way | undefined])[]
type Way = 'value' | 'error' | 'text' | 'refusals' | 'diverged'

type FieldsOf<K extends DataKind> = K extends DataKind ? Partial<Record<keyof RecordData[K], Way>> : never

/** Fields of each kind of record that go through, and how. A new field has to be looked at here. */
const WAYS: { readonly [K in DataKind]: FieldsOf<K> } = {
  began: {},
  effect: { value: 'value', error: 'error' },
  reply: { value: 'value', error: 'error' },
  spawned: { args: 'value' },
  stopped: { error: 'error' },
  failed: { error: 'error', refused: 'refusals' },
  directive: { reason: 'error' },
  restarted: {},
  dead: { to: 'text', type: 'text' },
  timer: { payload: 'value' },
  untimed: { key: 'text' },
  watched: { path: 'text' },
  unwatched: { path: 'text' },
  halting: { path: 'text' },
  opened: { system: 'text' },
  closed: {},
  reviving: {},
  deleted: {},
  changed: {},
  stashed: { refused: 'text' },
  unstashed: {},
  steered: { by: 'text', reason: 'text', to: 'text' },
  quarantined: { reason: 'error', diverged: 'diverged' },
  'gave-up': { reason: 'error' },
  patched: {},
  refused: { target: 'text', type: 'text', error: 'error' },
  shredded: {},
}

/** What a record carries, without what must not be stored. @throws {HoldfastError} `HF_NOT_REDACTED`, but for no failure */
export function redactedRecord(redaction: SecretRedaction, kind: DataKind, data: unknown): unknown {
  const ways = waysOf(kind)
  return ways.length === 0 ? data : redactedFields(redaction, ways, data as Fields)
}

function waysOf(kind: DataKind): Ways {
  return Object.entries<Way | undefined>(WAYS[kind])
}

function redactedFields(redaction: SecretRedaction, ways: Ways, fields: Fields): Fields {
  const open: Record<string, unknown> = { ...fields }
  for (const [name, way] of ways) {
    const field = fields[name]
    if (field !== undefined && way !== undefined) open[name] = redactedField(redaction, way, field)
  }
  return open
}

function redactedField(redaction: SecretRedaction, way: Way, field: unknown): unknown {
  switch (way) {
    case 'value':
      return redaction.value(field)
    case 'text':
      return openText(redaction, field as string)
    case 'error':
      return redactedError(redaction, field as StoredError)
    case 'refusals':
      return (field as RecordData['refused'][]).map((refused) =>
        redactedFields(redaction, waysOf('refused'), refused as unknown as Fields),
      )
    case 'diverged':
      return redactedFields(redaction, [['what', 'text']], field as Fields)
  }
}

// What cannot be redacted is not kept. To throw here would be to fail while a failure is written.
function openText(redaction: SecretRedaction, text: string): string {
  try {
    return redaction.text(text)
  } catch {
    return UNREDACTED_ERROR.message
  }
}

function redactedError(redaction: SecretRedaction, error: StoredError): StoredError {
  try {
    return openError(redaction, error)
  } catch {
    return UNREDACTED_ERROR
  }
}

function openError(redaction: SecretRedaction, error: StoredError): StoredError {
  const { name, message, code, detail, stack, bases, cause } = error
  const open = (text: string): string => redaction.text(text)
  return {
    name: open(name),
    message: open(message),
    ...(code === undefined ? {} : { code: open(code) }),
    ...(detail === undefined ? {} : { detail: open(detail) }),
    ...(stack === undefined ? {} : { stack: open(stack) }),
    ...(bases === undefined ? {} : { bases: bases.map(open) }),
    ...(cause === undefined ? {} : { cause: openError(redaction, cause) }),
  }
}
