// Fields in texts
// ===============
// A request is often written down as a text: the lines of its headers, or JSON in which it stands. A field of a credential is
// found there as well, by its name and by what follows it.
//
//   Cookie: a=b            at the beginning of a line, or of something in quotes: up to the end of either
//   "cookie": "a=b"        the name in quotes: what is in the quotes behind the colon, also when they are escaped
//
// Invariant: what was taken for a value is not looked at again, so that every character is looked at once for each.

import { isPlaceholder } from '@holdfast/kernel'
import { MultiSearch } from './multi-search.js'
import type { ShapeSpan } from './shapes.js'

/** Blanks around a colon. */
const BLANKS_MAX = 16

/** Finds what stands under names in a text. */
export class FieldText {
  readonly #names: readonly string[]
  readonly #search: MultiSearch
  /** Characters of the shortest text that may hold one. */
  readonly shortest: number

  /** Each name in small letters, in every spelling. */
  constructor(names: readonly string[]) {
    this.#names = names
    this.#search = new MultiSearch(names)
    this.shortest = this.#search.shortest + 2
  }

  /** The values of all fields in a text, in their order. */
  in(text: string): ShapeSpan[] {
    const found: ShapeSpan[] = []
    let next = 0
    this.#search.forEach(inSmallLetters(text), (number, start) => {
      if (start < next) return
      const span = valueOf(text, start, start + this.#names[number]!.length)
      if (span === undefined || span.end <= span.start) return
      next = span.end
      if (!isPlaceholder(text.slice(span.start, span.end))) found.push(span)
    })
    return found
  }
}

// What is longer in small letters would stand elsewhere.
function inSmallLetters(text: string): string {
  const small = text.toLowerCase()
  return small.length === text.length ? small : text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function valueOf(text: string, start: number, end: number): ShapeSpan | undefined {
  const before = text[start - 1]
  if (before === '"' || before === "'") {
    const depth = escapesBefore(text, start - 1)
    const quote = end + depth
    if (text[quote] === before && escapesBefore(text, quote) === depth) return inJson(text, quote + 1)
    return text[end] === ':' ? upTo(text, end + 1, before, depth) : undefined
  }
  if (text[end] !== ':') return undefined
  if (start === 0 || before === '\n' || before === '\r') return upTo(text, end + 1, '', 0)
  return isEscapedBreak(text, start - 2) ? upTo(text, end + 1, '"', 0) : undefined
}

// Behind a name in quotes: a colon, and a text in quotes that are escaped as often, a list of them, or a number.
function inJson(text: string, from: number): ShapeSpan | undefined {
  const colon = afterBlanks(text, from)
  if (text[colon] !== ':') return undefined
  const at = afterBlanks(text, colon + 1)
  if (text[at] === '[') return { start: at + 1, end: endAt(text.indexOf(']', at), text) }
  let quote = at
  while (text[quote] === '\\') quote++
  if (text[quote] !== '"' && text[quote] !== "'") return { start: at, end: endOfNumber(text, at) }
  const depth = quote - at
  let end = text.indexOf(text[quote]!, quote + 1)
  while (end !== -1 && escapesBefore(text, end) !== depth) end = text.indexOf(text[quote]!, end + 1)
  return { start: quote + 1, end: end === -1 ? text.length : end - depth }
}

function endOfNumber(text: string, from: number): number {
  let at = from
  while (at < text.length && /[0-9.eE+-]/.test(text[at]!)) at++
  return at
}

// Up to the end of the line, which is escaped where the line stands in quotes, or up to the end of these.
function upTo(text: string, from: number, quote: string, depth: number): ShapeSpan {
  const start = afterBlanks(text, from)
  let end = start
  while (end < text.length && text[end] !== '\n' && text[end] !== '\r') {
    if (quote !== '' && isEscapedBreak(text, end)) break
    if (text[end] === quote && escapesBefore(text, end) === depth) {
      end -= depth
      break
    }
    end++
  }
  while (end > start && text[end - 1] === ' ') end--
  return { start, end }
}

function isEscapedBreak(text: string, at: number): boolean {
  return text[at] === '\\' && (text[at + 1] === 'n' || text[at + 1] === 'r')
}

function escapesBefore(text: string, at: number): number {
  let count = 0
  while (text[at - 1 - count] === '\\') count++
  return count
}

function afterBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' && at - from < BLANKS_MAX) at++
  return at
}

function endAt(end: number, text: string): number {
  return end === -1 ? text.length : end
}
