// Compare
// =======
// What was recorded against what the replay did, subject by subject, all of it: a difference does not end the
// comparison, because the second one often explains the first.

import { Comparison, isSameCorrelation } from './comparison.js'
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

/**
 * The order in which a turn did things of different kinds, when all of them are the same: a watch that begins and ends is
 * none, and one that ends and begins is one. What is carried out in another round has no order to these.
 */
export function compareOrder(
  recorded: readonly Deed[],
  replayed: readonly Deed[],
  comparison = new Comparison(),
): Difference[] {
  return ROUNDS.flatMap((round) => {
    const isOf = ({ subject }: Deed): boolean => round.includes(subject)
    return compareRound(recorded.filter(isOf), replayed.filter(isOf), comparison)
  })
}

function compareRound(
  recorded: readonly Deed[],
  replayed: readonly Deed[],
  comparison: Comparison,
): Difference[] {
  const left = replayed.map((deed, at) => ({ deed, at }))
  let last = -1
  for (const deed of recorded) {
    const { subject } = deed
    const there = left.findIndex(
      (other) => other.deed.subject === subject && comparison.isSameDeed(deed, other.deed),
    )
    if (there === -1) continue
    const [same] = left.splice(there, 1)
    const { at } = same!
    if (at < last)
      return [difference('order', subject, deed, same!.deed, `${named(deed)} comes earlier than recorded`)]
    last = at
  }
  return []
}

/** Subjects that are carried out in one round, in the order in which a handler calls for them. */
const ROUNDS: readonly (readonly Subject[])[] = [
  ['watch', 'unwatch', 'link', 'dependOn', 'unlink'],
  ['spawn', 'schedule', 'unschedule', 'stash', 'unstash'],
]

/** What a replayed turn wanted from outside that the record does not have. */
export function extraCalls(recorded: readonly Deed[], replayed: readonly Deed[]): Difference[] {
  const left = [...recorded]
  const differences: Difference[] = []
  for (const deed of replayed) {
    if (deed.subject !== 'ask' && deed.subject !== 'effect') continue
    const { subject, target, type } = deed
    const there = left.findIndex(
      (each) => each.subject === subject && isTo(each, target) && each.type === type,
    )
    if (there !== -1) left.splice(there, 1)
    else {
      const kind = subject === 'effect' ? 'effect' : 'extra'
      differences.push(difference(kind, subject, undefined, deed, `${named(deed)} was not recorded`))
    }
  }
  return differences
}

function isTo(recorded: Deed, target: string): boolean {
  return recorded.target === '' || recorded.target === target
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
    const alike = left.findIndex((other) => isTo(deed, other.target) && other.type === deed.type)
    if (alike !== -1) {
      const [other] = left.splice(alike, 1)
      differences.push(difference('payload', subject, deed, other, carried(deed, other!)))
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
  const { position: _, ...rest } = deed
  return rest
}

function carried(recorded: Deed, replayed: Deed): string {
  if (!isSameCorrelation(recorded, replayed)) {
    const [was, is] = [recorded, replayed].map(({ correlation }) => correlation ?? 'that of the turn')
    return `${named(recorded)} is of another correlation: ${is} instead of ${was}`
  }
  return `${named(recorded)} carries ${shown(replayed.value)} instead of ${shown(recorded.value)}`
}

function named({ subject, type, target }: Deed): string {
  const whom = target === '' ? 'somebody of whom the log does not tell' : target
  return type === '' ? `${subject} ${whom}` : `${subject} "${type}" to ${whom}`
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
