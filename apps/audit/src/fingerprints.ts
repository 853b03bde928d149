// Fingerprints of licence bodies
// ==============================
// A licence is recognised by phrases of its body after case, punctuation, line breaks and comment
// marks are gone. Licences that share their first sentence (MIT and MIT-0, the BSD family, ISC and
// 0BSD) are told apart within the block that begins with it, so that a file with several of them
// gives each. Everything else is a row of phrases, of which some must be there.
//
// Known limit: a licence whose wording was changed by hand below its first sentence is still
// recognised, with a lower score; one whose title and first sentence were changed is not.

import { byKeys } from './order.js'

/** A licence found in a text, and the share of its phrases that are there. */
export interface Recognised {
  id: string
  score: number
}

/** Licence text without case, punctuation, comment marks and line breaks. */
export function normalisedText(text: string): string {
  return text
    .toLowerCase()
    .replace(/<[^<>\n]{1,200}>/g, ' ')
    .replace(/licence/g, 'license')
    .replace(/(\d)\.(?=\d)/g, '$1_')
    .replace(/[^a-z0-9_]+/g, ' ')
    .replace(/(\d)_(?=\d)/g, '$1.')
    .replace(/[_ ]+/g, ' ')
    .trim()
}

/** Every licence whose body a text holds, sorted by name. */
export function recogniseLicences(text: string): Recognised[] {
  const body = normalisedText(text)
  const best = new Map<string, number>()
  const keep = ({ id, score }: Recognised): void => {
    const rounded = Math.round(score * 100) / 100
    if (rounded >= SCORE_MIN) best.set(id, Math.max(best.get(id) ?? 0, rounded))
  }
  for (const block of blocks) for (const part of partsFrom(body, block)) keep(block.recognise(part))
  for (const row of rows) {
    if (row.must.every((phrase) => phrase.test(body))) keep({ id: row.id, score: share(body, row.more) })
  }
  for (const row of rows) if (best.has(row.id)) for (const id of row.replaces) best.delete(id)
  if (body.length <= NOTICE_CHARS_MAX) noticesIn(body, [...best.keys()]).forEach(keep)
  return [...best].map(([id, score]) => ({ id, score })).sort(byKeys((found) => found.id))
}

const SCORE_MIN = 0.65
/** A notice names its licence but does not hold it. */
const NOTICE_SCORE = 0.75
/** In a longer text, "licensed under X" is said of a part, or of the future. */
const NOTICE_CHARS_MAX = 2_500

function share(body: string, phrases: readonly RegExp[]): number {
  if (phrases.length === 0) return 1
  // What must be there counts as one phrase that is.
  return (1 + phrases.filter((phrase) => phrase.test(body)).length) / (1 + phrases.length)
}

interface Block {
  begins: RegExp
  recognise: (part: string) => Recognised
}

const BLOCK_CHARS_MAX = 4_000

// The text from each beginning up to the next one.
function partsFrom(body: string, block: Block): string[] {
  const starts = [...body.matchAll(block.begins)].map((match) => match.index)
  return starts.map((start, at) =>
    body.slice(start, Math.min(starts[at + 1] ?? body.length, start + BLOCK_CHARS_MAX)),
  )
}

const mitPhrases = [
  /to deal in the software without restriction/,
  /use copy modify merge publish distribute sublicense and or sell copies/,
  /the software is provided as is without warranty of any kind/,
  /in no event shall the .{0,80}be liable for any claim damages or other liability/,
]
const bsdPhrases = [
  /redistributions? of source code must retain/,
  /redistributions? in binary form must reproduce/,
  /provided by .{0,120}as is and any express or implied warranties|provided as is and any express or implied warranties/,
  /in no event shall .{0,160}be liable for any direct indirect incidental/,
]
const iscPhrases = [
  /all warranties with regard to this software/,
  /in no event shall .{0,80}be liable for any special direct indirect or consequential damages/,
]

const blocks: readonly Block[] = [
  {
    begins:
      /permission is hereby granted (?:free of charge )?to any person obtaining a copy of (?:this|the) (?:software|work)/g,
    recognise: (part) => ({ id: mitMember(part), score: share(part, mitPhrases) }),
  },
  {
    begins:
      /redistribution and use (?:of this software )?in source and binary forms,? (?:of .{0,60})?with or without modification/g,
    recognise: (part) => ({ id: bsdMember(part), score: share(part, bsdPhrases) }),
  },
  {
    begins:
      /permission to use copy modify and or distribute this software for any purpose with or without fee is hereby granted/g,
    recognise: (part) => ({ id: iscMember(part), score: share(part, iscPhrases) }),
  },
  {
    begins:
      /permission to use copy modify and distribute this software for any purpose with or without fee is hereby granted/g,
    recognise: (part) => ({ id: iscMember(part), score: share(part, iscPhrases) }),
  },
]

// Each member is told by its own conditions, up to its disclaimer: further down another licence may
// begin. Conditions that are much longer than the licence's own hold something that was added, and
// a licence with another condition is another licence.
function mitMember(part: string): string {
  const conditions = conditionsOf(part)
  if (/following conditions redistributions of source code must retain/.test(conditions)) return 'NCSA'
  if (/shall be used for good not evil/.test(conditions)) return 'JSON'
  const hasNotice = /above copyright notice|this permission notice/.test(conditions)
  if (conditions.length > (hasNotice ? 615 : 450)) return 'LicenseRef-MIT-Variant'
  if (/except as contained in this notice the names? of/.test(part.slice(0, 2_200))) return 'X11'
  return hasNotice ? 'MIT' : 'MIT-0'
}

function bsdMember(part: string): string {
  const conditions = conditionsOf(part)
  if (
    /apache (?:software foundation|group)/.test(conditions) &&
    /must not be used to endorse/.test(conditions)
  ) {
    return 'Apache-1.1'
  }
  if (/no express or implied licenses to any party s patent/.test(conditions)) return 'BSD-3-Clause-Clear'
  if (/advertising materials mentioning features/.test(conditions))
    return bsdUpTo(conditions, 1_000, 'BSD-4-Clause')
  if (/patent license/.test(conditions)) return 'BSD-2-Clause-Patent'
  const isEndorsement = /endorse or promote/.test(conditions)
  if (!/redistributions? in binary form/.test(conditions))
    return isEndorsement ? 'BSD-Source-Code' : 'BSD-1-Clause'
  return isEndorsement ? bsdUpTo(conditions, 860, 'BSD-3-Clause') : bsdUpTo(conditions, 600, 'BSD-2-Clause')
}

function bsdUpTo(conditions: string, charsMax: number, id: string): string {
  return conditions.length <= charsMax ? id : 'LicenseRef-BSD-Variant'
}

function conditionsOf(part: string): string {
  return part.split(/is provided (?:by|as is)/, 1)[0] ?? part
}

function iscMember(part: string): string {
  return /^.{0,130}is hereby granted provided that/.test(part) ? 'ISC' : '0BSD'
}

interface Row {
  id: string
  must: readonly RegExp[]
  more: readonly RegExp[]
  /** Licences whose wording this one contains and changes. */
  replaces: readonly string[]
}

const row = (id: string, must: RegExp | readonly RegExp[], ...more: RegExp[]): Row => ({
  id,
  must: must instanceof RegExp ? [must] : must,
  more,
  replaces: [],
})

const replacing = (ids: string, changed: Row): Row => ({ ...changed, replaces: ids.split(' ') })

const rows: readonly Row[] = [
  row(
    'Apache-2.0',
    /apache license version 2(?:\.0)? january 2004|apache license .{0,40}terms and conditions for use reproduction and distribution/,
    /terms and conditions for use reproduction and distribution/,
    /grant of copyright license/,
    /grant of patent license/,
    /submission of contributions/,
    /accepting warranty or additional liability/,
  ),
  row(
    'MPL-2.0',
    [/mozilla public license version 2\.0/, /1\.1 contributor/],
    /2\.1 grants/,
    /disclaimer of warranty/,
    /10\.4 distributing source code form/,
  ),
  row(
    'MPL-1.1',
    /^.{0,40}mozilla public license version 1\.1/,
    /1\.0\.1 commercial use/,
    /2\.1 the initial developer grant/,
  ),
  row(
    'GPL-2.0-only',
    /gnu general public license version 2 june 1991/,
    /take away your freedom to share/,
    /how to apply these terms|no warranty/,
  ),
  row(
    'GPL-3.0-only',
    /gnu general public license version 3 29 june 2007/,
    /0 definitions/,
    /17 interpretation of sections 15 and 16/,
  ),
  row('LGPL-2.0-only', /gnu library general public license version 2 june 1991/, /work based on the library/),
  row(
    'LGPL-2.1-only',
    /gnu lesser general public license version 2\.1 february 1999/,
    /work based on the library/,
  ),
  replacing(
    'GPL-3.0-only',
    row(
      'LGPL-3.0-only',
      /gnu lesser general public license version 3 29 june 2007/,
      /0 additional definitions/,
      /combined work/,
    ),
  ),
  row(
    'AGPL-3.0-only',
    /gnu affero general public license version 3 19 november 2007/,
    /13 remote network interaction/,
  ),
  row(
    'Unlicense',
    /this is free and unencumbered software released into the public domain/,
    /anyone is free to copy modify publish use/,
    /dedicate any and all copyright interest/,
  ),
  row('CC0-1.0', /cc0 1\.0 universal/, /statement of purpose/, /2 waiver/, /3 public license fallback/),
  row(
    'CC-BY-4.0',
    /attribution 4\.0 international public license/,
    /section 1 definitions/,
    /section 3 license conditions/,
  ),
  row('CC-BY-SA-4.0', /attribution share ?alike 4\.0 international public license/, /section 1 definitions/),
  row(
    'CC-BY-NC-4.0',
    /attribution non ?commercial 4\.0 international public license/,
    /section 1 definitions/,
  ),
  row(
    'CC-BY-NC-SA-4.0',
    /attribution non ?commercial share ?alike 4\.0 international public license/,
    /section 1 definitions/,
  ),
  row(
    'CC-BY-ND-4.0',
    /attribution no ?derivatives 4\.0 international public license/,
    /section 1 definitions/,
  ),
  row(
    'CC-BY-NC-ND-4.0',
    /attribution non ?commercial no ?derivatives 4\.0 international public license/,
    /section 1 definitions/,
  ),
  row(
    'CC-BY-3.0',
    [/attribution 3\.0 unported/, /creative commons public license/],
    /1 definitions/,
    /3 license grant/,
  ),
  row(
    'CC-BY-SA-3.0',
    [/attribution share ?alike 3\.0 unported/, /creative commons public license/],
    /1 definitions/,
  ),
  row('BlueOak-1.0.0', /blue oak model license/, /version 1\.0\.0/, /no contributor can revoke this license/),
  row(
    'PSF-2.0',
    /python software foundation license version 2/,
    /psf is making .{0,40}available to licensee on an as is basis/,
  ),
  replacing('PSF-2.0', row('Python-2.0', [/python software foundation license version 2/, /beopen/], /cnri/)),
  row(
    'Zlib',
    [
      /origin of this software must not be misrepresented/,
      /to use this software for any purpose including commercial applications and to alter it/,
    ],
    /altered source versions must be plainly marked/,
    /this notice may not be removed or altered/,
  ),
  row('WTFPL', /do what the fuck you want to(?: public license)?/, /you just do what the fuck you want to/),
  row('BSL-1.0', /boost software license version 1\.0/, /any person or organization obtaining a copy/),
  row(
    'Artistic-2.0',
    /the artistic license 2\.0/,
    /definitions/,
    /permission for use and modification without distribution/,
  ),
  row('EPL-1.0', [/eclipse public license v 1\.0/, /recipient s acceptance of this agreement/]),
  row(
    'EPL-2.0',
    [/eclipse public license v 2\.0/, /recipient s acceptance of this agreement/],
    /secondary licenses/,
  ),
  row('CDDL-1.0', /common development and distribution license (?:cddl )?version 1\.0/, /1 definitions/),
  row('EUPL-1.2', /european union public license v 1\.2/, /definitions/),
  row('OFL-1.1', /sil open font license version 1\.1/, /reserved font name/),
  row('MS-PL', /microsoft public license ms pl/, /grant of rights/),
  row('Unicode-3.0', /unicode license v3/, /data files and any associated documentation/),
  row(
    'Unicode-DFS-2016',
    /unicode inc license agreement data files and software/,
    /data files and any associated documentation/,
  ),
  row(
    'PostgreSQL',
    /permission to use copy modify and distribute this software and its documentation for any purpose without fee and without a written agreement/,
  ),
  row('W3C', /w3c software notice and license/),
  row(
    'W3C-20150513',
    /w3c software and document notice and license|w3c software and document short notice should be included/,
  ),
  replacing(
    'MIT LicenseRef-MIT-Variant',
    row('UPL-1.0', /universal permissive license (?:upl )?version 1\.0/),
  ),
  replacing('MIT MIT-0', row('FSL-1.1-MIT', [/functional source license version 1\.1 mit/, /competing use/])),
  replacing(
    'Apache-2.0',
    row('FSL-1.1-ALv2', [/functional source license version 1\.1 (?:alv2|apache)/, /competing use/]),
  ),
  replacing(
    'BSD-2-Clause BSD-3-Clause LicenseRef-BSD-Variant',
    row(
      'Sleepycat',
      /accompanied by information on how to obtain complete source code for the (?:db )?software/,
    ),
  ),
  replacing(
    'LicenseRef-BSD-Variant BSD-3-Clause BSD-4-Clause',
    row('OpenSSL', [/openssl project/, /openssl toolkit/]),
  ),
  replacing('LicenseRef-BSD-Variant BSD-3-Clause', row('PHP-3.01', /the php license version 3\.01/)),
  replacing('MPL-1.1', row('CPAL-1.0', /common public attribution license version 1\.0/)),
  row('curl', [
    /permission to use copy modify and distribute this software for any purpose with or without fee is hereby granted provided that/,
    /noninfringement of third party rights/,
  ]),
  row('EUPL-1.1', /european union public license v 1\.1/, /definitions/),
  row('CDDL-1.1', /common development and distribution license (?:cddl )?version 1\.1/, /1 definitions/),
  row('AFL-3.0', /academic free license (?:afl )?v(?:ersion)? ?3\.0/, /grant of copyright license/),
  row('AFL-2.1', /academic free license (?:afl )?v(?:ersion)? ?2\.1/, /grant of copyright license/),
  row('OSL-3.0', /open software license (?:osl )?v(?:ersion)? ?3\.0/, /grant of copyright license/),
  row('ODbL-1.0', /odc open database license|open database license odbl/, /share alike/),
  row('Beerware', /beer ?ware license/, /you can buy me a beer/),
  // Conditions that are added to another licence and take away what it gives.
  row('LicenseRef-Commons-Clause', /commons clause/, /right to sell the software/),
  row('LicenseRef-Field-Of-Use', /is not designed licensed or intended for use in/),
  row('BUSL-1.1', /business source license 1\.1/, /change date/, /additional use grant/),
  row('SSPL-1.0', /server side public license version 1/, /offering the program as a service/),
  row('Elastic-2.0', /elastic license 2\.0/, /hosted or managed service/),
  row('PolyForm-Noncommercial-1.0.0', /polyform noncommercial license 1\.0\.0/),
]

// "Licensed under X" without X: enough to name the licence, not enough to be its text.
const shortNotices: readonly (readonly [string, RegExp])[] = [
  ['Apache-2.0', /licensed under the apache license version 2(?:\.0)?/],
  ['MPL-2.0', /subject to the terms of the mozilla public license v(?:ersion)? 2\.0/],
  ['CC-BY-4.0', /licensed under (?:a |the )?creative commons attribution 4\.0/],
  ['CC-BY-3.0', /licensed under (?:a |the )?creative commons attribution 3\.0/],
]

// "... under the terms of the GNU General Public License ..., either version 3 ..., or any later version."
const gnuNotice =
  /under the terms of (?:version (\d(?:\.\d)?) (?:only )?of )?the gnu (affero |lesser |library )?general public license(?: as published by the free software foundation)?(?: (?:either )?version (\d(?:\.\d)?)(?: of the license)?)?( or at your option any later version)?/g

function noticesIn(body: string, found: readonly string[]): Recognised[] {
  const named = shortNotices
    .filter(([id, notice]) => !found.includes(id) && notice.test(body))
    .map(([id]) => id)
  // The full GNU texts end with such a notice, as an example that says nothing of the package.
  const gnu = found.some((id) => /^(?:A|L)?GPL-/.test(id))
    ? []
    : [...body.matchAll(gnuNotice)].flatMap(gnuIdOf)
  return [...named, ...gnu].map((id) => ({ id, score: NOTICE_SCORE }))
}

function gnuIdOf(match: RegExpExecArray): string[] {
  const [, before, kind = '', after, later] = match
  const version = before ?? after
  if (version === undefined) return []
  const family = kind === 'affero ' ? 'AGPL' : kind === '' ? 'GPL' : 'LGPL'
  const number = version.includes('.') ? version : `${version}.0`
  return [`${family}-${number}-${later === undefined ? 'only' : 'or-later'}`]
}
