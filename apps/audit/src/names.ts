// Names under which a package is known to the runtime: its inspector's, which is one step of a path, and its
// correlation's, which people type. Both come from foreign text, and both are the same in every run.

import { createHash } from 'node:crypto'

/** What a package calls itself. */
export interface Label {
  name: string
  version: string
}

/** Characters of a name; what is longer is cut and told apart by a hash. A step of a path takes 200. */
const NAME_CHARS_MAX = 160
const HASH_CHARS = 16

// No space and nothing unseen, so that it can be read and typed; no dash first, so that it is never taken for an option.
const readable = /^[^\s\p{C}-][^\s\p{C}]*$/u

/** The correlation of a package: `name@version`, or the name of its place when it has none that can be read. */
export function correlationOf(place: string, label: Label | null): string {
  const own = label === null ? '' : `${label.name}@${label.version}`
  return readable.test(own) && own.length <= NAME_CHARS_MAX ? own : placeName(place)
}

/** A place as one word: `@scope|a`, and `a>b` for `a/node_modules/b`. No two places have the same. */
export function placeName(place: string): string {
  const name = place
    .split('/node_modules/')
    .map((part) => part.split('/').map(segmentName).join('|'))
    .join('>')
  if (name.length <= NAME_CHARS_MAX) return name
  const hash = createHash('sha256').update(place).digest('hex').slice(0, HASH_CHARS)
  return `${name.slice(0, NAME_CHARS_MAX - HASH_CHARS - 1)}#${hash}`
}

// As in a URL, byte by byte: a lone surrogate or an escape sequence in a folder's name stays harmless.
function segmentName(segment: string): string {
  const bytes = [...Buffer.from(segment, 'utf8')]
  return bytes.map((byte, at) => (isKept(byte, at) ? String.fromCharCode(byte) : percent(byte))).join('')
}

const isKept = (byte: number, at: number): boolean =>
  /[\w@.+-]/.test(String.fromCharCode(byte)) && !(at === 0 && byte === 0x2d)

const percent = (byte: number): string => `%${byte.toString(16).padStart(2, '0')}`
