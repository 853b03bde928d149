// The forms in which a registered secret may stand in a text. What is escaped or percent-encoded is found in views of the
// text, so what is left are those that depend on the bytes of the secret.

import type { Found } from './text-finder.js'

/** What finds a secret in one of its forms. */
export interface SecretForm {
  readonly kind: string
  readonly pattern: string
  /** Characters on either side that hold bits of the secret beside those of its neighbours. */
  readonly before: number
  readonly after: number
}

/** All forms of a secret. */
export function formsOf(secret: string): SecretForm[] {
  const bytes = Buffer.from(secret)
  // The second one as somebody would see it who takes bytes for characters.
  const texts = [secret, bytes.toString('latin1')]
  // What a form sends has a plus for each space. In bytes it may stand as UTF-16, too.
  const forms = texts.flatMap((text) => [form('secret', text), form('secret', text.replaceAll(' ', '+'))])
  forms.push(form('secret', Buffer.from(secret, 'utf16le').toString('latin1')))
  const hex = bytes.toString('hex')
  forms.push(form('secret-hex', hex), form('secret-hex', hex.toUpperCase()))
  for (let shift = 0; shift < 3; shift++) {
    const base64 = shifted(bytes, shift)
    forms.push(base64, { ...base64, pattern: urlSafe(base64.pattern) })
  }
  return forms
}

function form(kind: string, pattern: string): SecretForm {
  return { kind, pattern, before: 0, after: 0 }
}

// Behind `shift` bytes of something else. The characters that also hold bits of what stands around are not known.
function shifted(bytes: Uint8Array, shift: number): SecretForm {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replaceAll('=', '')
  const before = shift === 0 ? 0 : 1
  const after = (shift + bytes.byteLength) % 3 === 0 ? 0 : 1
  return {
    kind: 'secret-base64',
    pattern: whole.slice(shift + before, whole.length - after),
    before,
    after,
  }
}

function urlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_')
}

/** Where a form stands in a text, with the characters beside it that say something of it. */
export function spanOf({ pattern, before, after }: SecretForm, text: string, start: number): Found['span'] {
  const end = start + pattern.length
  const isBefore = before === 1 && start > 0 && isBase64(text.charCodeAt(start - 1))
  const isAfter = after === 1 && end < text.length && isBase64(text.charCodeAt(end))
  return { start: isBefore ? start - 1 : start, end: isAfter ? end + 1 : end }
}

function isBase64(code: number): boolean {
  const letter = code | 0x20
  return (letter >= 97 && letter <= 122) || (code >= 47 && code <= 57) || [43, 45, 95].includes(code)
}
