// Placeholders
// ============
// What stands in the log in the place of what must not be stored: what kind of thing it was, and a keyed hash, so that the
// same thing has the same placeholder within one store. It says nothing of the thing itself to somebody without the key.
//
//   "Bearer sk-proj-4f..."  ->  "Bearer [redacted:api-key:9c1f0e5b7a332d48]"

import type { StoredError } from '../records.js'

/** Digits of the hash: two things of one store do not meet, and one line stays one line. */
export const PLACEHOLDER_DIGITS = 16

const PLACEHOLDER = `\\[redacted:[a-z][a-z0-9-]{0,31}:[0-9a-f]{${PLACEHOLDER_DIGITS}}\\]`
const ALL = new RegExp(PLACEHOLDER, 'g')
const WHOLE = new RegExp(`^${PLACEHOLDER}$`)

/** What stands in the place of something: its kind in small letters, and the first digits of a keyed hash of it. */
export function placeholder(kind: string, hash: string): string {
  return `[redacted:${kind}:${hash.slice(0, PLACEHOLDER_DIGITS)}]`
}

/** Whether a text is a placeholder and nothing else. */
export function isPlaceholder(text: string): boolean {
  return text.startsWith('[redacted:') && WHOLE.test(text)
}

/** Where placeholders stand in a text: a beginning and an end for each. */
export function placeholdersIn(text: string): { readonly start: number; readonly end: number }[] {
  if (!text.includes('[redacted:')) return []
  return [...text.matchAll(ALL)].map(({ 0: found, index }) => ({ start: index, end: index + found.length }))
}

/**
 * Whether a text is what was recorded, when what the placeholders of the recorded one stand for is not known: they count as
 * anything at all.
 */
export function isLikeRecorded(recorded: string, text: string): boolean {
  if (recorded === text) return true
  if (!recorded.includes('[redacted:')) return false
  const parts = recorded.split(ALL)
  const [first = '', last = ''] = [parts[0], parts.at(-1)]
  if (parts.length === 1 || text.length < first.length + last.length) return false
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= text.length - last.length
}

/** What is kept of an error when what it says cannot be redacted. */
export const UNREDACTED_ERROR: StoredError = {
  name: 'HoldfastError',
  code: 'HF_NOT_REDACTED',
  message: 'What it failed with could not be redacted, and is not kept.',
}
