// Text that looks drawn by lot: a run of the characters of base64 and of names, long enough, in which the characters are
// spread so evenly that nobody would have written it. Ids and hashes look the same, so nobody gets this unasked.

import type { ShapeSpan } from './shapes.js'

/** What counts as drawn by lot. */
export interface HighEntropyRule {
  /** Characters of a run at least. */
  readonly minLength: number
  /** Bits of entropy of one of its characters at least (after Shannon), counted within the run. */
  readonly minBits: number
}

/** Every run of a text that is one. */
export function highEntropyIn(text: string, { minLength, minBits }: HighEntropyRule): ShapeSpan[] {
  const found: ShapeSpan[] = []
  const counts = new Uint32Array(128)
  for (let at = 0; at < text.length; at++) {
    const start = at
    while (at < text.length && isOfRun(text.charCodeAt(at))) counts[text.charCodeAt(at++)]!++
    const length = at - start
    if (length === 0) continue
    if (length >= minLength && bitsOf(counts, length) >= minBits) found.push({ start, end: at })
    if (length < counts.length) for (let i = start; i < at; i++) counts[text.charCodeAt(i)] = 0
    else counts.fill(0)
  }
  return found
}

function isOfRun(code: number): boolean {
  const letter = code | 0x20
  if (code >= 128) return false
  if (letter >= 97 && letter <= 122) return true
  return (code >= 47 && code <= 57) || code === 43 || code === 45 || code === 61 || code === 95
}

function bitsOf(counts: Uint32Array, length: number): number {
  let bits = 0
  for (const count of counts) if (count > 0) bits -= (count / length) * Math.log2(count / length)
  return bits
}
