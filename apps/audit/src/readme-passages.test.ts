import { describe, expect, it } from 'vitest'
import { passagesOf } from './readme-passages.js'

describe('the licence section', () => {
  it.each([
    ['## License\n\nMIT\n\n## Next\n\nISC', 'License\nMIT'],
    ['## License (MIT)\n', 'License (MIT)'],
    ['# 📄 License\nMIT', '📄 License\nMIT'],
    ['License\n-------\n\nMIT\n\nNext\n----\nISC', 'License\nMIT'],
    ['<h2 id="l">License</h2>\nMIT\n<h2>Next</h2>', '<h2 id="l">License</h2>\nMIT'],
    ['**License**\n\nMIT', '**License**\nMIT'],
    ['## Copyright & License\nMIT', 'Copyright & License\nMIT'],
    ['text\n\n(The MIT License)\n\nCopyright X', '(The MIT License)\nCopyright X'],
    ['## Licence\r\n\r\nMIT\r\n', 'Licence\nMIT'],
  ])('of %j is %j', (readme, section) => {
    expect(passagesOf(readme).section).toBe(section)
  })

  it.each(['', 'no headings', '## Licensed features\n\nx', '## Usage\n\nmind the license'])(
    '%j has none',
    (readme) => {
      expect(passagesOf(readme).section).toBeNull()
    },
  )

  it('is bounded', () => {
    expect(passagesOf(`## License\n${'x'.repeat(1e5)}`).section?.length).toBe(1_500)
  })
})

describe('badges', () => {
  it.each([
    ['![x](https://img.shields.io/badge/license-MIT-blue.svg)', 'MIT'],
    ['![x](https://img.shields.io/badge/License-Apache%202.0-blue)', 'Apache 2.0'],
    ['![x](https://img.shields.io/badge/license-BSD--3--Clause-blue.svg)', 'BSD-3-Clause'],
    ['[![License: ISC](x.svg)](y)', 'ISC'],
    ['[![MIT License](x.svg)](y)', 'MIT'],
    ['<img alt="License: MIT" src="x.svg">', 'MIT'],
  ])('%s says %s', (readme, label) => {
    expect(passagesOf(readme).badges).toContain(label)
  })

  it('that are not about licences, or stand in an example, say nothing', () => {
    expect(passagesOf('![build](https://img.shields.io/badge/build-passing-green)').badges).toEqual([])
    expect(passagesOf('```\n![MIT License](x)\n```').badges).toEqual([])
    expect(passagesOf('![x](https://img.shields.io/badge/license-%E0%A4%A-blue)').badges).toEqual([
      '%E0%A4%A',
    ])
  })
})

it('sentences that name the licence are kept, examples of code are not', () => {
  const { sentences } = passagesOf(
    'It is released under the MIT license.\n\n```js\nlicensed under ISC\n```\n',
  )
  expect(sentences).toEqual(['released under the MIT license.'])
})

it.each([' ', '#', '[', '![', '<h1', '`', '*', '![license ', 'badge/license', '-', 'licensed '])(
  'half a megabyte of %j is searched in linear time',
  (part) => {
    // Quadratic time here would be minutes, and the test would run into its timeout.
    const text = part.repeat(Math.ceil(500_000 / part.length))
    expect(passagesOf(text).sentences.length).toBeLessThan(7)
  },
)
