import { expect, it } from 'vitest'
import { classifyDeclared } from './classify-declared.js'

it.each([
  [['MIT'], 'MIT', 1],
  [['MIT License'], 'MIT', 0.9],
  [['MIT', 'GPL-2.0'], 'GPL-2.0-only OR MIT', 0.85],
  [['MIT OR Foo'], 'Foo OR MIT', 0.5],
  [['UNLICENSED'], 'UNLICENSED', 0.9],
  [['SEE LICENSE IN LICENSE.md'], null, 0],
  [['My Licence'], null, 0],
  [['none'], null, 0],
  [[], null, 0],
])('%j is %s with confidence %d', (declared, licence, confidence) => {
  expect(classifyDeclared(declared)).toMatchObject({ licence, confidence })
})

it('the evidence quotes what is written, inertly', () => {
  expect(classifyDeclared(['My\u001b[2J Licence']).evidence).toBe(
    'package.json declares "My\\u{1b}[2J Licence", which is no known licence',
  )
})
