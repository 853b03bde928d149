// Licence names in running text: a readme's licence section, a header comment, a very short
// licence file. Only names that mean a licence wherever they stand are looked for, so the text
// must already be about licences: "MIT" in a sentence about universities would be found as well.

import { joined, readLicence } from './spdx.js'
import { distinct } from './order.js'

type Mention = readonly [pattern: RegExp, licence: string | ((match: RegExpExecArray) => string)]

const gnuName = (match: RegExpExecArray): string => {
  const { lesser = '', affero = '', version = '', later } = match.groups ?? {}
  const family = affero !== '' ? 'AGPL' : lesser !== '' ? 'LGPL' : 'GPL'
  if (version === '') return `LicenseRef-${family}`
  return `${family}-${version.includes('.') ? version : `${version}.0`}-${later === undefined ? 'only' : 'or-later'}`
}

// Longer names stand before the shorter ones they contain; what one pattern took, the next no longer sees.
const mentions: readonly Mention[] = [
  [
    /\bGNU (?:(?<affero>Affero )|(?<lesser>Lesser |Library ))?(?:General )?Public Licen[cs]e(?:,? \(?(?:A|L)?GPL\)?)?(?:[, (]*(?:version |ver\.? |v\.?)?(?<version>[123](?:\.[01])?))?(?<later>\+|,? or (?:\(at your option\) )?(?:any )?later)?/gi,
    gnuName,
  ],
  [
    /\b(?:GNU )?(?:(?<affero>A)|(?<lesser>L))?GPL(?:[- ,(]*(?:version |v\.?)?(?<version>[123](?:\.[01])?)(?![\d]))?(?<later>\+|-or-later|,? or (?:any )?later)?/gi,
    gnuName,
  ],
  [
    /\bApache(?: Public| Software| Foundation)?(?:[ -]Licen[cs]e)?[ ,(-]*(?:v\.?|version )? ?2(?:\.0)?(?![\d.]*\d)/gi,
    'Apache-2.0',
  ],
  [/\bApache[ -]Licen[cs]e\b/gi, 'LicenseRef-Apache'],
  [/\b0BSD\b|\bBSD[ -]0[ -]Clause|\bBSD Zero Clause\b|\b(?:Zero|0)[ -]Clause BSD/gi, '0BSD'],
  [
    /\bBSD[ -]?2(?:[ -]?Clause)?\b|\b(?:2|Two)[ -]Clause(?: \S+)? BSD\b|\bSimplified BSD\b|\bBSD \(?2[ -]Clause\)?/gi,
    'BSD-2-Clause',
  ],
  [
    /\bBSD[ -]?3(?:[ -]?Clause)?\b|\b(?:3|Three)[ -]Clause(?: \S+)? BSD\b|\b(?:New|Modified|Revised) BSD\b|\bBSD \(?3[ -]Clause\)?/gi,
    'BSD-3-Clause',
  ],
  [/\bBSD\b/g, 'LicenseRef-BSD'],
  [/\bMIT[ -]0\b|\bMIT No Attribution\b/gi, 'MIT-0'],
  [/\bMIT\b/g, 'MIT'],
  [/\bExpat Licen[cs]e\b/gi, 'MIT'],
  [/\bISC\b/g, 'ISC'],
  [/\bMPL[ -]?v?2(?:\.0)?\b|\bMozilla Public Licen[cs]e,? (?:v\.?|version )?2(?:\.0)?\b/gi, 'MPL-2.0'],
  [/\bMozilla Public Licen[cs]e\b/gi, 'LicenseRef-MPL'],
  [/\bEPL[ -]?v?2(?:\.0)?\b|\bEclipse Public Licen[cs]e[ -,]*v?2\.0\b/gi, 'EPL-2.0'],
  [/\bThe Unlicense\b|\bUnlicense\b/g, 'Unlicense'],
  [/\bCC0(?:[ -]1\.0)?\b|\bCreative Commons Zero\b/gi, 'CC0-1.0'],
  [/\bCC[ -]BY[ -]SA[ -]4(?:\.0)?\b|\bAttribution-ShareAlike 4\.0\b/gi, 'CC-BY-SA-4.0'],
  [/\bCC[ -]BY[ -]4(?:\.0)?\b|\bCreative Commons Attribution 4\.0\b/gi, 'CC-BY-4.0'],
  [/\bCC[ -]BY[ -]3(?:\.0)?\b|\bCreative Commons Attribution 3\.0\b/gi, 'CC-BY-3.0'],
  [/\bBlue ?Oak(?: Model Licen[cs]e)?\b/gi, 'BlueOak-1.0.0'],
  [/\bWTFPL\b/g, 'WTFPL'],
  [/\bzlib licen[cs]e\b/gi, 'Zlib'],
  [/\bBoost Software Licen[cs]e\b|\bBSL-1\.0\b/gi, 'BSL-1.0'],
  [/\bArtistic Licen[cs]e 2(?:\.0)?\b|\bArtistic-2\.0\b/gi, 'Artistic-2.0'],
  [/\b(?:SIL )?Open Font Licen[cs]e\b|\bOFL[ -]1\.1\b/gi, 'OFL-1.1'],
  [/\bBusiness Source Licen[cs]e\b|\bBUSL-1\.1\b/gi, 'BUSL-1.1'],
  [/\bElastic Licen[cs]e 2(?:\.0)?\b/gi, 'Elastic-2.0'],
  [/\bPython Software Foundation Licen[cs]e\b/gi, 'Python-2.0'],
  [/\bpublic domain\b/gi, 'LicenseRef-Public-Domain'],
]

const members: Readonly<Record<string, RegExp>> = {
  'LicenseRef-BSD': /^BSD-|^0BSD/,
  'LicenseRef-Apache': /^Apache-/,
  'LicenseRef-MPL': /^MPL-/,
  'LicenseRef-GPL': /^GPL-/,
  'LicenseRef-LGPL': /^LGPL-/,
  'LicenseRef-AGPL': /^AGPL-/,
  // CC0 and the Unlicense explain themselves with these words.
  'LicenseRef-Public-Domain': /^(?:CC0-1\.0|Unlicense)$/,
}

/** The licences a text names, sorted; a family is dropped when a member of it is named as well. */
export function licencesMentioned(text: string): string[] {
  const found = new Set<string>()
  let rest = text.replace(/[\s"'“”‘’_*`]+/g, ' ').replace(/&nbsp;/g, ' ')
  for (const [pattern, licence] of mentions) {
    rest = rest.replace(pattern, (...args: unknown[]) => {
      const match = Object.assign([String(args[0])], { groups: args.at(-1) }) as unknown as RegExpExecArray
      found.add(typeof licence === 'string' ? licence : licence(match))
      return ' ~ '
    })
  }
  const hasMember = (id: string): boolean => {
    const member = members[id]
    return member !== undefined && [...found].some((other) => member.test(other))
  }
  return distinct([...found].filter((id) => !hasMember(id)))
}

const choiceWords =
  /\b(?:either|dual(?:ly)?[ -]licen[cs]ed|at your option|your choice|choose)\b|licen[cs]es?\W{1,4}or\W|\bor (?:the )?\W{0,3}(?:MIT|Apache|BSD|ISC|GPL|GNU)\b/i

/** Tells whether a text that names several licences offers them as a choice. */
function offersChoice(text: string): boolean {
  return choiceWords.test(text)
}

/** Joins mentioned licences: with OR when the text offers a choice, with AND otherwise. */
export function joinMentions(licences: readonly string[], text: string): string | null {
  return licences.length === 0 ? null : joined(offersChoice(text) ? 'or' : 'and', licences)
}

/** The expressions after `SPDX-License-Identifier:`, canonical and sorted. */
export function spdxIdentifiersIn(text: string): string[] {
  const found: string[] = []
  for (const match of text.matchAll(
    /SPDX-License-Identifier:[ \t]*([\w.()+-]+(?:[ \t]+(?:OR|AND|WITH)[ \t]+[\w.()+-]+)*)/g,
  )) {
    const { expression } = readLicence(match[1] ?? '')
    if (expression !== null) found.push(expression)
  }
  return distinct(found)
}
