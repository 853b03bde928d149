// Printable
// =========
// A value from the log as text for people: on one line where it fits, else with one entry a line. Depth, entries and
// texts are cut and say so; the JSON output cuts nothing.
//
// A value becomes a small tree of pieces first, so that its width is known before it is laid out.

import { SealedValue } from '@holdfast/kernel'
import { inert } from './inert.js'

/** How much of a value is shown. */
interface Limits {
  readonly depth: number
  /** Entries of one list, object, map or set. */
  readonly entries: number
  /** Characters of one text. */
  readonly text: number
}

const ON_A_LINE: Limits = { depth: 4, entries: 16, text: 120 }
const IN_A_BLOCK: Limits = { depth: 10, entries: 100, text: 2_000 }

/** Bytes of a buffer that are shown. */
const BYTES_SHOWN = 16

/** A text, or a bracket with pieces in it. */
type Piece = string | { readonly open: string; readonly close: string; readonly inside: readonly Entry[] }

interface Entry {
  readonly key: string
  readonly value: Piece
}

/** A value on one line of at most `width` characters. */
export function printable(value: unknown, width = 160): string {
  return shorten(inline(pieceOf(value, ON_A_LINE, 0)), width)
}

/** A value on as many lines as it takes, each of about `width` characters. */
export function printableBlock(value: unknown, width = 100): string {
  return block(pieceOf(value, IN_A_BLOCK, 0), '', width)
}

/** Cuts a text and says so with an ellipsis. */
export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

function pieceOf(value: unknown, limits: Limits, depth: number): Piece {
  switch (typeof value) {
    case 'string':
      return quoted(value, limits)
    case 'bigint':
      return `${value}n`
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'object':
      return value === null ? 'null' : pieceOfObject(value, limits, depth)
    case 'function':
    case 'symbol':
      return `[${typeof value}]`
    default:
      return String(value)
  }
}

function quoted(text: string, limits: Limits): string {
  const more = text.length - limits.text
  const shown = inert(JSON.stringify(more > 0 ? text.slice(0, limits.text) : text))
  return more > 0 ? `${shown}… ${more} more characters` : shown
}

function pieceOfObject(value: object, limits: Limits, depth: number): Piece {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (ArrayBuffer.isView(value)) return bytesOf(value)
  if (value instanceof SealedValue) return value.text
  if (depth >= limits.depth) return Array.isArray(value) ? `[… ${value.length}]` : '{…}'
  const inner = (each: unknown): Piece => pieceOf(each, limits, depth + 1)
  if (value instanceof Error) return pieceOfError(value, inner)
  if (Array.isArray(value))
    return bracket('[', ']', value.length, limits, value, (each) => entry('', inner(each)))
  if (value instanceof Map) {
    return bracket(`Map(${value.size}) {`, '}', value.size, limits, value, ([key, each]) => {
      return entry(`${inline(inner(key))} => `, inner(each))
    })
  }
  if (value instanceof Set) {
    return bracket(`Set(${value.size}) {`, '}', value.size, limits, value, (each) => entry('', inner(each)))
  }
  const path = refPath(value)
  if (path !== undefined) return `ref ${inert(path)}`
  const entries = Object.entries(value)
  return bracket('{', '}', entries.length, limits, entries, ([key, each]) =>
    entry(`${keyText(key)}: `, inner(each)),
  )
}

function bracket<T>(
  open: string,
  close: string,
  size: number,
  limits: Limits,
  values: Iterable<T>,
  entryOf: (value: T) => Entry,
): Piece {
  const inside: Entry[] = []
  for (const value of values) {
    if (inside.length === limits.entries) {
      inside.push(entry('', `… ${size - limits.entries} more`))
      break
    }
    inside.push(entryOf(value))
  }
  return { open, close, inside }
}

function entry(key: string, value: Piece): Entry {
  return { key, value }
}

function pieceOfError(error: Error, inner: (value: unknown) => Piece): Piece {
  const text = inert(`${error.name}: ${error.message}`)
  const own = Object.entries(error).filter(([key, value]) => value !== undefined && key !== 'name')
  if (error.cause !== undefined) own.push(['cause', error.cause])
  if (own.length === 0) return `[${text}]`
  return {
    open: `[${text}] {`,
    close: '}',
    inside: own.map(([key, value]) => entry(`${keyText(key)}: `, inner(value))),
  }
}

function bytesOf(view: ArrayBufferView): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength)
  const name = Buffer.isBuffer(view) ? 'bytes' : view.constructor.name
  const more = bytes.byteLength > BYTES_SHOWN ? '…' : ''
  return `<${name} ${bytes.byteLength}: ${bytes.subarray(0, BYTES_SHOWN).toString('hex')}${more}>`
}

const REF = Symbol.for('holdfast.ref')

/** The path of a ref, or `undefined` when the value is none. */
export function refPath(value: object): string | undefined {
  const path = (value as { readonly [REF]?: unknown })[REF]
  return typeof path === 'string' ? path : undefined
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : inert(JSON.stringify(key))
}

function inline(piece: Piece): string {
  if (typeof piece === 'string') return piece
  const { open, close, inside } = piece
  if (inside.length === 0) return open + close
  const space = open === '[' ? '' : ' '
  return `${open}${space}${inside.map(({ key, value }) => key + inline(value)).join(', ')}${space}${close}`
}

function block(piece: Piece, indent: string, width: number): string {
  const flat = inline(piece)
  if (typeof piece === 'string' || indent.length + flat.length <= width) return flat
  const deeper = `${indent}  `
  const lines = piece.inside.map(({ key, value }) => `${deeper}${key}${block(value, deeper, width)}`)
  return `${piece.open}\n${lines.join(',\n')}\n${indent}${piece.close}`
}
