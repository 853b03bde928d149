// The third classifier of the panel: it believes what is said beside the licence, in the readme
// and at the head of the source files. The readme speaks for the package. A header speaks for one
// file, which may be somebody else's, so headers count only when the readme is silent and at least
// half of the files carry one.

import type { Classification } from './classification.js'
import { noOpinion, opinion } from './classification.js'
import { shown } from './inert.js'
import { recogniseLicences } from './fingerprints.js'
import { joinMentions, licencesMentioned, spdxIdentifiersIn } from './licence-mentions.js'
import { byText } from './order.js'
import type { ReadmePassages } from './readme-passages.js'
import { joined } from './spdx.js'

export interface ReadmeEvidence {
  readme: { path: string; passages: ReadmePassages } | null
  headers: { sources: number; found: readonly { path: string; text: string }[] }
}

const CONFIDENCE = {
  section: 0.85,
  sectionOfSeveral: 0.7,
  badge: 0.75,
  sentence: 0.65,
  spdxHeader: 0.7,
  header: 0.6,
  fewHeaders: 0.4,
} as const

/** Classifies a package by its readme, or else by the header comments of its files. */
export function classifyReadme(evidence: ReadmeEvidence): Classification {
  return byReadme(evidence) ?? byHeaders(evidence) ?? noOpinion('neither readme nor headers name a licence')
}

function byReadme({ readme }: ReadmeEvidence): Classification | null {
  if (readme === null) return null
  const { section, badges, sentences } = readme.passages
  const path = shown(readme.path, 60)
  if (section !== null) {
    const bodies = recogniseLicences(section).map((found) => found.id)
    const ids = bodies.length > 0 ? bodies : licencesMentioned(section)
    const licence = joinMentions(ids, section)
    const confidence = ids.length > 1 ? CONFIDENCE.sectionOfSeveral : CONFIDENCE.section
    if (licence !== null) return opinion(licence, confidence, `the licence section of ${path}`)
  }
  return (
    said(badges, CONFIDENCE.badge, `a badge in ${path}`) ??
    said(sentences, CONFIDENCE.sentence, `a sentence in ${path}`)
  )
}

// Badges and sentences stand in an order, and the first that names a licence speaks for the package.
function said(texts: readonly string[], confidence: number, where: string): Classification | null {
  for (const text of texts) {
    const licence = spdxIdentifiersIn(text)[0] ?? joinMentions(licencesMentioned(text), text)
    if (licence !== null) return opinion(licence, confidence, `${where}: "${shown(text, 60)}"`)
  }
  return null
}

function byHeaders({ headers }: ReadmeEvidence): Classification | null {
  const counts = new Map<string, number>()
  for (const { licence } of licencesOfHeaders(headers.found))
    counts.set(licence, (counts.get(licence) ?? 0) + 1)
  const [most] = [...counts].sort((a, b) => b[1] - a[1] || byText(a[0], b[0]))
  if (most === undefined) return null
  const [licence, count] = most
  const isSpdx = headers.found.some(({ text }) => spdxIdentifiersIn(text).includes(licence))
  const confidence =
    count * 2 < headers.sources ? CONFIDENCE.fewHeaders : CONFIDENCE[isSpdx ? 'spdxHeader' : 'header']
  return opinion(licence, confidence, `the header comment of ${count} of ${headers.sources} source files`)
}

/** The licences header comments name, for those that name one. */
export function licencesOfHeaders(
  headers: readonly { path: string; text: string }[],
): { path: string; licence: string }[] {
  return headers.flatMap(({ path, text }) => {
    const licence = licenceOfHeader(text)
    return licence === null ? [] : [{ path, licence }]
  })
}

function licenceOfHeader(text: string): string | null {
  const spdx = spdxIdentifiersIn(text)
  if (spdx.length > 0) return joined('and', spdx)
  const prose = text.replace(/^\s*(?:\/\*+!?|\*+\/?|\/\/+|#+)/gm, ' ')
  const bodies = recogniseLicences(prose).map((found) => found.id)
  if (bodies.length > 0) return joined('and', bodies)
  const tag = /@licen[cs]e\s+([^\n]{2,80})/.exec(prose)?.[1]
  return joinMentions(licencesMentioned(tag ?? prose), prose)
}
