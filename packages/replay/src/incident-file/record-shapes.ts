// What the data of each kind of record look like. A file comes from anywhere, so its records are held against this when
// it is opened; what reads them afterwards need not ask.

import type { DataKind } from '@holdfast/kernel'

type Check = (value: unknown) => boolean

/** Errors underneath an error; more than are ever kept. */
const CAUSES_MAX = 16

// What a date can show.
const time: Check = (value) => typeof value === 'number' && Math.abs(value) <= 8.64e15
const place: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const text: Check = (value) => typeof value === 'string'
const flag: Check = (value) => typeof value === 'boolean'
const anything: Check = () => true
const texts = list(text)
const places = list(place)

function list(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check)
}

function maybe(check: Check): Check {
  return (value) => value === undefined || check(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shape(fields: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(fields)
  return (value) => isObject(value) && checks.every(([name, check]) => check(value[name]))
}

const ERROR = {
  name: text,
  message: text,
  code: maybe(text),
  detail: maybe(text),
  stack: maybe(text),
  bases: maybe(texts),
  subject: maybe(text),
}

function isError(value: unknown, depth = 0): boolean {
  if (!isObject(value) || depth > CAUSES_MAX || !shape(ERROR)(value)) return false
  return value['cause'] === undefined || isError(value['cause'], depth + 1)
}

const error: Check = (value) => isError(value)

const RESULT = {
  attempt: place,
  index: place,
  name: maybe(text),
  ok: flag,
  value: anything,
  error: maybe(error),
  subject: maybe(text),
}

const REFUSED = { nth: place, call: text, target: text, type: text, error }

const FAILURE = { supervisor: text, context: text, reason: error, offender: text }

const map: Check = (value) => isObject(value) && Object.values(value).every(text)

const SHAPES: Readonly<Record<DataKind, Readonly<Record<string, Check>>>> = {
  began: { attempt: place, nowMs: maybe(time) },
  effect: RESULT,
  reply: RESULT,
  spawned: {
    parent: place,
    name: text,
    definition: text,
    version: maybe(place),
    args: anything,
    restart: maybe(text),
    fixed: maybe(flag),
    durable: maybe(flag),
    virtual: maybe(flag),
    terms: maybe(isObject),
    belongs: maybe(text),
    subject: maybe(text),
  },
  stopped: { reason: text, error: maybe(error), context: maybe(text) },
  failed: {
    attempt: place,
    context: text,
    error,
    parked: flag,
    patched: maybe(texts),
    refused: maybe(list(shape(REFUSED))),
  },
  directive: { ...FAILURE, directive: text, affected: texts },
  quarantined: {
    ...FAILURE,
    diverged: maybe(shape({ position: place, message: place, what: text, isOut: maybe(flag) })),
    keepsChildren: maybe(flag),
  },
  restarted: { incarnation: place, fresh: flag },
  dead: { message: place, reason: text, to: maybe(text), type: maybe(text) },
  timer: { key: text, type: text, dueMs: time, everyMs: time, payload: anything, subject: maybe(text) },
  untimed: { key: text },
  stashed: { refused: maybe(text) },
  unstashed: {},
  patched: { id: text, attempt: maybe(place) },
  refused: { ...REFUSED, attempt: maybe(place) },
  watched: { target: place, type: text, path: maybe(text), mutual: maybe(flag) },
  unwatched: { target: place, type: maybe(text), path: maybe(text), taken: maybe(places) },
  halting: { child: place, how: maybe(text), path: maybe(text) },
  reviving: { child: place },
  deleted: { child: place },
  changed: { strategy: text, children: texts, fingerprint: text },
  opened: { epoch: place, engine: place, definitions: map, system: text, subjects: maybe(text) },
  closed: {},
  'gave-up': FAILURE,
  steered: {
    command: text,
    by: text,
    reason: maybe(text),
    message: maybe(place),
    to: maybe(text),
    replays: maybe(flag),
  },
  shredded: { subject: text, step: text },
}

/** Whether data are what a record of the kind carries. */
export function isShaped(kind: DataKind, data: unknown): boolean {
  const isResult = kind === 'effect' || kind === 'reply'
  if (isResult && isObject(data) && data['ok'] === false && data['error'] === undefined) return false
  return shape(SHAPES[kind])(data)
}
