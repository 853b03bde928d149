// What stands in a log comes from anywhere: a message type may hold an escape sequence, a name may turn the direction
// of writing. Text for a terminal shows such characters and does not obey them.

const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Text that a terminal only shows. */
export function inert(text: string): string {
  return text.replace(
    ACTIVE,
    (character) => SHORT[character] ?? `\\u{${character.charCodeAt(0).toString(16)}}`,
  )
}
