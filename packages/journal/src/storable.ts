// Storable
// ========
// What may stand in the log: plain data, and a closed list of richer values that come back exactly as they were. All
// else is refused when it is written, with the path of the culprit, because a value that comes back different is worse
// than an error.
//
//   plain      null, boolean, number, string, bigint up to 64 bits, Date, Buffer, arrays, plain objects, undefined
//   sealed     what belongs to a subject, which the runtime has sealed
//   rich       -0, lone surrogates, Map, Set, Error, typed arrays, larger bigints, "__proto__" keys, refs, huge objects
//   refused    functions, symbols, instances of classes, promises, what is too deep, too long or too much
//
// An error comes back as an `Error` with its name, message, stack, cause and own fields, whatever its class was.
// Properties under symbols and those that do not enumerate are no data, and are left out.

import { HoldfastError, REF, SealedValue } from '@holdfast/kernel'
import { DEPTH_MAX, STRING_LENGTH_MAX, VALUES_MAX } from './limits.js'

/** A rich value on its way through msgpack: a kind and plain data to make it again from. */
export class Rich {
  readonly kind: RichKind
  readonly data: unknown

  constructor(kind: RichKind, data: unknown) {
    this.kind = kind
    this.data = data
  }
}

/** The kinds of rich values; the numbers stand in stored data and never change. */
export const RICH = {
  negativeZero: 1,
  brokenText: 2,
  map: 3,
  set: 4,
  error: 5,
  typedArray: 6,
  bigint: 7,
  entries: 8,
  ref: 9,
  sealed: 10,
  sealedText: 11,
  shredded: 12,
} as const

/** One of them. */
export type RichKind = (typeof RICH)[keyof typeof RICH]

const PLAIN = 0
const IS_RICH = 1
const REFUSED = 2

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** Entries of an object above which msgpackr's short form does not hold them. */
const KEYS_MAX = 65_535

// How many values a judgement may still look at: parts that are shared again and again fan out without being large.
let valuesLeft = 0

/**
 * Gives a value back in a form that msgpackr keeps exactly: the value itself when it is plain.
 *
 * @throws {HoldfastError} `HF_NOT_STORABLE` with the path of the culprit as its field
 */
export function storable(value: unknown): unknown {
  const verdict = judgeAnew(value, 0)
  if (verdict === PLAIN) return value
  if (verdict === REFUSED) throw refusal(value)
  return enrich(value)
}

function judgeAnew(value: unknown, depth: number): number {
  valuesLeft = VALUES_MAX
  return judge(value, depth)
}

function judge(value: unknown, depth: number): number {
  switch (typeof value) {
    case 'number':
      return value === 0 && 1 / value < 0 ? IS_RICH : PLAIN
    case 'string':
      return judgeText(value)
    case 'boolean':
    case 'undefined':
      return PLAIN
    case 'bigint':
      return value >= INT64_MIN && value <= INT64_MAX ? PLAIN : IS_RICH
    case 'object':
      return value === null ? PLAIN : judgeObject(value, depth)
    default:
      return REFUSED
  }
}

function judgeText(text: string): number {
  if (text.length > STRING_LENGTH_MAX) return REFUSED
  return isWellFormed(text) ? PLAIN : IS_RICH
}

/** Whether a text has no half of a surrogate pair. */
// Part of the language since ES2024 and of Node since 20; the library of this target does not name it.
export function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}

function judgeObject(value: object, depth: number): number {
  if (depth >= DEPTH_MAX || valuesLeft < 0) return REFUSED
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype === Object.prototype || prototype === null)
    return judgePlain(value as Record<string, unknown>, depth)
  if (prototype === Array.prototype) return judgeAll(value as readonly unknown[], depth + 1)
  if (Buffer.isBuffer(value) || isDate(value)) return PLAIN
  return judgeSpecial(value, prototype, depth)
}

function judgeAll(values: readonly unknown[], depth: number): number {
  valuesLeft -= values.length
  if (valuesLeft < 0) return REFUSED
  let worst = PLAIN
  for (let i = 0; i < values.length && worst !== REFUSED; i++)
    worst = Math.max(worst, judge(values[i], depth))
  return worst
}

function judgePlain(value: Record<string, unknown>, depth: number): number {
  let worst = PLAIN
  let keys = 0
  for (const key in value) {
    const verdict = judge(value[key], depth + 1)
    if (verdict > worst) worst = verdict
    if (worst === REFUSED) return REFUSED
    if (key === '__proto__' || !isWellFormed(key)) worst = IS_RICH
    keys++
  }
  valuesLeft -= keys
  return keys > KEYS_MAX ? IS_RICH : worst
}

function judgeSpecial(value: object, prototype: unknown, depth: number): number {
  if (value instanceof SealedValue) return IS_RICH
  if (REF in value) return IS_RICH
  if (ArrayBuffer.isView(value))
    return viewOf(value.constructor.name)?.prototype === prototype ? IS_RICH : REFUSED
  const inner = partsOf(value, prototype)
  return inner === undefined || judgeAll(inner, depth + 1) === REFUSED ? REFUSED : IS_RICH
}

// A class of somebody's own would come back as the plain kind, which is another thing; only errors may.
function partsOf(value: object, prototype: unknown): readonly unknown[] | undefined {
  if (prototype === Map.prototype) return [...(value as ReadonlyMap<unknown, unknown>)].flat(1)
  if (prototype === Set.prototype) return [...(value as ReadonlySet<unknown>)]
  return value instanceof Error ? Object.values(errorData(value)) : undefined
}

// By its tag, because this floor must not name the global; a class that extends it has another name.
function isDate(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object Date]' && value.constructor.name === 'Date'
}

function enrich(value: unknown): unknown {
  if (typeof value === 'number')
    return value === 0 && 1 / value < 0 ? new Rich(RICH.negativeZero, null) : value
  if (typeof value === 'string')
    return isWellFormed(value) ? value : new Rich(RICH.brokenText, codeUnits(value))
  if (typeof value === 'bigint')
    return value >= INT64_MIN && value <= INT64_MAX ? value : new Rich(RICH.bigint, value.toString(16))
  if (typeof value !== 'object' || value === null || isDate(value)) return value
  if (Array.isArray(value)) return value.map(enrich)
  if (value instanceof Map) return new Rich(RICH.map, [...value].flat(1).map(enrich))
  if (value instanceof Set) return new Rich(RICH.set, [...value].map(enrich))
  if (value instanceof Error) return new Rich(RICH.error, enrich(errorData(value)))
  if (ArrayBuffer.isView(value)) return enrichView(value)
  if (value instanceof SealedValue) return enrichSealed(value)
  if (REF in value) return new Rich(RICH.ref, (value as { readonly [REF]: string })[REF])
  return enrichPlain(value as Record<string, unknown>)
}

function enrichPlain(value: Record<string, unknown>): unknown {
  const keys = Object.keys(value)
  if (keys.length > KEYS_MAX || keys.some((key) => key === '__proto__' || !isWellFormed(key))) {
    return new Rich(
      RICH.entries,
      keys.flatMap((key) => [enrich(key), enrich(value[key])]),
    )
  }
  const rich: Record<string, unknown> = {}
  for (const key of keys) rich[key] = enrich(value[key])
  return rich
}

function enrichView(value: ArrayBufferView): unknown {
  if (Buffer.isBuffer(value)) return value
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return new Rich(RICH.typedArray, [value.constructor.name, Buffer.from(bytes)])
}

function enrichSealed({ reason, subject, isText, bytes }: SealedValue): Rich {
  if (reason === 'shredded') return new Rich(RICH.shredded, subject)
  return new Rich(isText ? RICH.sealedText : RICH.sealed, asBuffer(bytes))
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function codeUnits(text: string): number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
}

/** What an error comes back from. */
export function errorData(error: Error): Record<string, unknown> {
  const data: Record<string, unknown> = { name: error.name, message: error.message, stack: error.stack }
  if (error.cause !== undefined) data['cause'] = error.cause
  if (error instanceof AggregateError) data['errors'] = error.errors
  for (const key of Object.keys(error)) data[key] = (error as unknown as Record<string, unknown>)[key]
  return data
}

/** Makes a rich value again. `ref` turns a path into a ref of the running system. */
export function revive(kind: number, data: unknown, ref: (path: string) => unknown): unknown {
  switch (kind as RichKind) {
    case RICH.negativeZero:
      return -0
    case RICH.brokenText:
      return textOf(data as number[])
    case RICH.map:
      return new Map(pairs(data as unknown[]))
    case RICH.set:
      return new Set(data as unknown[])
    case RICH.error:
      return revivedError(data as Record<string, unknown>)
    case RICH.typedArray:
      return typedArray(data as [string, Buffer])
    case RICH.bigint:
      return bigintOf(data as string)
    case RICH.entries:
      return objectOf(pairs(data as unknown[]))
    case RICH.ref:
      return ref(data as string)
    case RICH.shredded:
      return new SealedValue(String(data), new Uint8Array(0), false, 'shredded')
    default:
      throw new HoldfastError(
        'HF_STORE_NEWER',
        `A stored value has the kind ${kind}, which this version does not know.`,
        {
          hint: 'Run the version that wrote it, or a later one.',
        },
      )
  }
}

// In pieces: a call takes no more arguments than the stack holds.
function textOf(codeUnits: readonly number[]): string {
  let result = ''
  for (let i = 0; i < codeUnits.length; i += 4_096) {
    result += String.fromCharCode(...codeUnits.slice(i, i + 4_096))
  }
  return result
}

function pairs(flat: unknown[]): [unknown, unknown][] {
  const result: [unknown, unknown][] = []
  for (let i = 0; i < flat.length; i += 2) result.push([flat[i], flat[i + 1]])
  return result
}

// An own key named "__proto__" can only be defined, never assigned.
function objectOf(entries: [unknown, unknown][]): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [key, value] of entries) {
    Object.defineProperty(result, key as string, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return result
}

function revivedError(data: Record<string, unknown>): Error {
  const { message, cause, ...own } = data
  const error = new Error(message as string, cause === undefined ? undefined : { cause })
  for (const [key, value] of Object.entries(own)) {
    Object.defineProperty(error, key, {
      value,
      writable: true,
      enumerable: key !== 'stack' && key !== 'name',
      configurable: true,
    })
  }
  return error
}

function bigintOf(hex: string): bigint {
  return hex.startsWith('-') ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`)
}

const VIEWS = {
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
} as const

function typedArray([name, bytes]: [string, Buffer]): unknown {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const View = viewOf(name) as new (buffer: ArrayBufferLike) => unknown
  return new View(buffer)
}

function viewOf(name: string): { readonly prototype: unknown } | undefined {
  return Object.hasOwn(VIEWS, name) ? VIEWS[name as keyof typeof VIEWS] : undefined
}

function refusal(value: unknown): HoldfastError {
  const { path, why } = culprit(value, [], 0) ?? { path: [], why: 'cannot be stored' }
  const field = path.length === 0 ? 'payload' : path.join('.')
  return new HoldfastError('HF_NOT_STORABLE', `${field} ${why}.`, {
    field,
    hint: 'Send plain data: text, numbers, dates, arrays, plain objects, Map, Set, Error, bytes and refs.',
  })
}

interface Culprit {
  readonly path: readonly string[]
  readonly why: string
}

function culprit(value: unknown, path: readonly string[], depth: number): Culprit | undefined {
  if (judgeAnew(value, depth) !== REFUSED) return undefined
  if (valuesLeft < 0) return { path, why: `holds more than ${VALUES_MAX} values` }
  if (typeof value === 'string')
    return { path, why: `is a text of ${value.length} characters, and ${STRING_LENGTH_MAX} are the most` }
  if (typeof value !== 'object' || value === null)
    return { path, why: `is a ${typeof value}, which the log cannot keep` }
  if (depth >= DEPTH_MAX)
    return { path: path.slice(0, 8), why: `is nested deeper than ${DEPTH_MAX} levels, or contains itself` }
  for (const [key, inner] of inside(value)) {
    const found = culprit(inner, [...path, key], depth + 1)
    if (found !== undefined) return found
  }
  return { path, why: `is a ${className(value)}, and would not come back as one` }
}

function className(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown }
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'thing of no class'
}

function inside(value: object): [string, unknown][] {
  if (value instanceof Map) return [...value].flatMap(entriesOfPair)
  if (value instanceof Set) return [...value].map((inner, i) => [String(i), inner])
  if (value instanceof Error) return Object.entries(errorData(value))
  const prototype = Object.getPrototypeOf(value) as unknown
  return Array.isArray(value) || prototype === Object.prototype || prototype === null
    ? Object.entries(value)
    : []
}

// The key of a map may be anything, and may be the culprit itself.
function entriesOfPair([key, inner]: [unknown, unknown]): [string, unknown][] {
  const name = typeof key === 'string' || typeof key === 'number' ? String(key) : `(${typeof key})`
  return [
    ['(key)', key],
    [name, inner],
  ]
}
