// The licences the audit knows: their SPDX names, their categories, and the names people write.
// The categories are a reading aid for a report, not legal advice.

/** How much a licence asks of whoever uses the package. */
export type LicenceCategory =
  'public-domain' | 'permissive' | 'weak-copyleft' | 'strong-copyleft' | 'unknown' | 'proprietary'

/** From the freest to the most restrictive; what is unknown is trusted less than any open licence. */
export const categories: readonly LicenceCategory[] = [
  'public-domain',
  'permissive',
  'weak-copyleft',
  'strong-copyleft',
  'unknown',
  'proprietary',
]

const idsByCategory: readonly (readonly [LicenceCategory, string])[] = [
  ['public-domain', 'CC0-1.0 CC-PDDC PDDL-1.0 SAX-PD Unlicense LicenseRef-Public-Domain'],
  [
    'permissive',
    `0BSD AAL AFL-1.1 AFL-1.2 AFL-2.0 AFL-2.1 AFL-3.0 Apache-1.0 Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl
    Artistic-2.0 Beerware BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-2-Clause-Views BSD-3-Clause
    BSD-3-Clause-Attribution BSD-3-Clause-Clear BSD-3-Clause-LBNL BSD-4-Clause BSD-4-Clause-UC BSD-Source-Code BSL-1.0
    bzip2-1.0.6 CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CECILL-B CNRI-Python curl ECL-2.0 EFL-2.0 Entessa
    Fair FSFAP FTL HPND ICU IJG ImageMagick Info-ZIP ISC JSON Libpng libpng-2.0 libtiff MirOS MIT MIT-0 MIT-CMU
    MIT-Modern-Variant MS-PL MulanPSL-2.0 NAIST-2003 NCSA NTP OFL-1.1 OLDAP-2.8 OpenSSL PHP-3.0 PHP-3.01 PostgreSQL
    PSF-2.0 Python-2.0 Python-2.0.1 Ruby SGI-B-2.0 SSH-short TCL Unicode-3.0 Unicode-DFS-2015 Unicode-DFS-2016
    Unicode-TOU UPL-1.0 W3C W3C-19980720 W3C-20150513 WTFPL X11 Xnet Zend-2.0 Zlib zlib-acknowledgement ZPL-2.0 ZPL-2.1`,
  ],
  [
    'weak-copyleft',
    `APSL-2.0 CDDL-1.0 CDDL-1.1 CPAL-1.0 CECILL-C CPL-1.0 EPL-1.0 EPL-2.0 ErlPL-1.1 IPL-1.0 LGPL-2.0-only LGPL-2.0-or-later
    LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later LPL-1.02 MPL-1.0 MPL-1.1 MPL-2.0
    MPL-2.0-no-copyleft-exception MS-RL NPL-1.1 SISSL`,
  ],
  [
    'strong-copyleft',
    `AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0-only AGPL-3.0-or-later CC-BY-SA-2.0 CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-4.0
    CECILL-2.0 CECILL-2.1 EUPL-1.0 EUPL-1.1 EUPL-1.2 GFDL-1.1-only GFDL-1.2-only GFDL-1.3-only GFDL-1.3-or-later
    GPL-1.0-only GPL-1.0-or-later GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ODbL-1.0 OSL-2.0 OSL-2.1
    OSL-3.0 Parity-6.0.0 Parity-7.0.0 QPL-1.0 RPL-1.1 RPL-1.5 Sleepycat`,
  ],
  [
    'proprietary',
    `BUSL-1.1 CC-BY-NC-2.0 CC-BY-NC-2.5 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-2.5
    CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0 CC-BY-ND-3.0 CC-BY-ND-4.0 Elastic-2.0 FSL-1.1-ALv2 FSL-1.1-MIT Hippocratic-2.1
    PolyForm-Noncommercial-1.0.0 PolyForm-Small-Business-1.0.0 Prosperity-3.0.0 SSPL-1.0 UNLICENSED
    LicenseRef-Proprietary LicenseRef-Commons-Clause LicenseRef-Field-Of-Use`,
  ],
]

// Names that say a family and leave the version open. A vote for one of them is confirmed by any
// member of the family, and the member is what the panel then reports.
const generics: readonly (readonly [string, LicenceCategory, RegExp])[] = [
  ['LicenseRef-Apache', 'permissive', /^Apache-/],
  ['LicenseRef-BSD', 'permissive', /^(?:0BSD$|BSD-)/],
  ['LicenseRef-CC-BY', 'permissive', /^CC-BY-\d/],
  ['LicenseRef-MPL', 'weak-copyleft', /^MPL-/],
  ['LicenseRef-LGPL', 'weak-copyleft', /^LGPL-/],
  ['LicenseRef-GPL', 'strong-copyleft', /^GPL-/],
  ['LicenseRef-AGPL', 'strong-copyleft', /^AGPL-/],
]

const categoryById = new Map<string, LicenceCategory>([
  ...idsByCategory.flatMap(([category, ids]) => ids.split(/\s+/).map((id) => [id, category] as const)),
  ...generics.map(([id, category]) => [id, category] as const),
])

const idByLowerCase = new Map([...categoryById.keys()].map((id) => [id.toLowerCase(), id]))

// Short names without the version suffix that SPDX now asks for.
const gnuId = /^(a?gpl|lgpl|gfdl)-(\d\.\d)(\+|-only|-or-later)?$/i

// What is left of a name when its noise words are gone, and the licence it then means.
const aliases = new Map<string, string>()
const aliasRows: Readonly<Record<string, string>> = {
  MIT: 'mit|mit expat|expat|mit x11|x11 mit|mit x|massachusetts institute of technology',
  'MIT-0': 'mit 0|mit no attribution|mit zero',
  ISC: 'isc|internet systems consortium|iscl',
  '0BSD': '0 bsd|0bsd|zero clause bsd|bsd zero clause|bsd 0 clause|0 clause bsd|free public 1 0 0|bsd0',
  'BSD-2-Clause':
    'bsd 2|bsd2|bsd 2 clause|2 clause bsd|two clause bsd|bsd two clause|simplified bsd|bsd simplified|freebsd|bsd2clause|' +
    'bsd 2 clause simplified',
  'BSD-3-Clause':
    'bsd 3|bsd3|bsd 3 clause|3 clause bsd|three clause bsd|bsd three clause|new bsd|bsd new|modified bsd|revised bsd|' +
    'bsd revised|bsd modified|bsd3clause|new or revised bsd|bsd 3 clause new or revised|bsd 3 clause new|' +
    'bsd 3 clause revised',
  'BSD-4-Clause': 'bsd 4 clause|4 clause bsd|original bsd|bsd original',
  'LicenseRef-BSD': 'bsd|berkeley software distribution',
  'Apache-2.0':
    'apache 2|apache 2 0|apache2|apache2 0|apache software 2|apache software 2 0|asl 2 0|asl2|asl 2|al2|apl 2 0|' +
    'apache public 2 0|alv2|apachev2|asf 2 0|apache 20',
  'Apache-1.1': 'apache 1 1',
  'LicenseRef-Apache': 'apache|apache software|asl|asf|apache foundation',
  'MPL-2.0': 'mpl 2|mpl 2 0|mozilla public 2|mozilla public 2 0|mpl2|mpl2 0',
  'MPL-1.1': 'mpl 1 1|mozilla public 1 1|mpl1 1',
  'LicenseRef-MPL': 'mpl|mozilla public|mozilla',
  'GPL-2.0-only':
    'gpl 2|gpl 2 0|gpl2|gnu gpl 2|gnu gpl 2 0|gnu general public 2|gnu general public 2 0|general public 2 0',
  'GPL-3.0-only':
    'gpl 3|gpl 3 0|gpl3|gnu gpl 3|gnu gpl 3 0|gnu general public 3|gnu general public 3 0|general public 3 0',
  'LicenseRef-GPL': 'gpl|gnu gpl|gnu general public',
  'LGPL-2.0-only': 'lgpl 2|lgpl 2 0|lgpl2|gnu library general public 2|gnu library general public 2 0',
  'LGPL-2.1-only':
    'lgpl 2 1|lgpl2 1|gnu lgpl 2 1|gnu lesser general public 2 1|lesser general public 2 1|lesser gpl 2 1',
  'LGPL-3.0-only':
    'lgpl 3|lgpl 3 0|lgpl3|gnu lgpl 3|gnu lgpl 3 0|gnu lesser general public 3|gnu lesser general public 3 0|' +
    'lesser general public 3 0|lesser gpl 3|lgpl3 0',
  'LicenseRef-LGPL': 'lgpl|gnu lgpl|gnu lesser general public|lesser gpl',
  'AGPL-3.0-only':
    'agpl 3|agpl 3 0|agpl3|gnu agpl 3|gnu agpl 3 0|gnu affero general public 3|gnu affero general public 3 0|' +
    'affero general public 3 0|affero gpl 3',
  'LicenseRef-AGPL': 'agpl|gnu agpl|affero gpl|gnu affero general public|affero',
  'EPL-1.0': 'epl 1|epl 1 0|eclipse public 1 0|eclipse public 1',
  'EPL-2.0': 'epl 2|epl 2 0|eclipse public 2 0|eclipse public 2',
  'EUPL-1.2': 'eupl 1 2|eupl12',
  Unlicense: 'unlicense|unlicence',
  'LicenseRef-Public-Domain': 'public domain|pd|publicdomain|none public domain',
  'CC0-1.0':
    'cc0|cc0 1|cc0 1 0|cc 0|creative commons zero|cc0 1 0 universal|creative commons zero 1 0 universal|cc zero',
  'CC-BY-4.0':
    'cc by 4|cc by 4 0|creative commons attribution 4 0|creative commons attribution 4 0 international|cc by4',
  'CC-BY-3.0':
    'cc by 3|cc by 3 0|creative commons attribution 3 0|creative commons attribution 3 0 unported|cc by3',
  'CC-BY-SA-4.0': 'cc by sa 4|cc by sa 4 0|creative commons attribution sharealike 4 0',
  'CC-BY-NC-4.0': 'cc by nc 4|cc by nc 4 0|creative commons attribution noncommercial 4 0',
  'LicenseRef-CC-BY': 'cc by|creative commons attribution',
  WTFPL: 'wtfpl|wtfpl 2|wtfpl 2 0|do what fuck you want to public|do wtf you want|wtf',
  Zlib: 'zlib|zlib libpng|libpng zlib|zlib png',
  'Python-2.0': 'python 2|python 2 0|psf|psfl|python software foundation|python|psf 2',
  'BlueOak-1.0.0': 'blueoak|blue oak|blueoak 1 0 0|blue oak model|blue oak model 1 0 0|blueoak 1',
  'BSL-1.0': 'boost|boost software|boost software 1 0|bsl 1|boost 1 0',
  'Artistic-2.0': 'artistic 2|artistic 2 0',
  'OFL-1.1': 'ofl|ofl 1 1|sil open font|sil open font 1 1|sil ofl 1 1|sil ofl|open font|sil|sil 1 1',
  'W3C-20150513': 'w3c software and document',
  W3C: 'w3c|w3c software',
  'UPL-1.0': 'upl|upl 1 0|universal permissive|universal permissive 1 0',
  'BUSL-1.1': 'busl|bsl 1 1|business source|business source 1 1|busl 1 1',
  'SSPL-1.0': 'sspl|sspl 1|server side public|server side public 1',
  'Elastic-2.0': 'elastic|elastic 2|elastic 2 0|elv2',
  'LicenseRef-Proprietary': 'proprietary|commercial|all rights reserved|private|closed|closed source',
  Ruby: 'ruby',
  NCSA: 'ncsa|university of illinois ncsa open source',
  PostgreSQL: 'postgresql|postgres',
  'MS-PL': 'ms pl|microsoft public|mspl',
  'Unicode-3.0': 'unicode 3|unicode 3 0|unicode v3',
}

/**
 * What is left of a written licence name when case, punctuation and noise words are gone.
 * "The Apache License, Version 2.0" and "apache-2.0" both come to "apache 2 0".
 */
function reducedName(name: string): string {
  return name
    .toLowerCase()
    .replace(/\blicen[cs]ed?s?\b/g, ' ')
    .replace(/[^a-z0-9+]+/g, ' ')
    .replace(/\b(?:v|ver|version)\.? ?(?=\d)/g, ' ')
    .replace(/([a-z])v(?=\d)/g, '$1 ')
    .replace(/\b(?:the|a|an|version|under|terms|see)\b/g, ' ')
    .replace(/ +/g, ' ')
    .trim()
}

for (const id of categoryById.keys())
  if (!/^LicenseRef-|^UNLICENSED$/.test(id)) aliases.set(reducedName(id), id)
for (const [id, names] of Object.entries(aliasRows)) {
  for (const name of names.split('|')) aliases.set(name, id)
}

const idsByAddress: readonly (readonly [RegExp, string])[] = [
  [/opensource\.org\/licenses?\/mit\b|mit-license\.org|mit\.edu\/licen|expat/i, 'MIT'],
  [/opensource\.org\/licenses?\/isc/i, 'ISC'],
  [/apache\.org\/licenses\/license-2\.0|opensource\.org\/licenses?\/apache-?2/i, 'Apache-2.0'],
  [/opensource\.org\/licenses?\/bsd-2|opensource\.org\/licenses?\/bsd-license/i, 'BSD-2-Clause'],
  [/opensource\.org\/licenses?\/bsd-3/i, 'BSD-3-Clause'],
  [/gnu\.org\/licenses\/(?:old-licenses\/)?agpl-3/i, 'AGPL-3.0-only'],
  [/gnu\.org\/licenses\/(?:old-licenses\/)?lgpl-2\.1/i, 'LGPL-2.1-only'],
  [/gnu\.org\/licenses\/lgpl(?:-3)?/i, 'LGPL-3.0-only'],
  [/gnu\.org\/licenses\/(?:old-licenses\/)?gpl-2/i, 'GPL-2.0-only'],
  [/gnu\.org\/licenses\/gpl(?:-3)?/i, 'GPL-3.0-only'],
  [/mozilla\.org\/(?:[a-z-]+\/)?mpl\/2/i, 'MPL-2.0'],
  [/creativecommons\.org\/publicdomain\/zero\/1/i, 'CC0-1.0'],
  [/creativecommons\.org\/licenses\/by\/4/i, 'CC-BY-4.0'],
  [/creativecommons\.org\/licenses\/by\/3/i, 'CC-BY-3.0'],
  [/creativecommons\.org\/licenses\/by-sa\/4/i, 'CC-BY-SA-4.0'],
  [/unlicense\.org/i, 'Unlicense'],
  [/wtfpl\.net|sam\.zoy\.org/i, 'WTFPL'],
  [/blueoakcouncil\.org\/license/i, 'BlueOak-1.0.0'],
]

/** The licence an address of the web stands for, or null. */
function idOfAddress(address: string): string | null {
  return idsByAddress.find(([pattern]) => pattern.test(address))?.[1] ?? null
}

/** The SPDX name a text spells exactly (case aside), with the old GNU names brought up, or null. */
export function exactId(text: string): string | null {
  const gnu = gnuId.exec(text)
  if (gnu !== null) {
    const [, family = '', version = '', suffix = '-only'] = gnu
    const id = `${family.toUpperCase()}-${version}${suffix === '+' ? '-or-later' : suffix.toLowerCase()}`
    return categoryById.has(id) ? id : null
  }
  return idByLowerCase.get(text.toLowerCase()) ?? null
}

// "or later", "+", "or any later version": said after a name, it opens the name to later versions.
const orLater = /(?:\+|[\s-]+or[\s-]+(?:any[\s-]+)?(?:later|newer|greater|above)(?:[\s-]+versions?)?)\s*$/i

/** The licence a written name means, however it is written, or null when nobody could say. */
export function idOfName(name: string): string | null {
  const later = orLater.exec(name)
  if (later !== null) {
    const id = idOfName(name.slice(0, later.index))
    return id === null ? null : (exactId(id.replace(/-only$/, '-or-later')) ?? id)
  }
  const address = /\bhttps?:\/\/\S+/i.exec(name)
  const words = name.replace(/\bhttps?:\/\/\S+/gi, ' ').trim()
  const id =
    exactId(words.replace(/\s+/g, '-')) ?? aliases.get(reducedName(words.replace(/[\s-]+only$/i, ''))) ?? null
  return id ?? (address === null ? null : idOfAddress(address[0]))
}

/** The category of one licence name, without its exception. */
export function categoryOfId(id: string): LicenceCategory {
  return categoryById.get(id) ?? categoryById.get(id.replace(/\+$/, '')) ?? 'unknown'
}

// The GNU names differ in "only" and "or later"; a licence text cannot tell which one is meant.
function family(id: string): string {
  return id.replace(/-(?:only|or-later)$|\+$/, '')
}

/** Tells whether a name leaves the version of its family open. */
export function isGeneric(id: string): boolean {
  return generics.some(([generic]) => generic === id)
}

/** Tells whether two names can mean the same licence: equal, of one GNU version, or a family and its member. */
export function sameLicence(a: string, b: string): boolean {
  if (family(a) === family(b)) return true
  const covers = (generic: string, id: string): boolean =>
    generics.some(([name, , members]) => name === generic && members.test(id))
  return covers(a, b) || covers(b, a)
}

/** How an exception changes the category of the licence it is added to; what is not here changes nothing. */
export const weakeningExceptions: ReadonlySet<string> = new Set([
  'Autoconf-exception-3.0',
  'Bison-exception-2.2',
  'Classpath-exception-2.0',
  'Font-exception-2.0',
  'GCC-exception-2.0',
  'GCC-exception-3.1',
  'Libtool-exception',
  'Linux-syscall-note',
  'OpenJDK-assembly-exception-1.0',
  'Qt-GPL-exception-1.0',
  'Universal-FOSS-exception-1.0',
  'WxWindows-exception-3.1',
])

/** Exceptions the audit knows by name. */
export const knownExceptions: ReadonlySet<string> = new Set([
  ...weakeningExceptions,
  'LLVM-exception',
  'GPL-3.0-linking-exception',
  'LGPL-3.0-linking-exception',
  'openvpn-openssl-exception',
  'Swift-exception',
])
