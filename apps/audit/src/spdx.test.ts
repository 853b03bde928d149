import { describe, expect, it } from 'vitest'
import { joined, readLicence } from './spdx.js'

describe('a declared licence', () => {
  it.each([
    ['MIT', 'MIT', 'permissive'],
    ['mit', 'MIT', 'permissive'],
    ['MIT License', 'MIT', 'permissive'],
    ['The MIT License (MIT)', 'MIT', 'permissive'],
    ['MIT/X11', 'MIT', 'permissive'],
    ['http://opensource.org/licenses/MIT', 'MIT', 'permissive'],
    ['MIT (http://x.example/license.txt)', 'MIT', 'permissive'],
    ['Apache 2', 'Apache-2.0', 'permissive'],
    ['Apache License, Version 2.0', 'Apache-2.0', 'permissive'],
    ['Apache-2.0 WITH LLVM-exception', 'Apache-2.0 WITH LLVM-exception', 'permissive'],
    ['BSD', 'LicenseRef-BSD', 'permissive'],
    ['BSD (3-clause)', 'BSD-3-Clause', 'permissive'],
    ['BSD 2-Clause "Simplified" License', 'BSD-2-Clause', 'permissive'],
    ['AFLv2.1', 'AFL-2.1', 'permissive'],
    ['CC BY 4.0', 'CC-BY-4.0', 'permissive'],
    ['Public Domain', 'LicenseRef-Public-Domain', 'public-domain'],
    ['Unlicense', 'Unlicense', 'public-domain'],
    ['MPL 2.0', 'MPL-2.0', 'weak-copyleft'],
    ['LGPLv2.1+', 'LGPL-2.1-or-later', 'weak-copyleft'],
    ['GPL-2.0 WITH Classpath-exception-2.0', 'GPL-2.0-only WITH Classpath-exception-2.0', 'weak-copyleft'],
    ['GPLv2', 'GPL-2.0-only', 'strong-copyleft'],
    ['GPL-3.0+', 'GPL-3.0-or-later', 'strong-copyleft'],
    ['GNU General Public License v3.0 or later', 'GPL-3.0-or-later', 'strong-copyleft'],
    ['AGPL-3.0', 'AGPL-3.0-only', 'strong-copyleft'],
    ['Commercial', 'LicenseRef-Proprietary', 'proprietary'],
    ['BUSL-1.1', 'BUSL-1.1', 'proprietary'],
    ['LicenseRef-mine', 'LicenseRef-mine', 'unknown'],
  ])('%s is %s, %s', (text, expression, category) => {
    expect(readLicence(text)).toMatchObject({ kind: 'expression', expression, category, unknown: [] })
  })

  it.each([
    ['(MIT OR GPL-2.0)', 'GPL-2.0-only OR MIT', 'permissive'],
    ['MIT AND GPL-2.0', 'GPL-2.0-only AND MIT', 'strong-copyleft'],
    ['MIT/Apache-2.0', 'Apache-2.0 OR MIT', 'permissive'],
    ['MIT & GPL', 'LicenseRef-GPL AND MIT', 'strong-copyleft'],
    ['dual MIT/GPL', 'LicenseRef-GPL OR MIT', 'permissive'],
    ['Dual licensed under MIT and GPL', 'LicenseRef-GPL OR MIT', 'permissive'],
    ['MIT or GPL-3.0 or later', 'GPL-3.0-or-later OR MIT', 'permissive'],
    ['MIT OR (ISC OR MIT)', 'ISC OR MIT', 'permissive'],
    ['(MIT OR ISC) AND (ISC OR MIT)', 'ISC OR MIT', 'permissive'],
    ['MIT OR ISC AND GPL-2.0', '(GPL-2.0-only AND ISC) OR MIT', 'permissive'],
    ['(MIT OR ISC) AND GPL-2.0', 'GPL-2.0-only AND (ISC OR MIT)', 'strong-copyleft'],
    ['((((MIT))))', 'MIT', 'permissive'],
  ])('%s joins to %s, %s', (text, expression, category) => {
    expect(readLicence(text)).toMatchObject({ kind: 'expression', expression, category })
  })

  it.each(['', '  ', 'none', 'N/A'])('%j is none', (text) => {
    expect(readLicence(text)).toMatchObject({ kind: 'none', expression: null })
  })

  it('UNLICENSED is not the Unlicense', () => {
    expect(readLicence('UNLICENSED')).toMatchObject({ kind: 'unlicensed', category: 'proprietary' })
    expect(readLicence('UNLICENSE')).toMatchObject({ kind: 'expression', category: 'public-domain' })
  })

  it.each([
    ['SEE LICENSE IN LICENSE.md', 'LICENSE.md'],
    ['SEE LICENSE IN <my licence.txt>', 'my licence.txt'],
    ['See LICENSE', 'LICENSE'],
  ])('%s points to %s', (text, file) => {
    expect(readLicence(text)).toMatchObject({ kind: 'see-file', expression: null, file })
  })
})

describe('what nobody knows', () => {
  it.each([
    'My Own License 3',
    'BSD-like',
    'MIT OR',
    'OR',
    '()',
    'MIT, Apache-2.0',
    'MIT with attribution',
    '__proto__',
    'constructor',
    'toString',
    `${'('.repeat(40)}ISC${')'.repeat(40)} OR x`,
    'x'.repeat(100_000),
  ])('%.40s stays unknown', (text) => {
    expect(readLicence(text)).toMatchObject({ kind: 'unknown', expression: null, category: 'unknown' })
  })

  it('is said beside what is known', () => {
    expect(readLicence('MIT OR Foo')).toMatchObject({ unknown: ['Foo'], category: 'permissive' })
    expect(readLicence('MIT AND Foo')).toMatchObject({ unknown: ['Foo'], category: 'unknown' })
  })
})

it('a text is exact when SPDX would write it so', () => {
  const isExact = (text: string): boolean => readLicence(text).isExact
  expect(['MIT', '(MIT OR ISC)', 'GPL-2.0-only WITH Classpath-exception-2.0'].every(isExact)).toBe(true)
  expect(['mit', 'MIT License', 'GPL-2.0', 'MIT/ISC', '(MIT'].some(isExact)).toBe(false)
})

describe('S1 the canonical text', () => {
  const texts = [
    'ISC',
    'MIT AND (BSD-2-Clause OR Zlib)',
    '(A OR MIT) AND GPL-2.0+',
    'GPL WITH LLVM-exception OR 0BSD',
  ]

  it.each(texts)('of %s reads back as itself', (text) => {
    const { expression } = readLicence(text)
    expect(readLicence(expression ?? '').expression).toBe(expression)
  })

  it('does not depend on the order it was written in', () => {
    expect(joined('or', ['MIT', 'ISC', 'Zlib'])).toBe(joined('or', ['Zlib', 'MIT', 'ISC', 'MIT']))
    expect(readLicence('(ISC OR MIT) AND Zlib').expression).toBe(
      readLicence('Zlib AND (MIT OR ISC)').expression,
    )
  })
})
