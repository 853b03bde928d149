// Redacted values
// ===============
// What takes the place of a value that was redacted: something of the same kind that says nothing, so that a handler gets
// what it can work with. Text says that it is no longer what it was; for numbers and the like, the list of the redacted
// fields says it.
//
//   text -> "[redacted]"   number -> 0   boolean -> false   date -> 1970   list, object, map, set, bytes -> empty ones

import { REF, type StoredError } from '@holdfast/kernel'
import { KeptRef } from '@holdfast/journal'
import { advanced, isAtEnd, settled, type Progress } from './redaction-rule.js'

/** Stands in the place of a text. */
const REDACTED = '[redacted]'

/** Gives what takes the place of a field that is redacted, and notes it. */
export type Replace = (path: readonly string[], value: unknown, progress: readonly Progress[]) => unknown

/** Redacts what the rules lead to, in a value that belongs to the caller. @returns the value, or what takes its place */
export function redactIn(value: unknown, progress: readonly Progress[], replace: Replace): unknown {
  return walk(value, settled(progress), [], replace)
}

function walk(
  value: unknown,
  progress: readonly Progress[],
  path: readonly string[],
  replace: Replace,
): unknown {
  if (isAtEnd(progress)) return replace(path, value, progress)
  if (progress.length === 0 || typeof value !== 'object' || value === null || REF in value) return value
  const into = (name: string, inner: unknown): unknown => {
    const next = advanced(progress, name)
    return next.length === 0 ? inner : walk(inner, next, [...path, name], replace)
  }
  if (value instanceof Map) {
    for (const [key, inner] of value) value.set(key, into(nameOf(key), inner))
    return value
  }
  if (value instanceof Set) return new Set([...value].map((inner, i) => into(String(i), inner)))
  if (Array.isArray(value)) return value.map((inner, i) => into(String(i), inner))
  if (ArrayBuffer.isView(value)) return value
  let isSilenced = false
  for (const name of namesIn(value)) {
    const before = (value as Record<string, unknown>)[name]
    const after = into(name, before)
    if (Object.is(after, before)) continue
    put(value, name, after)
    isSilenced ||= name === 'message'
  }
  // The stack of an error begins with its message.
  const { stack } = value as { readonly stack?: unknown }
  if (isSilenced && typeof stack === 'string' && stack !== REDACTED)
    put(value, 'stack', replace([...path, 'stack'], stack, progress))
  return value
}

// The fields of an error that say what it is do not enumerate.
function namesIn(value: object): string[] {
  if (!(value instanceof Error)) return Object.keys(value)
  const own = ['message', 'stack', 'cause'].filter((name) => Object.hasOwn(value, name))
  return [...new Set([...own, ...Object.keys(value)])]
}

// A field of the name "__proto__" can only be defined, never assigned.
function put(value: object, name: string, field: unknown): void {
  const enumerable = Object.getOwnPropertyDescriptor(value, name)?.enumerable ?? true
  Object.defineProperty(value, name, { value: field, enumerable, writable: true, configurable: true })
}

function nameOf(key: unknown): string {
  return typeof key === 'string' || typeof key === 'number' ? String(key) : `(${typeof key})`
}

/** What takes the place of a value. */
export function redacted(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return REDACTED
    case 'number':
      return 0
    case 'bigint':
      return 0n
    case 'boolean':
      return false
    default:
      return typeof value === 'object' && value !== null ? redactedObject(value) : value
  }
}

function redactedObject(value: object): unknown {
  if (REF in value) return new KeptRef(`/${REDACTED}`)
  if (Array.isArray(value)) return []
  if (value instanceof Map) return new Map()
  if (value instanceof Set) return new Set()
  if (value instanceof Error) return redactedError(value)
  if (Buffer.isBuffer(value)) return Buffer.alloc(0)
  if (ArrayBuffer.isView(value)) return madeAnew(value, new ArrayBuffer(0))
  if (Object.prototype.toString.call(value) === '[object Date]') return madeAnew(value, 0)
  return {}
}

function madeAnew(value: object, from: unknown): unknown {
  return new (value.constructor as new (from: unknown) => unknown)(from)
}

function redactedError(error: Error): Error {
  const empty = Object.create(Object.getPrototypeOf(error) as object) as Error
  put(empty, 'name', error.name)
  put(empty, 'message', REDACTED)
  return empty
}

/** What takes the place of an error as the log keeps it: its class and its code are what supervisors decide by. */
export function redactedFailure({ name, code, bases }: StoredError): StoredError {
  return {
    name,
    message: REDACTED,
    ...(code === undefined ? {} : { code }),
    ...(bases === undefined ? {} : { bases }),
  }
}
