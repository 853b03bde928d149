// The comment a source file begins with, when it speaks of a licence.

import { clip } from './inert.js'

const sources = /\.(?:[cm]?[jt]sx?|css|s[ac]ss|less|vue|svelte|c|cc|cpp|h|hpp|rs|go|py|sh|java|swift|zig)$/i
const aboutLicences = /licen[cs]e|copyright|spdx|public domain/i

/** Tells whether a file is source code whose header comment may name a licence. */
export function isSource(name: string): boolean {
  return sources.test(name)
}

/** The licence comment at the head of a source text, or null. */
export function headerCommentOf(head: string, charsMax: number): string | null {
  const body = head
    .replace(/^\uFEFF/, '')
    .replace(/^#!.*\n/, '')
    .replace(/^(?:\s|["']use strict["'];?)+/, '')
  const comments: string[] = []
  let rest = body
  // Several comments may stand in a row; the licence is often not in the first.
  for (let count = 0; count < 4; count += 1) {
    const comment =
      /^\s*(?:\/\*[\s\S]*?(?:\*\/|$)|(?:\/\/[^\n]*(?:\n\s*|$))+|(?:#[^\n]*(?:\n\s*|$))+|<!--[\s\S]*?(?:-->|$))/.exec(
        rest,
      )
    if (comment === null || comment[0] === '') break
    comments.push(comment[0])
    rest = rest.slice(comment[0].length)
  }
  const text = comments.filter((comment) => aboutLicences.test(comment)).join('\n')
  return text === '' ? null : clip(text.trim(), charsMax)
}
