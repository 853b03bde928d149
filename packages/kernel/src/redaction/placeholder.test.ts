import { describe, expect, it } from 'vitest'
import { isLikeRecorded, isPlaceholder, placeholder, placeholdersIn } from './placeholder.js'

const MARK = placeholder('api-key', '0123456789abcdef0123')
const OTHER = placeholder('secret', 'f'.repeat(64))

describe('a placeholder', () => {
  it('says what kind of thing it stands for, and as much of a hash as it needs', () => {
    expect(MARK).toBe('[redacted:api-key:0123456789abcdef]')
    expect([isPlaceholder(MARK), isPlaceholder(`${MARK}.`), isPlaceholder('[redacted]')]).toEqual([
      true,
      false,
      false,
    ])
    expect(placeholdersIn(`a${MARK}${OTHER}`)).toEqual([
      { start: 1, end: 1 + MARK.length },
      { start: 1 + MARK.length, end: 1 + MARK.length + OTHER.length },
    ])
  })
})

describe('a text is like the one that was recorded', () => {
  it.each([
    ['itself', 'a', 'a'],
    ['with anything in the place of a placeholder', `use ${MARK} now`, 'use sk-1 now'],
    ['with nothing there', MARK, ''],
    ['with something at its end', `use ${MARK}`, 'use sk-1'],
    ['with something at its beginning', `${MARK} is it`, 'sk-1 is it'],
    ['with several', `${MARK}, ${OTHER} and ${MARK}`, 'a, b and c'],
    ['with two beside each other', `a${MARK}${OTHER}b`, 'aXb'],
    ['with what stands around it within it', `a ${MARK} b ${OTHER}`, 'a b b b'],
  ])('when it is %s', (_how, recorded, text) => {
    expect(isLikeRecorded(recorded, text)).toBe(true)
  })

  it.each([
    ['another one', 'a', 'b'],
    ['another one around it', `use ${MARK} now`, 'use sk-1 later'],
    ['too short for what stands around it', `ab${MARK}ba`, 'aba'],
    ['without what stands between two', `${MARK}, ${OTHER}`, 'a b'],
    ['in another order', `${MARK} 1 ${OTHER} 2 `, 'a 2 b 1 '],
    ['one with a placeholder where none was', 'a', MARK],
  ])('and not when it is %s', (_how, recorded, text) => {
    expect(isLikeRecorded(recorded, text)).toBe(false)
  })
})
