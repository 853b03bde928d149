// The second classifier of the panel: it believes what the licence files say, word by word.

import type { Classification } from './classification.js'
import { noOpinion, opinion } from './classification.js'
import type { LicenceFile } from './contents.js'
import { recogniseLicences } from './fingerprints.js'
import { shown } from './inert.js'
import { licencesMentioned } from './licence-mentions.js'
import { joined } from './spdx.js'

/** A text shorter than this holds no licence body, only perhaps its name. */
const NAME_ONLY_CHARS_MAX = 600
const NAME_ONLY_CONFIDENCE = 0.6

// Only what comes before the bodies speaks of all of them; "at your option" inside one is its own.
const choiceAtTheTop =
  /\b(?:dual(?:ly)?|tri|multi)[ -]?licen[cs]|\bunder either\b|\beither of\b|\bone of the following licen[cs]es\b/i

/** What one licence file was recognised as. */
export interface RecognisedFile {
  path: string
  licences: { id: string; score: number }[]
}

/** Recognises each licence file; a NOTICE is no licence and is left out. */
export function recogniseFiles(files: readonly LicenceFile[]): RecognisedFile[] {
  return files
    .filter((file) => file.role === 'licence')
    .map((file) => ({ path: file.path, licences: licencesOfText(file.text) }))
}

function licencesOfText(text: string): { id: string; score: number }[] {
  const found = recogniseLicences(text)
  if (found.length > 0 || text.length > NAME_ONLY_CHARS_MAX) return found
  return licencesMentioned(text).map((id) => ({ id, score: NAME_ONLY_CONFIDENCE }))
}

/** Classifies a package by its licence files; two licences in them both apply, unless the text says "either". */
export function classifyText(files: readonly LicenceFile[]): Classification {
  const recognised = recogniseFiles(files)
  if (recognised.length === 0) return noOpinion('there is no licence file')
  const scores = new Map<string, number>()
  for (const { id, score } of recognised.flatMap((file) => file.licences)) {
    scores.set(id, Math.max(score, scores.get(id) ?? 0))
  }
  // The LGPL 3 is written as an addition to the GPL 3 and comes with its text.
  if (scores.has('LGPL-3.0-only')) scores.delete('GPL-3.0-only')
  const names = recognised.map((file) => shown(file.path, 60)).join(', ')
  if (scores.size === 0) return noOpinion(`${names}: no known licence text`)
  const confidence = Math.min(...scores.values())
  const isChoice = files.some(
    (file) => file.role === 'licence' && choiceAtTheTop.test(file.text.slice(0, 600)),
  )
  return opinion(joined(isChoice ? 'or' : 'and', [...scores.keys()]), confidence, `the text of ${names}`)
}
