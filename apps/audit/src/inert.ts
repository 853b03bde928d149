// Names, versions, scripts and licence texts of a foreign tree may hold terminal escapes, text
// that turns direction, HTML, or shell syntax. What is shown of them is made inert here.

const SHOWN_CHARS_MAX = 160

// Controls (C0, C1), format characters (bidi marks and overrides, zero width, BOM), lone
// surrogates and the two line separators: nothing that moves a cursor or hides a character.
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu

function escaped(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
}

/** Cuts a text after `charsMax` characters and says so with an ellipsis. */
export function clip(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text
  const cut = text.slice(0, charsMax - 1)
  return `${cut.replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** One line of foreign text, bounded, with every unseen character written out. */
export function shown(text: string, charsMax: number = SHOWN_CHARS_MAX): string {
  return clip(text, charsMax)
    .replace(/[ \t\r\n]+/g, ' ')
    .trim()
    .replace(unseen, escaped)
}

// What would end a table cell or begin HTML or code is written as an entity, which means the same
// everywhere; a backslash before it would mean something else in a cell.
const entities: ReadonlyMap<string, string> = new Map(
  ['\\', '`', '|', '<', '>', '&'].map((char) => [char, `&#${char.charCodeAt(0)};`]),
)

/** Foreign text for a paragraph or a table cell of Markdown: shown, and nothing in it is syntax. */
export function markdown(text: string): string {
  return (
    shown(text, 600)
      .replace(/[\\`|<>&]/g, (char) => entities.get(char) ?? char)
      .replace(/[*_[\]~]/g, '\\$&')
      // A bare address would become a link by itself.
      .replace(/:\/\//g, '\\://')
      .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}\\.`)
  )
}

/** Foreign text as a Markdown code span, fenced by more backticks than it holds. */
export function codeSpan(text: string): string {
  // A bar would end the cell of a table even here.
  const line = shown(text, 600).replace(/\|/g, escaped)
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((run) => run[0].length))
  const fence = '`'.repeat(longest + 1)
  const pad = line === '' || line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${line}${pad}${fence}`
}

/** One word of a shell command: as it is when it is harmless, quoted when it is not. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('-')) return text
  if (text.search(unseen) === -1) return `'${text.replace(/'/g, `'\\''`)}'`
  const bytes = [...Buffer.from(text, 'utf8')]
  const isPlain = (byte: number): boolean => byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
  const quoted = bytes.map((byte) =>
    isPlain(byte) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  )
  return `$'${quoted.join('')}'`
}

/** JSON with two spaces and a final newline; unseen characters in its texts are written as escapes. */
export function inertJson(value: unknown): string {
  // Only texts can hold such characters, since the newlines of the layout are left as they are.
  const json = JSON.stringify(value, null, 2).replace(/[^\n\P{Cc}]|[\p{Cf}\u2028\u2029]/gu, (char) =>
    [...Array(char.length).keys()]
      .map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  )
  return `${json}\n`
}
