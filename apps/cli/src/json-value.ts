// A value from the log as JSON. What JSON has no word for becomes an object with one key that starts with "$", so that
// a program can make the value again and a person can read it.

import { SealedValue } from '@holdfast/kernel'
import { refPath } from './printable.js'

/** A value that `JSON.stringify` gives back as it is. */
export function jsonValue(value: unknown): unknown {
  switch (typeof value) {
    case 'undefined':
      return { $undefined: true }
    case 'bigint':
      return { $bigint: String(value) }
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: numberText(value) }
    case 'object':
      return value === null ? null : jsonObject(value)
    case 'function':
    case 'symbol':
      return { $unknown: typeof value }
    default:
      return value
  }
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function jsonObject(value: object): unknown {
  if (Array.isArray(value)) return value.map(jsonValue)
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() }
  if (value instanceof Map)
    return { $map: [...value].map(([key, each]) => [jsonValue(key), jsonValue(each)]) }
  if (value instanceof Set) return { $set: [...value].map(jsonValue) }
  if (value instanceof Error) return { $error: errorFields(value) }
  if (ArrayBuffer.isView(value)) {
    return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
  }
  if (value instanceof SealedValue)
    return value.reason === 'shredded' ? { $shredded: value.subject } : { $sealed: value.subject }
  const path = refPath(value)
  if (path !== undefined) return { $ref: path }
  return fieldsOf(Object.entries(value))
}

function errorFields(error: Error): Record<string, unknown> {
  const { name, message, cause } = error
  const fields = fieldsOf([['name', name], ['message', message], ...Object.entries(error)])
  return cause === undefined ? fields : { ...fields, cause: jsonValue(cause) }
}

// An entry of an object that is `undefined` is left out, as JSON does; a key named "__proto__" is kept.
function fieldsOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const kept = entries
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, jsonValue(value)] as const)
  return Object.fromEntries(kept)
}
