import { describe, expect, it } from 'vitest'
import { Codec } from './codec.js'
import { digestOf } from './disk/checksum.js'
import { QUICK_DIGEST, quickDigest } from './quick-digest.js'

const codec = new Codec()
const sha = (value: unknown): number => digestOf(codec.bytes(value))

describe('a digest', () => {
  it.each([
    ['nothing', undefined],
    ['a number', 7],
    ['a small object', { n: 300, at: 1.5, name: 'purse' }],
    ['what is not flat', { list: [1, new Map([[1, 2]])] }],
  ] as [string, unknown][])('of %s is a quick one, and is found again', (_what, value) => {
    const digest = codec.digest(value)
    expect(digest).toBeGreaterThanOrEqual(QUICK_DIGEST)
    expect(digest).toBeLessThan(2 * QUICK_DIGEST)
    expect(codec.hasDigest(value, digest)).toBe(true)
    expect(codec.hasDigest({ other: 1 }, digest)).toBe(false)
  })

  it('of a large value is cut from its SHA-256', () => {
    const value = { text: 'x'.repeat(150) }
    expect(codec.digest(value)).toBe(sha(value))
    expect(codec.hasDigest(value, sha(value))).toBe(true)
  })

  it('of a value that format 3 called small is known, though it has a SHA-256 today', () => {
    const value = { text: 'x'.repeat(400) }
    const bytes = codec.bytes(value)
    expect(codec.digest(value)).toBe(sha(value))
    expect(codec.hasDigest(value, quickDigest(bytes, 0, bytes.byteLength))).toBe(true)
  })

  it('of a small value that an earlier version wrote is known as well', () => {
    const value = { n: 200 }
    expect(codec.hasDigest(value, sha(value))).toBe(true)
    expect(codec.hasDigest({ n: 201 }, sha(value))).toBe(false)
  })

  it('differs for values that differ in one bit, and never changes', () => {
    const seen = new Set(Array.from({ length: 20_000 }, (_, n) => codec.digest({ n })))
    expect(seen.size).toBe(20_000)
    expect(quickDigest(Buffer.from('holdfast'), 0, 8)).toBe(EXPECTED)
  })
})

/** Stands in logs: it must never come out otherwise. */
const EXPECTED = 432_848_824_504_146
