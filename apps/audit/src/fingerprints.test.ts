import { describe, expect, it } from 'vitest'
import { normalisedText, recogniseLicences } from './fingerprints.js'
import * as bodies from './licence-bodies.fixture.js'

const ids = (text: string): string[] => recogniseLicences(text).map((found) => found.id)

describe('licences that share a first sentence are told apart', () => {
  it.each([
    ['MIT', bodies.mit],
    ['MIT-0', bodies.mit0],
    ['JSON', bodies.json],
    ['LicenseRef-MIT-Variant', bodies.mitVariant],
    ['ISC', bodies.isc],
    ['0BSD', bodies.bsd0],
    ['BSD-2-Clause', bodies.bsd2],
    ['BSD-3-Clause', bodies.bsd3],
  ])('%s', (id, text) => {
    expect(recogniseLicences(text)).toEqual([{ id, score: 1 }])
  })

  it('also when several stand in one file', () => {
    const text = [bodies.bsd2, bodies.mit, bodies.bsd0, bodies.bsd3, bodies.isc, bodies.mit0].join('\n---\n')
    expect(ids(text)).toEqual(['0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'])
  })

  it('a condition that was added makes it another licence', () => {
    const military = `${bodies.bsd3}\nThis software is not designed, licensed or intended for use in any military facility.`
    expect(ids(military)).toEqual(['BSD-3-Clause', 'LicenseRef-Field-Of-Use'])
    const commons = `"Commons Clause" License Condition v1.0: ... the right to Sell the Software.\n${bodies.mit}`
    expect(ids(commons)).toEqual(['LicenseRef-Commons-Clause', 'MIT'])
    expect(ids(bodies.bsd2.replace('THIS SOFTWARE', `${'x '.repeat(120)}THIS SOFTWARE`))).toEqual([
      'LicenseRef-BSD-Variant',
    ])
  })
})

describe('a longer licence is known by its passages', () => {
  it.each(bodies.passages)('%s', (id, text) => {
    expect(ids(text)).toEqual([id])
  })

  it('and the licence it is built on is not named beside it', () => {
    const withGpl = `${bodies.passages.find(([id]) => id === 'LGPL-3.0-only')?.[1] ?? ''}\n${bodies.gpl3}`
    expect(ids(withGpl)).toEqual(['LGPL-3.0-only'])
    const later = `Functional Source License, Version 1.1, MIT Future License. Competing Use. ${bodies.mit}`
    expect(ids(later)).toEqual(['FSL-1.1-MIT'])
  })
})

describe('a notice names a licence without its text', () => {
  it.each([
    ['Licensed under the Apache License, Version 2.0 (the "License")', 'Apache-2.0'],
    ['This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0.', 'MPL-2.0'],
    [
      'under the terms of the GNU General Public License as published by the Free Software Foundation; either version 2 of the License, or (at your option) any later version.',
      'GPL-2.0-or-later',
    ],
    ['under the terms of version 3 of the GNU Lesser General Public License', 'LGPL-3.0-only'],
  ])('%.60s', (text, id) => {
    expect(recogniseLicences(text)).toEqual([{ id, score: 0.75 }])
  })

  it('but not in the middle of a long text, which may speak of something else', () => {
    expect(ids(`${'word '.repeat(600)} Licensed under the Apache License, Version 2.0`)).toEqual([])
  })
})

describe('how a text is laid out does not matter', () => {
  it.each([
    ['comment marks', bodies.mit.replace(/^/gm, ' * ')],
    ['line breaks', bodies.mit.replace(/\s+/g, ' ')],
    ['Windows line ends', bodies.mit.replace(/\n/g, '\r\n')],
    ['curly quotes and case', bodies.mit.replace(/"/g, '“').toUpperCase()],
    ['HTML', `<p>${bodies.mit.replace(/\n\n/g, '</p><p>')}</p>`],
    ['Markdown', bodies.mit.replace('MIT License', '# _MIT_ **License**')],
  ])('%s', (_, text) => {
    expect(ids(text)).toEqual(['MIT'])
  })

  it('numbers keep their dots and sentences lose theirs', () => {
    expect(normalisedText('Version 2.0. The "Licence"')).toBe('version 2.0 the license')
  })
})

it.each(['', 'All rights reserved.', 'lorem ipsum '.repeat(500), 'See the LICENSE file in the root.'])(
  '%.30j is no licence',
  (text) => {
    expect(recogniseLicences(text)).toEqual([])
  },
)
