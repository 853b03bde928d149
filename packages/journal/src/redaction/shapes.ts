// Shapes
// ======
// Keys and tokens that can be told by how they look: the well-known beginnings of those that services give out. Each has a
// scanner that goes over its characters once.
//
// Invariant: a scanner begins only where no character of its token stands before it, so that no character is looked at by
// more than one run of the same scanner.

/** A token in a text, from one place to another. */
export interface ShapeSpan {
  readonly start: number
  readonly end: number
}

/** A kind of key or token. */
export interface Shape {
  readonly kind: string
  /** What it begins with, or what stands right before it. */
  readonly prefixes: readonly string[]
  /** Where it is, when its beginning stands at a place; `undefined` when it only looks like one. */
  scan(text: string, at: number, prefix: string): ShapeSpan | undefined
}

const UPPER = 1
const LOWER = 2
const DIGIT = 4
const LETTER = UPPER | LOWER

/** What each of the first 128 characters is, by class. */
function classOf(isIn: (char: string) => boolean): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => (isIn(String.fromCharCode(code)) ? 1 : 0))
}

const WORD = classOf((char) => /[A-Za-z0-9_]/.test(char))
const TOKEN = classOf((char) => /[A-Za-z0-9_-]/.test(char))
const CAPITALS = classOf((char) => /[A-Z0-9]/.test(char))
const CREDENTIAL = classOf((char) => /[A-Za-z0-9._~+/=-]/.test(char))

function isIn(set: Uint8Array, text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code < 128 && set[code] === 1
}

/** Where a run of characters ends. */
function endOfRun(set: Uint8Array, text: string, from: number): number {
  let at = from
  while (at < text.length && isIn(set, text, at)) at++
  return at
}

/** Which sorts of letters and digits stand in a part of a text. */
function sortsIn(text: string, start: number, end: number): number {
  let sorts = 0
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) sorts |= DIGIT
    else if (code >= 65 && code <= 90) sorts |= UPPER
    else if (code >= 97 && code <= 122) sorts |= LOWER
  }
  return sorts
}

// Words of a language are long as well, but hold no digits and do not change their case within.
function looksDrawn(text: string, start: number, end: number): boolean {
  const sorts = sortsIn(text, start, end)
  return (sorts & DIGIT) !== 0 || ((sorts & LETTER) === LETTER && sortsIn(text, start + 1, end) === LETTER)
}

/** A token that begins with its prefix, and goes on for so many characters at least. */
function token(kind: string, prefixes: readonly string[], set: Uint8Array, least: number): Shape {
  return {
    kind,
    prefixes,
    scan: (text, at, prefix) => {
      if (at > 0 && isIn(set, text, at - 1)) return undefined
      const from = at + prefix.length
      const end = endOfRun(set, text, from)
      return end - from >= least && looksDrawn(text, from, end) ? { start: at, end } : undefined
    },
  }
}

/** What stands behind the name of a scheme in a header. */
function scheme(kind: string, name: string, least: number): Shape {
  return {
    kind,
    prefixes: [name, name.toLowerCase(), name.toUpperCase()],
    scan: (text, at, prefix) => {
      if (at > 0 && isIn(WORD, text, at - 1)) return undefined
      const start = at + prefix.length
      const end = endOfRun(CREDENTIAL, text, start)
      return end - start >= least && looksDrawn(text, start, end) ? { start, end } : undefined
    },
  }
}

// Three parts of base64url with dots between them; the last one may be empty.
function scanJwt(text: string, at: number): ShapeSpan | undefined {
  if (at > 0 && isIn(TOKEN, text, at - 1)) return undefined
  const head = endOfRun(TOKEN, text, at)
  if (head - at < 10 || text[head] !== '.') return undefined
  const body = endOfRun(TOKEN, text, head + 1)
  if (body - head < 5 || text[body] !== '.') return undefined
  return { start: at, end: endOfRun(TOKEN, text, body + 1) }
}

const PEM_BEGIN = '-----BEGIN '
const PEM_END = '-----END '
const PEM_LABEL_MAX = 64

// One that is cut off goes to the end of the text, so that no end is looked for twice.
function scanPem(text: string, at: number): ShapeSpan | undefined {
  const label = text.slice(at + PEM_BEGIN.length, at + PEM_BEGIN.length + PEM_LABEL_MAX)
  const till = label.indexOf('-----')
  if (till === -1 || !label.slice(0, till).includes('PRIVATE KEY')) return undefined
  const end = text.indexOf(PEM_END, at + PEM_BEGIN.length)
  if (end === -1) return { start: at, end: text.length }
  const rest = text.slice(end + PEM_END.length, end + PEM_END.length + PEM_LABEL_MAX).indexOf('-----')
  return { start: at, end: rest === -1 ? text.length : end + PEM_END.length + rest + 5 }
}

/** The shapes that are known. */
export const SHAPES: readonly Shape[] = [
  token('api-key', ['sk-'], TOKEN, 20),
  token('api-key', ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'], WORD, 16),
  token('github-token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], WORD, 30),
  token('github-token', ['github_pat_'], WORD, 22),
  token('gitlab-token', ['glpat-'], TOKEN, 20),
  token('npm-token', ['npm_'], WORD, 30),
  token('aws-key', ['AKIA', 'ASIA'], CAPITALS, 16),
  token('slack-token', ['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-'], TOKEN, 10),
  token('google-key', ['AIza'], TOKEN, 35),
  { kind: 'jwt', prefixes: ['eyJ'], scan: scanJwt },
  { kind: 'private-key', prefixes: [PEM_BEGIN], scan: scanPem },
  scheme('bearer', 'Bearer ', 16),
  scheme('basic', 'Basic ', 8),
]
