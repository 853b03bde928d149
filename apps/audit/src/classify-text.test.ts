import { describe, expect, it } from 'vitest'
import { classifyText } from './classify-text.js'
import type { LicenceFile } from './contents.js'
import { apache2, gpl3, isc, mit } from './licence-bodies.fixture.js'

const file = (text: string, path = 'LICENSE', role: LicenceFile['role'] = 'licence'): LicenceFile => ({
  path,
  role,
  text,
})

describe('licence files', () => {
  it('one text is one licence', () => {
    expect(classifyText([file(mit)])).toEqual({
      licence: 'MIT',
      confidence: 1,
      evidence: 'the text of LICENSE',
    })
  })

  it('two texts are both licences, in one file or in two', () => {
    expect(classifyText([file(`${mit}\n${gpl3}`)]).licence).toBe('GPL-3.0-only AND MIT')
    expect(classifyText([file(mit, 'LICENSE-MIT'), file(apache2, 'LICENSE-APACHE')]).licence).toBe(
      'Apache-2.0 AND MIT',
    )
  })

  it('two texts are a choice when the file begins by saying so', () => {
    expect(classifyText([file(`Dual-licensed under MIT and ISC.\n${mit}\n${isc}`)]).licence).toBe(
      'ISC OR MIT',
    )
  })

  it('a notice beside the licence changes nothing', () => {
    expect(classifyText([file(mit), file(apache2, 'NOTICE', 'notice')]).licence).toBe('MIT')
    expect(classifyText([file(mit, 'NOTICE', 'notice')])).toMatchObject({ licence: null, confidence: 0 })
  })

  it('a file that only names its licence counts less', () => {
    expect(classifyText([file('MIT\n')])).toMatchObject({ licence: 'MIT', confidence: 0.6 })
  })

  it.each(['', 'Ask the author.', `${'Mit freundlichem Gruss. '.repeat(50)} MIT`])(
    '%.20j is none',
    (text) => {
      expect(classifyText([file(text)])).toMatchObject({
        licence: null,
        evidence: 'LICENSE: no known licence text',
      })
    },
  )

  it('the LGPL 3 with the GPL 3 it builds on is the LGPL', () => {
    const lgpl =
      'GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n0. Additional Definitions. Combined Work'
    expect(classifyText([file(gpl3, 'COPYING'), file(lgpl, 'COPYING.LESSER')]).licence).toBe('LGPL-3.0-only')
  })
})
