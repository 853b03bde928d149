import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { clip, codeSpan, inertJson, markdown, shellWord, shown } from './inert.js'

// Case 74: a name with HTML or terminal escape codes is shown inert.
describe('foreign text (case 74)', () => {
  it.each([
    ['\u001b[31mred', '\\u{1b}[31mred'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['a\u200bb', 'a\\u{200b}b'],
    ['a\u009b2J', 'a\\u{9b}2J'],
    ['a\n b\tc', 'a b c'],
    ['\ud800x', '\\u{d800}x'],
  ])('%j is shown as %j', (text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  it.each([
    ['<b>*x*</b>', '&#60;b&#62;\\*x\\*&#60;/b&#62;'],
    ['a|b\\|c', 'a&#124;b&#92;&#124;c'],
    ['`y` [z](w)', '&#96;y&#96; \\[z\\](w)'],
    ['see https://x.example, www.x.example', 'see https\\://x.example, www\\.x.example'],
    ['a &amp; b', 'a &#38;amp; b'],
  ])('%j is no syntax in Markdown', (text, expected) => {
    expect(markdown(text)).toBe(expected)
  })

  it('stands in a code span that its own backticks cannot end', () => {
    expect(codeSpan('a``b')).toBe('```a``b```')
    expect(codeSpan('`a')).toBe('`` `a ``')
    expect(codeSpan('a|b')).toBe('`a\\u{7c}b`')
  })

  it('is cut without splitting a character in two', () => {
    expect(clip('ab😀cd', 4)).toBe('ab…')
    expect(clip('abc', 3)).toBe('abc')
  })
})

describe('a word of a command', () => {
  it('is left alone when it is harmless', () => {
    expect(shellWord('@scope/name@1.0.0')).toBe('@scope/name@1.0.0')
  })

  it.each(['a b', "it's", '$(reboot)', '; rm -rf x', '-n', 'a\nb', "\u001b[0m\\ü'", ''])(
    '%j reaches the command as it is',
    (word) => {
      const echoed = execFileSync('bash', ['-c', `printf '%s' ${shellWord(word)}`], { encoding: 'utf8' })
      expect(echoed).toBe(word)
    },
  )
})

describe('the JSON of a report', () => {
  it('holds unseen characters as escapes and reads back as it was', () => {
    const value = { a: ['\u001b\u009b\u202e\u2028\ud800', 'plain ü'] }
    const json = inertJson(value)
    expect(json).toMatch(/^[\n -~ü]*$/)
    expect(JSON.parse(json)).toEqual(value)
  })
})
