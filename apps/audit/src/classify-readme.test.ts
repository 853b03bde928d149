import { describe, expect, it } from 'vitest'
import { classifyReadme, type ReadmeEvidence } from './classify-readme.js'
import type { Classification } from './classification.js'
import { isc } from './licence-bodies.fixture.js'
import { passagesOf } from './readme-passages.js'

const noHeaders: ReadmeEvidence['headers'] = { sources: 0, found: [] }

const byReadme = (text: string, headers = noHeaders): Classification =>
  classifyReadme({ readme: { path: 'README.md', passages: passagesOf(text) }, headers })

const byHeaders = (texts: readonly string[], sources = texts.length): Classification =>
  classifyReadme({
    readme: null,
    headers: { sources, found: texts.map((text, at) => ({ path: `${at}.js`, text })) },
  })

describe('a readme', () => {
  it.each([
    ['## License\n\nMIT', 'MIT', 0.85],
    [`## License\n\n${isc}`, 'ISC', 0.85],
    ['## License\n\nEither MIT or Apache-2.0', 'Apache-2.0 OR MIT', 0.7],
    ['![x](https://img.shields.io/badge/license-ISC-blue)\n\n## License\n\nSee LICENSE.', 'ISC', 0.75],
    ['It is distributed under the BSD-3-Clause license.', 'BSD-3-Clause', 0.65],
    ['# x\n\nlicensed under the terms of its author', null, 0],
    ['', null, 0],
  ])('%j says %s with confidence %d', (text, licence, confidence) => {
    expect(byReadme(text)).toMatchObject({ licence, confidence })
  })

  it('that names a licence is believed before any header', () => {
    const headers = { sources: 1, found: [{ path: 'a.js', text: '// SPDX-License-Identifier: GPL-2.0' }] }
    expect(byReadme('## License\nMIT', headers).licence).toBe('MIT')
    expect(byReadme('nothing', headers).licence).toBe('GPL-2.0-only')
  })
})

describe('headers', () => {
  it.each([
    ['// SPDX-License-Identifier: MIT', 'MIT', 0.7],
    ['/*! lib v1 | (c) X | @license MIT */', 'MIT', 0.6],
    ['/*\n * Licensed under the Apache License, Version 2.0\n */', 'Apache-2.0', 0.6],
    [isc.replace(/^/gm, '// '), 'ISC', 0.6],
    ['// Copyright X, all rights reserved', null, 0],
  ])('%.40j says %s with confidence %d', (text, licence, confidence) => {
    expect(byHeaders([text])).toMatchObject({ licence, confidence })
  })

  it('of a few files among many are too little to count', () => {
    expect(byHeaders(['// @license MIT'], 10)).toMatchObject({ licence: 'MIT', confidence: 0.4 })
  })

  it('that differ: the most frequent speaks', () => {
    const texts = ['// @license MIT', '// @license ISC', '// @license MIT']
    expect(byHeaders(texts)).toMatchObject({
      licence: 'MIT',
      evidence: 'the header comment of 2 of 3 source files',
    })
  })
})
