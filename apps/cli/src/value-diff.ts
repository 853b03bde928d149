// Value diff
// ==========
// Two values side by side: the places at which they differ, each with its path, and nothing of what is the same in both.

import { isDeepStrictEqual } from 'node:util'
import { inert } from './inert.js'
import { jsonValue } from './json-value.js'
import type { Paint } from './paint.js'
import { printable } from './printable.js'

/** One place at which two values differ. */
export interface ValueDifference {
  /** Where, from the value on: `.items[2].price`; empty for the value itself. */
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  /** Nothing when it was added. */
  readonly before: unknown
  /** Nothing when it was removed. */
  readonly after: unknown
}

/** Places that are listed: enough to see what it is about. */
const PLACES_MAX = 1_000

/** Levels that are gone into; what lies deeper is one place. */
const DEPTH_MAX = 64

/** Where two values differ, in the order of the first one. */
export function valueDifferences(before: unknown, after: unknown): readonly ValueDifference[] {
  const found: ValueDifference[] = []
  compare(before, after, '', 0, found)
  return found
}

/** The differences as lines: what was, what is, and where. */
export function valueDiffLines(before: unknown, after: unknown, paint: Paint): string[] {
  const found = valueDifferences(before, after)
  const lines = found.slice(0, PLACES_SHOWN).flatMap(({ path, kind, before: was, after: is }) => {
    const at = path === '' ? '' : `${inert(path)} `
    return [
      ...(kind === 'added' ? [] : [paint.bad(`- ${at}${printable(was, VALUE_WIDTH)}`)]),
      ...(kind === 'removed' ? [] : [paint.good(`+ ${at}${printable(is, VALUE_WIDTH)}`)]),
    ]
  })
  if (found.length > PLACES_SHOWN)
    lines.push(`… ${found.length - PLACES_SHOWN} more places; --json lists them`)
  return lines
}

/** The differences for a document. */
export function valueDiffJson(before: unknown, after: unknown): object[] {
  return valueDifferences(before, after).map(({ path, kind, before: recorded, after: replayed }) => ({
    path,
    kind,
    ...(kind === 'added' ? {} : { recorded: jsonValue(recorded) }),
    ...(kind === 'removed' ? {} : { replayed: jsonValue(replayed) }),
  }))
}

function compare(a: unknown, b: unknown, path: string, depth: number, found: ValueDifference[]): void {
  if (found.length >= PLACES_MAX || isDeepStrictEqual(a, b) || (isNoDate(a) && isNoDate(b))) return
  const left = depth < DEPTH_MAX ? partsOf(a) : undefined
  const right = depth < DEPTH_MAX ? partsOf(b) : undefined
  if (left === undefined || right === undefined || left.kind !== right.kind) {
    found.push({ path, kind: 'changed', before: a, after: b })
    return
  }
  for (const [key, value] of left.parts) {
    const at = path + key
    if (right.parts.has(key)) compare(value, right.parts.get(key), at, depth + 1, found)
    else found.push({ path: at, kind: 'removed', before: value, after: undefined })
  }
  for (const [key, value] of right.parts)
    if (!left.parts.has(key)) found.push({ path: path + key, kind: 'added', before: undefined, after: value })
}

// Node takes two dates that are none for different ones.
function isNoDate(value: unknown): boolean {
  return value instanceof Date && Number.isNaN(value.getTime())
}

interface Parts {
  readonly kind: string
  readonly parts: ReadonlyMap<string, unknown>
}

// What is looked into; everything else, such as a date or bytes, differs as a whole.
function partsOf(value: unknown): Parts | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return { kind: 'list', parts: new Map(value.map((each, i) => [`[${i}]`, each])) }
  if (value instanceof Map) {
    return {
      kind: 'map',
      parts: new Map([...value].map(([key, each]) => [`[${printable(key, KEY_WIDTH)}]`, each])),
    }
  }
  if (value instanceof Error) {
    const { name, message } = value
    return { kind: 'error', parts: fields([['name', name], ['message', message], ...Object.entries(value)]) }
  }
  const proto = Object.getPrototypeOf(value) as unknown
  const isPlain = proto === null || proto === Object.prototype
  return isPlain ? { kind: 'object', parts: fields(Object.entries(value)) } : undefined
}

function fields(entries: readonly (readonly [string, unknown])[]): ReadonlyMap<string, unknown> {
  return new Map(
    entries.map(([key, value]) => [
      /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
      value,
    ]),
  )
}

const PLACES_SHOWN = 20
const VALUE_WIDTH = 100
const KEY_WIDTH = 40
