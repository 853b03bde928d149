import { describe, expect, it } from 'vitest'
import { joinMentions, licencesMentioned, spdxIdentifiersIn } from './licence-mentions.js'

describe('licences named in running text', () => {
  it.each([
    ['Released under the MIT license.', ['MIT']],
    ['[MIT](LICENSE) © Somebody', ['MIT']],
    ['Apache License, Version 2.0', ['Apache-2.0']],
    ['the Apache-2.0 license', ['Apache-2.0']],
    ['Apache Software License 2.0', ['Apache-2.0']],
    ['the Apache License', ['LicenseRef-Apache']],
    ['BSD-3-Clause', ['BSD-3-Clause']],
    ['the 3-Clause BSD license, a BSD license', ['BSD-3-Clause']],
    ['a BSD license', ['LicenseRef-BSD']],
    ['0BSD', ['0BSD']],
    ['GPLv3', ['GPL-3.0-only']],
    ['GPL-2.0-or-later', ['GPL-2.0-or-later']],
    ['GNU General Public License version 3 or (at your option) any later version', ['GPL-3.0-or-later']],
    ['GNU Lesser General Public License v2.1', ['LGPL-2.1-only']],
    ['GNU Affero General Public License', ['LicenseRef-AGPL']],
    ['LGPL', ['LicenseRef-LGPL']],
    ['the Unlicense, that is public domain', ['Unlicense']],
    ['put into the public domain', ['LicenseRef-Public-Domain']],
    ['MIT or ISC', ['ISC', 'MIT']],
    ['See the LICENSE file.', []],
    ['permit, commit, submit', []],
    ['the discussion, misc and isc', []],
  ])('%j names %j', (text, licences) => {
    expect(licencesMentioned(text)).toEqual(licences)
  })

  it('are a choice when the text says so, and all apply otherwise', () => {
    const join = (text: string): string | null => joinMentions(licencesMentioned(text), text)
    expect(join('either MIT or ISC')).toBe('ISC OR MIT')
    expect(join('dual-licensed: MIT, GPLv2')).toBe('GPL-2.0-only OR MIT')
    expect(join('MIT; the fonts are ISC')).toBe('ISC AND MIT')
    expect(join('nothing')).toBeNull()
  })
})

it('SPDX identifiers are read as expressions', () => {
  const text =
    '// SPDX-License-Identifier: MIT OR Apache-2.0 */\n# SPDX-License-Identifier: (ISC)\nSPDX-License-Identifier: nonsense'
  expect(spdxIdentifiersIn(text)).toEqual(['Apache-2.0 OR MIT', 'ISC'])
})
