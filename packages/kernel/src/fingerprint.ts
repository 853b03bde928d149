// A short fingerprint of code: cyrb53 (bryc, public domain), 53 bits. It says "this changed"; it proves nothing.

import type { Blueprint } from './blueprint.js'

/** A fingerprint of a text. */
function fingerprint(text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2_654_435_761)
    b = Math.imul(b ^ code, 1_597_334_677)
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909)
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909)
  return (4_294_967_296 * (2_097_151 & b) + (a >>> 0)).toString(36)
}

/** The fingerprint of a definition: its version and the source of its handlers. */
export function fingerprintOf(blueprint: Blueprint): string {
  const sources = blueprint.types().map((type) => `${type}:${String(blueprint.entry(type)?.written)}`)
  return `${blueprint.version}-${fingerprint(sources.join('\n'))}`
}
