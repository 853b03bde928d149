// Tagged JSON
// ===========
// Every value that the log keeps, as JSON from which it comes back as it was. What JSON has no word for becomes an object
// with one key that starts with "$"; an object of the user with such a key becomes a list of its entries.
//
//   undefined  {"$undefined":true}         Map    {"$map":[[key, value], ...]}     Error  {"$error":{...}}
//   -0, NaN    {"$number":"-0"}            Set    {"$set":[...]}                   ref    {"$ref":"/bank/reserve"}
//   bigint     {"$bigint":"12"}            bytes  {"$bytes":[kind, base64]}        "$a"   {"$object":[["$a", 1], ...]}
//   sealed     {"$sealed":["value", base64]}, for what belongs to a subject
//   Date       {"$date":milliseconds}      no date  {"$date":null}
//
// What is read may be hostile: its depth is bounded, every tag must hold what it has to, and there is no other way in.

import { HoldfastError, isPath, REF, SealedValue } from '@holdfast/kernel'
import { KeptRef } from '../../kept-ref.js'
import { DEPTH_MAX } from '../../limits.js'
import { errorData, revive, RICH } from '../../storable.js'
import { subjectOf } from '../../subjects/sealed-form.js'

/** JSON as it is parsed. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A value as JSON. It is one that the log keeps, so it is no deeper than that allows. */
export function tagged(value: unknown): Json {
  switch (typeof value) {
    case 'undefined':
      return { $undefined: true }
    case 'bigint':
      return { $bigint: String(value) }
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : String(value) }
    case 'object':
      return value === null ? null : taggedObject(value)
    default:
      return value as Json
  }
}

function taggedObject(value: object): Json {
  if (Array.isArray(value)) return value.map(tagged)
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? null : value.getTime() }
  if (value instanceof Map) return { $map: [...value].map(([key, each]) => [tagged(key), tagged(each)]) }
  if (value instanceof Set) return { $set: [...value].map(tagged) }
  if (value instanceof Error) return { $error: tagged(errorData(value)) }
  if (ArrayBuffer.isView(value)) {
    const kind = Buffer.isBuffer(value) ? 'Buffer' : value.constructor.name
    return {
      $bytes: [kind, Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')],
    }
  }
  if (value instanceof SealedValue)
    return { $sealed: [value.isText ? 'text' : 'value', Buffer.from(value.bytes).toString('base64')] }
  if (REF in value) return { $ref: (value as { readonly [REF]: string })[REF] }
  const entries = Object.entries(value).map(([key, each]) => [key, tagged(each)] as const)
  return entries.some(([key]) => key.startsWith('$')) ? { $object: entries } : Object.fromEntries(entries)
}

/**
 * The value that JSON stands for.
 *
 * @param json as `JSON.parse` gives it
 * @throws {HoldfastError} `HF_FILE_DAMAGED`
 */
export function untagged(json: unknown): unknown {
  return valueOf(json as Json, 0)
}

function valueOf(json: Json, depth: number): unknown {
  // A tag is one level, and what it holds another.
  if (depth > 3 * DEPTH_MAX) throw notTagged('it is nested too deep')
  if (typeof json !== 'object' || json === null) return json
  if (isList(json)) return json.map((each) => valueOf(each, depth + 1))
  const keys = Object.keys(json)
  const [tag = ''] = keys
  if (tag.startsWith('$') && keys.length === 1) return untag(tag, json[tag]!, depth + 1)
  return objectOf(keys.map((key) => [key, valueOf(json[key]!, depth + 1)]))
}

function untag(tag: string, held: Json, depth: number): unknown {
  switch (tag) {
    case '$undefined':
      return undefined
    case '$number':
      return numberOf(held)
    case '$bigint':
      if (typeof held === 'string' && /^-?\d{1,100000}$/.test(held)) return BigInt(held)
      break
    case '$date':
      if (held === null || typeof held === 'number') return new Date(held ?? Number.NaN)
      break
    case '$map':
      return new Map(pairsOf(held).map(([key, each]) => [valueOf(key, depth + 1), valueOf(each, depth + 1)]))
    case '$set':
      if (isList(held)) return new Set(held.map((each) => valueOf(each, depth)))
      break
    case '$error':
      return revivedError(valueOf(held, depth))
    case '$bytes':
      return bytesOf(held)
    case '$sealed':
      return sealedOf(held)
    case '$ref':
      if (isPath(held)) return new KeptRef(held as string)
      break
    case '$object':
      return objectOf(pairsOf(held).map(([key, each]) => [keyOf(key), valueOf(each, depth + 1)]))
  }
  throw notTagged(`${tag.slice(0, 40)} does not hold what it has to`)
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}

function pairsOf(json: Json): readonly (readonly [Json, Json])[] {
  const isPair = (each: Json): each is readonly [Json, Json] => isList(each) && each.length === 2
  if (isList(json) && json.every(isPair)) return json
  throw notTagged('it is no list of pairs')
}

function keyOf(json: Json): string {
  if (typeof json === 'string') return json
  throw notTagged('a key is no text')
}

const NUMBERS = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
])

function numberOf(json: Json): number {
  const number = typeof json === 'string' ? NUMBERS.get(json) : undefined
  if (number !== undefined) return number
  throw notTagged('it is no number')
}

function revivedError(data: unknown): unknown {
  const isData = typeof data === 'object' && data !== null && !Array.isArray(data)
  if (isData && typeof (data as { readonly message?: unknown }).message === 'string')
    return revive(RICH.error, data, String)
  throw notTagged('it is no error')
}

function bytesOf(json: Json): unknown {
  const [kind, text] = isList(json) && json.length === 2 ? json : []
  if (typeof kind === 'string' && typeof text === 'string') {
    const bytes = Buffer.from(text, 'base64')
    if (kind === 'Buffer') return bytes
    try {
      return revive(RICH.typedArray, [kind, bytes], String)
    } catch {
      // It is none of the kinds, or its length is none of that kind.
    }
  }
  throw notTagged('these are no bytes')
}

function sealedOf(json: Json): SealedValue {
  const [kind, text] = isList(json) && json.length === 2 ? json : []
  if ((kind === 'value' || kind === 'text') && typeof text === 'string') {
    const bytes = Buffer.from(text, 'base64')
    const subject = subjectOf(bytes)
    if (subject !== undefined) return new SealedValue(subject, bytes, kind === 'text')
  }
  throw notTagged('it is nothing that was sealed')
}

// An own key named "__proto__" can only be defined, never assigned.
function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries)
}

function notTagged(what: string): HoldfastError {
  return new HoldfastError('HF_FILE_DAMAGED', `A value of the file cannot be read: ${what}.`, {
    field: 'file',
    hint: 'Have the file written again. Nothing was loaded.',
  })
}
