// The few passages of a readme that speak of its licence. Only they are kept of it, because what
// an effect returns is written to the log, and a whole readme would be mostly noise there.

import { clip } from './inert.js'

export interface ReadmePassages {
  /** The text under a licence heading, or null. */
  section: string | null
  /** The labels and addresses of licence badges, as they are written. */
  badges: string[]
  /** Sentences outside the section that say under which licence the package is. */
  sentences: string[]
}

const SECTION_CHARS_MAX = 1_500
const SENTENCE_CHARS_MAX = 300
const LISTED_MAX = 6

// Every repetition below has a bound: a readme is foreign text, and none may make the search slow.
const word = String.raw`(?:licen[cs]es?|licensing|licen[cs]e (?:&|and) copyright|copyright (?:&|and|\/) licen[cs]e)`
const marks = String.raw`[^\p{L}\p{N}\n]{0,20}`
const lead = String.raw`(?:the )?(?:\p{L}{1,20} )?`
const headings: readonly RegExp[] = [
  new RegExp(String.raw`^ {0,3}#{1,6}${marks}(?:\d{1,2}\.? )?${lead}${word}\b[^\n]{0,60}$`, 'imu'),
  new RegExp(String.raw`^${marks}${lead}${word}${marks}\n[=\-~]{3,80}[ \t]{0,8}$`, 'imu'),
  new RegExp(String.raw`<h[1-6][^>\n]{0,200}>[^\n]{0,80}?\b${word}\b[^\n]{0,60}?<\/h[1-6]>`, 'iu'),
  new RegExp(String.raw`^\*\*${marks}${word}${marks}\*\*:?[ \t]{0,8}$`, 'imu'),
  new RegExp(String.raw`^\(?${lead}${word}\)?:?[ \t]{0,8}$`, 'imu'),
]
const nextHeading = /^ {0,3}#{1,6}[ \t]{0,8}[^#\s]|^[^\n]{2,80}\n(?:={3,80}|-{3,80})[ \t]{0,8}$|<h[1-6]\b/m

/** Picks the passages that speak of the licence out of a readme. */
export function passagesOf(readme: string): ReadmePassages {
  const text = readme.replace(/\r\n?/g, '\n')
  // Examples of code print licences of others; only a section may hold its licence as such a block.
  const prose = text.replace(/^```[\s\S]*?^```/gm, '')
  return { section: sectionOf(text), badges: badgesOf(prose), sentences: sentencesOf(prose) }
}

function sectionOf(text: string): string | null {
  for (const heading of headings) {
    const match = heading.exec(text)
    if (match === null) continue
    const rest = text.slice(match.index + match[0].length)
    const end = nextHeading.exec(rest)?.index ?? rest.length
    // The heading itself may name the licence: "## License (MIT)".
    const body = `${match[0].replace(/#+|[=~-]{3,}/g, ' ').trim()}\n${rest.slice(0, end).trim()}`
    return clip(body.trim(), SECTION_CHARS_MAX)
  }
  return null
}

function badgesOf(text: string): string[] {
  const badges: string[] = []
  const patterns = [
    /badge\/[\w%.:-]{0,40}?licen[cs]e[-_:%\w]{0,20}?-([\w%.+ ]{2,40}(?:--[\w%.+]{1,20}){0,4})-\w{3,20}/gi,
    /!\[\s{0,4}licen[cs]e\s{0,4}:?\s{0,4}([^\]\n]{2,60})\]/gi,
    /!\[([^\]\n]{2,40}?)\s{1,4}licen[cs]e\s{0,4}\]/gi,
    /alt=["']licen[cs]e\s{0,4}:?\s{0,4}([^"'\n]{2,60})["']/gi,
  ]
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const label = decoded(match[1] ?? '').trim()
      if (label !== '' && !badges.includes(label) && badges.length < LISTED_MAX) badges.push(label)
    }
  }
  return badges
}

// shields.io writes a hyphen as two and a space as an underscore.
function decoded(label: string): string {
  const spaced = label.replace(/--/g, '-').replace(/_/g, ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

const said: readonly RegExp[] = [
  /\b(?:released|distributed|available|published|provided|licen[cs]ed|shared|issued)\s{1,4}(?:as [\w ]{3,20} )?(?:under|with|by)\s[^\n]{0,300}/gi,
  /\b(?:MIT|ISC|BSD|Apache)[ -]licen[cs]ed\b[^\n]{0,300}/gi,
  /\bSPDX-License-Identifier:[^\n]{0,300}/gi,
  /^[ \t*]{0,8}licen[cs]e[ \t*]{0,8}:[^\n]{0,300}/gim,
  /^[^\w\n]{0,8}(?:MIT|ISC|BSD)\W{0,4}(?:©|\(c\)|licen[cs]e)[^\n]{0,300}/gim,
]

function sentencesOf(text: string): string[] {
  const sentences: string[] = []
  for (const pattern of said) {
    for (const match of text.matchAll(pattern)) {
      const sentence = clip(match[0].trim(), SENTENCE_CHARS_MAX)
      if (sentences.length < LISTED_MAX && !sentences.includes(sentence)) sentences.push(sentence)
    }
  }
  return sentences
}
