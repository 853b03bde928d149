import { describe, expect, it } from 'vitest'
import { checkPatch, isPatched } from './patches.js'

describe('the changes that a turn is under', () => {
  it('say yes to what is among them, and nothing else', () => {
    expect([
      isPatched(['a'], 'a', '/it'),
      isPatched(['a'], 'b', '/it'),
      isPatched(undefined, 'a', '/it'),
    ]).toEqual([true, false, false])
  })

  it('refuse one more when a turn has as many as it may, and none that is there', () => {
    const full = Array.from({ length: 100 }, (_, i) => `change ${i}`)
    expect(isPatched(full, 'change 99', '/it')).toBe(true)
    expect(() => isPatched(full, 'one more', '/it')).toThrow('at most 100 changes')
  })
})

describe('the name of a change', () => {
  it.each(['a', 'x'.repeat(200), 'Steuer 2026 ✓'])('may be %j', (id) => {
    expect(() => {
      checkPatch(id, '/it')
    }).not.toThrow()
  })

  it.each(['', 'x'.repeat(201), '\udc00', 1, undefined])('is not %j', (id) => {
    expect(() => {
      checkPatch(id, '/it')
    }).toThrow('patched.id')
  })
})
