// Compare
// =======
// What was recorded against what the replay did, subject by subject, all of it: a difference does not end the
// comparison, because the second one often explains the first.

import { Comparison } from './comparison.js'
import type { Deed, DivergenceKind, Subject } from './report.js'

/** A difference, before it is put in its place in the report. */
export interface Difference {
  readonly kind: DivergenceKind
  readonly subject: Subject
  readonly recorded: unknown
  readonly replayed: unknown
  readonly what: string
}

const SUBJECTS: readonly Subject[] = [
  'tell',
  'ask',
  'effect',
  'spawn',
  'stop',
  'watch',
  'unwatch',
  'link',
  'dependOn',
  'unlink',
  'schedule',
  'unschedule',
  'stash',
  'unstash',
]

/** All differences between the deeds of a recorded and a replayed turn. */
export function compareDeeds(
  recorded: readonly Deed[],
  replayed: readonly Deed[],
  comparison = new Comparison(),
): Difference[] {
  return SUBJECTS.flatMap((subject) =>
    compareSubject(subject, recorded.filter(of(subject)), replayed.filter(of(subject)), comparison),
  )
}

/** What a replayed turn wanted from outside that the record does not have. */
export function extraCalls(recorded: readonly Deed[], replayed: readonly Deed[]): Difference[] {
  const left = [...recorded]
  const differences: Difference[] = []
  for (const deed of replayed) {
    if (deed.subject !== 'ask' && deed.subject !== 'effect') continue
    const { subject, target, type } = deed
    const there = left.findIndex(
      (each) => each.subject === subject && each.target === target && each.type === type,
    )
    if (there !== -1) left.splice(there, 1)
    else {
      const kind = subject === 'effect' ? 'effect' : 'extra'
      differences.push(difference(kind, subject, undefined, deed, `${named(deed)} was not recorded`))
    }
  }
  return differences
}

function of(subject: Subject) {
  return (deed: Deed): boolean => deed.subject === subject
}

function compareSubject(
  subject: Subject,
  recorded: readonly Deed[],
  replayed: readonly Deed[],
  comparison: Comparison,
): Difference[] {
  const differences: Difference[] = []
  const left = [...replayed]
  recorded.forEach((deed, i) => {
    const there = left.findIndex((other) => comparison.isSameDeed(deed, other))
    if (there !== -1) {
      const [same] = left.splice(there, 1)
      if (there > 0 && subject !== 'effect')
        differences.push(difference('order', subject, deed, same, `${named(deed)} comes later than recorded`))
      return
    }
    const alike = left.findIndex((other) => other.target === deed.target && other.type === deed.type)
    if (alike !== -1) {
      const [other] = left.splice(alike, 1)
      differences.push(
        difference(
          'payload',
          subject,
          deed,
          other,
          `${named(deed)} carries ${shown(other?.value)} instead of ${shown(deed.value)}`,
        ),
      )
    } else {
      const other = replayed[i]
      const instead = other !== undefined && left.includes(other) ? `, and ${named(other)} instead` : ''
      differences.push(difference('missing', subject, deed, undefined, `${named(deed)} is missing${instead}`))
    }
  })
  for (const deed of left)
    differences.push(
      difference(
        subject === 'effect' ? 'effect' : 'extra',
        subject,
        undefined,
        deed,
        `${named(deed)} was not recorded`,
      ),
    )
  return differences
}

function difference(
  kind: DivergenceKind,
  subject: Subject,
  recorded: Deed | undefined,
  replayed: Deed | undefined,
  what: string,
): Difference {
  return { kind, subject, recorded: bare(recorded), replayed, what }
}

// Where it stands in the log is no part of what was done.
function bare(deed: Deed | undefined): Deed | undefined {
  if (deed === undefined) return undefined
  const { subject, target, type, value } = deed
  return { subject, target, type, value }
}

function named(deed: Deed): string {
  return deed.type === ''
    ? `${deed.subject} ${deed.target}`
    : `${deed.subject} "${deed.type}" to ${deed.target}`
}

/** A value in a few words. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  // Functions and symbols have no JSON; they cannot be stored either, so they only come from a replayed turn.
  const text = (JSON.stringify(value, plain) as string | undefined) ?? typeof value
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text
}

const SHOWN_LENGTH = 120

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Map || value instanceof Set) return [...value]
  return value
}
