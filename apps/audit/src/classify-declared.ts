// The first classifier of the panel: it believes what package.json declares.

import type { Classification } from './classification.js'
import { noOpinion, opinion } from './classification.js'
import { shown } from './inert.js'
import { joined, readLicence } from './spdx.js'

const CONFIDENCE = { exact: 1, normalised: 0.9, severalChoices: 0.85, partlyUnknown: 0.5 } as const

/** Classifies a package by its declared licences; several of them are a choice. */
export function classifyDeclared(declared: readonly string[]): Classification {
  const written = declared.map((text) => shown(text, 80)).join(', ')
  const [first] = declared
  if (first === undefined) return noOpinion('package.json declares no licence')
  const licences = declared.map(readLicence)
  if (licences.some((licence) => licence.kind === 'see-file'))
    return noOpinion(`package.json says "${written}"`)
  const named = licences.flatMap((licence) => licence.expression ?? [])
  if (named.length === 0) return noOpinion(`package.json declares "${written}", which is no known licence`)
  const expression = joined('or', named)
  const unknown = licences.flatMap((licence) => licence.unknown)
  if (unknown.length > 0) {
    const names = unknown.map((name) => shown(name, 40)).join(', ')
    return opinion(
      expression,
      CONFIDENCE.partlyUnknown,
      `package.json declares "${written}"; unknown in it: ${names}`,
    )
  }
  if (declared.length > 1)
    return opinion(expression, CONFIDENCE.severalChoices, `package.json lists ${written}`)
  const isExact = licences.every((licence) => licence.isExact)
  const confidence = isExact ? CONFIDENCE.exact : CONFIDENCE.normalised
  return opinion(expression, confidence, `package.json declares "${written}"`)
}
