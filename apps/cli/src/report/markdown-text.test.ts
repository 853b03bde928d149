import { expect, it } from 'vitest'
import { block, code, markdownTable, plain } from './markdown-text.js'

it('text is shown as it is, and nothing of it is Markdown', () => {
  expect(plain('a | <b> [c](d) *e* `f`\n# g')).toBe('a \\| \\<b\\> \\[c\\](d) \\*e\\* \\`f\\`\\\\n\\# g')
})

it('code has a fence that its text does not hold, also in a cell', () => {
  expect(code('/bank|x')).toBe('`/bank\\|x`')
  expect(code('a`b')).toBe('``a`b``')
  expect(code('`a')).toBe('`` `a ``')
  expect(code('')).toBe('` `')
  expect(code('a\u001b[2J')).toBe('`a\\u{1b}[2J`')
})

it('a block ends where it should, whatever stands in it', () => {
  expect(block('```\nx', 'sh')).toEqual(['````sh', '```', 'x', '````'])
})

it('a table has a line for each row', () => {
  expect(markdownTable(['a', 'b'], [['1', '2']])).toEqual(['| a | b |', '| --- | --- |', '| 1 | 2 |'])
})
