// Views
// =====
// A text as it is read by those who take its escapes away: percent-encoding, the escapes of JSON, the line breaks within
// base64. A secret is looked for in each of them, and found where it stands in the text itself.
//
// Invariant: a view is as long as its text at the most, and there are at most `VIEWS_MAX` of them.

/** A text without some of its escapes. */
export interface View {
  readonly text: string
  /** Where each of its characters begins and ends in the first of the views; `null` for that one. */
  readonly places: { readonly starts: Int32Array; readonly ends: Int32Array } | null
}

/** Times that a text may be escaped: JSON in JSON in JSON, and a URL in a URL. */
const ESCAPED_MAX = 3
const ENCODED_MAX = 2

/** All views of a text, itself first. */
export function viewsOf(text: string): View[] {
  const views: View[] = [{ text, places: null }]
  let last = views[0]!
  for (let i = 0; i < ESCAPED_MAX && last.text.includes('\\'); i++) views.push((last = unescaped(last)))
  for (let i = 0; i < ENCODED_MAX && last.text.includes('%'); i++) {
    const next = decoded(last)
    if (next.text.length === last.text.length) break
    views.push((last = next))
  }
  if (/[\r\n]/.test(last.text)) views.push(joined(last))
  return views
}

/** Where what stands between two places of a view stands in the text that all views are made from. */
export function placeIn({ places }: View, start: number, end: number): { start: number; end: number } {
  return places === null ? { start, end } : { start: places.starts[start]!, end: places.ends[end - 1]! }
}

function unescaped(view: View): View {
  const { text } = view
  return rewritten(view, (at) => {
    if (text.charCodeAt(at) !== BACKSLASH) return undefined
    const next = text[at + 1]
    if (next === 'u') {
      const code = hexAt(text, at + 2, 4)
      return code === -1 ? undefined : { char: String.fromCharCode(code), length: 6 }
    }
    const char = next === undefined ? undefined : ESCAPES.get(next)
    return char === undefined ? undefined : { char, length: 2 }
  })
}

function decoded(view: View): View {
  const { text } = view
  return rewritten(view, (at) => {
    if (text.charCodeAt(at) !== PERCENT) return undefined
    const code = hexAt(text, at + 1, 2)
    return code === -1 ? undefined : { char: String.fromCharCode(code), length: 3 }
  })
}

// An indented base64 text is broken by spaces as well, but a secret may hold some: those stay.
function joined(view: View): View {
  const { text } = view
  return rewritten(view, (at) => {
    const code = text.charCodeAt(at)
    return code === CR || code === LF ? { char: '', length: 1 } : undefined
  })
}

const BACKSLASH = 0x5c
const PERCENT = 0x25
const CR = 0x0d
const LF = 0x0a
const ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

interface Rewrite {
  readonly char: string
  /** Characters whose place it takes. */
  readonly length: number
}

function rewritten(view: View, rewrite: (at: number) => Rewrite | undefined): View {
  const { text } = view
  const starts = new Int32Array(text.length)
  const ends = new Int32Array(text.length)
  const parts: string[] = []
  let length = 0
  let copied = 0
  for (let at = 0; at < text.length;) {
    const done = rewrite(at)
    const next = at + (done?.length ?? 1)
    if (done?.char !== '') {
      const { start, end } = placeIn(view, at, next)
      starts[length] = start
      ends[length++] = end
    }
    if (done !== undefined) {
      parts.push(text.slice(copied, at), done.char)
      copied = next
    }
    at = next
  }
  parts.push(text.slice(copied))
  return { text: parts.join(''), places: { starts, ends } }
}

function hexAt(text: string, at: number, digits: number): number {
  let value = 0
  for (let i = at; i < at + digits; i++) {
    const code = text.charCodeAt(i)
    const letter = code | 0x20
    if (code >= 48 && code <= 57) value = value * 16 + code - 48
    else if (letter >= 97 && letter <= 102) value = value * 16 + letter - 87
    else return -1
  }
  return value
}
