// Licence expressions
// ===================
// Reads what a package declares: an SPDX expression, an old name, an address, or npm's own
// "UNLICENSED" and "SEE LICENSE IN". The grammar, loosest first:
//
//   choice  ->  both { (OR | / | ||) both }
//   both    ->  item { (AND | &) item }
//   item    ->  '(' choice ')'  |  name [ WITH exception ]
//
// A name is any run of words between the operators, so "Apache 2 or MIT License" reads as it is
// meant. A name nobody knows stays in the expression as it is written and is reported as unknown.
//
// Invariants
//   S1  The canonical text of an expression is sorted, flat and without duplicates, and reads back as itself.
//   S2  Reading never throws and takes time linear in a bounded text.

import { clip } from './inert.js'
import type { LicenceCategory } from './licences.js'
import {
  categories,
  categoryOfId,
  exactId,
  idOfName,
  isGeneric,
  knownExceptions,
  sameLicence,
  weakeningExceptions,
} from './licences.js'
import { byText, distinct } from './order.js'

/** One licence of an expression, or several joined by OR (a choice) or AND (all apply). */
export type Expression =
  | { kind: 'licence'; id: string; exception: string | null; known: boolean }
  | { kind: 'or' | 'and'; parts: Expression[] }

/** What a declared licence text means. */
export interface Licence {
  kind: 'expression' | 'none' | 'unlicensed' | 'see-file' | 'unknown'
  /** The canonical expression; null for "none", "see-file" and "unknown". */
  expression: string | null
  /** The licences in it, sorted, without exceptions. */
  licences: string[]
  /** Names in it that nobody knows, sorted. */
  unknown: string[]
  category: LicenceCategory
  /** The file a "SEE LICENSE IN" points to. */
  file: string | null
  /** The text is already a valid SPDX expression, written as SPDX writes it. */
  isExact: boolean
}

const TEXT_CHARS_MAX = 1_000
const DEPTH_MAX = 16

type Operator = 'or' | 'and' | 'with'
type Token = { kind: Operator | '(' | ')' } | { kind: 'name'; text: string }

/** Reads a licence text; what cannot be read comes back as unknown, with its text. */
export function readLicence(text: string): Licence {
  const written = clip(text.trim(), TEXT_CHARS_MAX).replace(/\s+/g, ' ')
  if (written === '' || /^(?:none|null|undefined|n\/a|-)$/i.test(written)) return plain('none')
  if (/^unlicensed$/i.test(written)) {
    return {
      ...plain('unlicensed'),
      expression: 'UNLICENSED',
      licences: ['UNLICENSED'],
      category: 'proprietary',
    }
  }
  const file = /^see (?:the )?(?:licen[cs]e )?(?:file )?(?:in |at )?(.+)$/i.exec(written)?.[1]
  if (file !== undefined) return { ...plain('see-file'), file: file.replace(/^[<"'(]+|[>"')]+$/g, '') }
  // Whoever writes "dual licensed under MIT and GPL" offers both, one of which is to be chosen.
  const dual = /^(?:dual|tri)(?:ly)?[ -]?(?:licen[cs]ed)?(?: under| as)?:? /i.exec(written)
  const offer = dual === null ? written : written.slice(dual[0].length).replace(/ and /gi, ' OR ')
  const expression = readExpression(offer)
  return expression === null ? { ...plain('unknown'), unknown: [written] } : described(expression, written)
}

function plain(kind: Licence['kind']): Licence {
  return {
    kind,
    expression: null,
    licences: [],
    unknown: [],
    category: 'unknown',
    file: null,
    isExact: false,
  }
}

function described(expression: Expression, written: string): Licence {
  const leaves = leavesOf(expression)
  const unknown = distinct(leaves.filter((leaf) => !leaf.known).map((leaf) => leaf.id))
  if (unknown.length === leaves.length) return { ...plain('unknown'), unknown }
  const canonical = textOf(expression)
  return {
    kind: 'expression',
    expression: canonical,
    licences: distinct(leaves.map((leaf) => leaf.id)),
    unknown,
    category: categoryOf(expression),
    file: null,
    isExact: isExactText(written, leaves),
  }
}

// Order and outer parentheses are free in SPDX; the names are not.
function isExactText(written: string, leaves: readonly Leaf[]): boolean {
  const names = written.replace(/[()]/g, ' ').split(/ +(?:OR|AND|WITH) +/)
  const ids = new Set(leaves.flatMap((leaf) => [leaf.id, leaf.exception ?? leaf.id]))
  if (written.split('(').length !== written.split(')').length) return false
  return names.every((name) => ids.has(name.trim()))
}

/** Reads an expression, or returns null when its parentheses or operators do not fit together. */
export function readExpression(written: string): Expression | null {
  const whole = nameOf(written)
  if (whole.known) return whole
  const tokens = tokensOf(written)
  const cursor = { at: 0, depth: 0 }
  const expression = readChoice(tokens, cursor)
  return expression !== null && cursor.at === tokens.length ? canonical(expression) : null
}

interface Cursor {
  at: number
  depth: number
}

function readChoice(tokens: readonly Token[], cursor: Cursor): Expression | null {
  return readJoined(tokens, cursor, 'or', () =>
    readJoined(tokens, cursor, 'and', () => readItem(tokens, cursor)),
  )
}

function readJoined(
  tokens: readonly Token[],
  cursor: Cursor,
  operator: 'or' | 'and',
  readPart: () => Expression | null,
): Expression | null {
  const parts: Expression[] = []
  for (;;) {
    const part = readPart()
    if (part === null) return null
    parts.push(part)
    if (tokens[cursor.at]?.kind !== operator) break
    cursor.at += 1
  }
  const [only] = parts
  return only !== undefined && parts.length === 1 ? only : { kind: operator, parts }
}

function readItem(tokens: readonly Token[], cursor: Cursor): Expression | null {
  const token = tokens[cursor.at]
  if (token?.kind === '(') {
    if (cursor.depth >= DEPTH_MAX) return null
    cursor.at += 1
    cursor.depth += 1
    const inner = readChoice(tokens, cursor)
    if (inner === null || tokens[cursor.at]?.kind !== ')') return null
    cursor.at += 1
    cursor.depth -= 1
    return inner
  }
  if (token?.kind !== 'name') return null
  cursor.at += 1
  const leaf = nameOf(token.text)
  if (tokens[cursor.at]?.kind !== 'with') return leaf
  const exception = tokens[cursor.at + 1]
  if (exception?.kind !== 'name') return null
  cursor.at += 2
  const name = exceptionOf(exception.text)
  if (name !== null) return { ...leaf, exception: name }
  // A condition nobody knows makes the licence another one, so the whole stays unknown.
  return { kind: 'licence', id: `${token.text} WITH ${exception.text}`, exception: null, known: false }
}

function exceptionOf(text: string): string | null {
  const wanted = text.replace(/ /g, '-').toLowerCase()
  const known = [...knownExceptions].find((name) => name.toLowerCase() === wanted)
  return known ?? (/^(?:[\w.-]+-exception(?:-[\d.]+)?|AdditionRef-[\w.-]+)$/.test(text) ? text : null)
}

// "GPL 2 or later" is one name, although it holds an operator's word.
const laterWords = /[ -]or[ -](?:any[ -])?(?:later|newer|greater|above)(?:[ -]versions?)?(?![a-z])/gi
const tokenPattern = /\(|\)|\|\|?|&&?|\/(?!\/)|[^\s()|&/]+(?:\/\/[^\s()]*)?/g

function tokensOf(written: string): Token[] {
  const tokens: Token[] = []
  let words: string[] = []
  const endName = (): void => {
    if (words.length > 0) tokens.push({ kind: 'name', text: words.join(' ') })
    words = []
  }
  for (const [text] of written.replace(laterWords, '-or-later').matchAll(tokenPattern)) {
    const operator = operatorOf(text)
    if (operator === null) {
      words.push(text)
    } else {
      endName()
      tokens.push({ kind: operator })
    }
  }
  endName()
  return tokens
}

function operatorOf(text: string): Operator | '(' | ')' | null {
  if (text === '(' || text === ')') return text
  if (/^(?:or|\/|\|\|?)$/i.test(text)) return 'or'
  if (/^(?:and|&&?)$/i.test(text)) return 'and'
  return /^with$/i.test(text) ? 'with' : null
}

type Leaf = Extract<Expression, { kind: 'licence' }>

function nameOf(text: string): Leaf {
  const reference = /^(?:DocumentRef-[\w.-]+:)?LicenseRef-[\w.-]+$/.test(text)
  const id = exactId(text) ?? (reference ? text : (idOfName(text) ?? idSaidTwice(text)))
  return { kind: 'licence', id: id ?? text, exception: null, known: id !== null }
}

// "The MIT License (MIT)"
function idSaidTwice(text: string): string | null {
  const [, long, short] = /^([^()]+)\(([^()]+)\)$/.exec(text) ?? []
  if (long === undefined || short === undefined) return null
  const id = idOfName(long.trim())
  const again = exactId(short.trim()) ?? idOfName(short)
  return id !== null && again !== null && sameLicence(id, again) ? (isGeneric(id) ? again : id) : null
}

/** The licences of an expression, in its order. */
export function leavesOf(expression: Expression): Leaf[] {
  return expression.kind === 'licence' ? [expression] : expression.parts.flatMap(leavesOf)
}

function canonical(expression: Expression): Expression {
  if (expression.kind === 'licence') return expression
  const parts = expression.parts.map(canonical)
  const flat = parts.flatMap((part) => (part.kind === expression.kind ? part.parts : [part]))
  const byTextOf = new Map(flat.map((part) => [textOf(part), part]))
  const sorted = [...byTextOf.entries()].sort(([a], [b]) => byText(a, b)).map(([, part]) => part)
  const [only] = sorted
  return only !== undefined && sorted.length === 1 ? only : { kind: expression.kind, parts: sorted }
}

/** The text of an expression; parts that are joined otherwise than the whole stand in parentheses. */
export function textOf(expression: Expression): string {
  if (expression.kind === 'licence') {
    return expression.exception === null ? expression.id : `${expression.id} WITH ${expression.exception}`
  }
  return expression.parts
    .map((part) => (part.kind === 'licence' ? textOf(part) : `(${textOf(part)})`))
    .join(expression.kind === 'or' ? ' OR ' : ' AND ')
}

/** Joins licences into one canonical expression text. */
export function joined(kind: 'or' | 'and', licences: readonly string[]): string {
  const parts = licences.map((text) => readExpression(text) ?? nameOf(text))
  return textOf(canonical({ kind, parts }))
}

/** The category of an expression: of a choice the freest, of several that apply the most restrictive. */
export function categoryOf(expression: Expression): LicenceCategory {
  if (expression.kind === 'licence') {
    const category = categoryOfId(expression.id)
    const isWeakened = expression.exception !== null && weakeningExceptions.has(expression.exception)
    return isWeakened && category === 'strong-copyleft' ? 'weak-copyleft' : category
  }
  const ranks = expression.parts.map((part) => categories.indexOf(categoryOf(part)))
  const rank = expression.kind === 'or' ? Math.min(...ranks) : Math.max(...ranks)
  return categories[rank] ?? 'unknown'
}
