// Vote
// ====
// Three classifiers look at a package independently; the panel weighs what they say. Licences are
// compared as sets: "MIT OR GPL-2.0-only" is the same choice whichever comes first, and a licence
// file that holds one of the two licences of a choice does not contradict the choice.
//
//   opinions that count   outcome
//   none                  abstained
//   one                   unconfirmed: a single voice is no agreement
//   all compatible        agreed
//   two of three          majority, with a dissenter
//   otherwise             disputed, and no licence is named
//
// Invariants
//   V1  The verdict does not depend on the order of the votes.
//   V2  An opinion below the least confidence neither confirms nor disputes anything.

import type { Classification } from './classification.js'
import type { LicenceCategory } from './licences.js'
import { categories, categoryOfId, isGeneric, sameLicence } from './licences.js'
import { byKeys, byText, distinct } from './order.js'
import type { Expression } from './spdx.js'
import { categoryOf, leavesOf, readExpression, textOf } from './spdx.js'

/** The classifiers, in the order their word is taken when they agree. */
const voters = ['declared', 'text', 'readme'] as const

export type Voter = (typeof voters)[number]

export interface Vote extends Classification {
  voter: Voter
}

export type Outcome = 'agreed' | 'majority' | 'unconfirmed' | 'disputed' | 'abstained'

export interface Verdict {
  outcome: Outcome
  /** The licence the panel stands for; null when it is disputed or nobody knows. */
  licence: string | null
  category: LicenceCategory
  /** Who stands for the licence, who against it, and who had nothing (or too little) to say. */
  agreeing: Voter[]
  dissenting: Voter[]
  silent: Voter[]
  /** Licences an agreeing vote names beside the verdict's: another choice, or no more than permissive. */
  beside: string[]
}

/** An opinion counts from this confidence on. */
const CONFIDENCE_MIN = 0.5

interface Ballot extends Vote {
  expression: Expression
  licences: string[]
}

/** Weighs the votes of the panel. */
export function panelVerdict(votes: readonly Vote[]): Verdict {
  const ballots = votes.flatMap(ballotOf).sort(byKeys((ballot) => String(voters.indexOf(ballot.voter))))
  const side = standing(ballots)
  const isSingle = ballots.length === 1
  const agreeing = side.map((ballot) => ballot.voter)
  const dissenting = ballots.filter((ballot) => !side.includes(ballot)).map((ballot) => ballot.voter)
  const silent = voters.filter((voter) => !ballots.some((ballot) => ballot.voter === voter))
  const speaker = speakerOf(side)
  if (speaker === undefined) {
    const outcome = ballots.length === 0 ? 'abstained' : 'disputed'
    return { outcome, licence: null, category: 'unknown', agreeing, dissenting, silent, beside: [] }
  }
  const outcome = isSingle ? 'unconfirmed' : dissenting.length > 0 ? 'majority' : 'agreed'
  const beside = distinct(side.flatMap((ballot) => ballot.licences)).filter(
    (id) => !speaker.licences.some((own) => sameLicence(own, id)),
  )
  const category = categoryOf(speaker.expression)
  return { outcome, licence: textOf(speaker.expression), category, agreeing, dissenting, silent, beside }
}

function ballotOf(vote: Vote): Ballot[] {
  if (vote.licence === null || vote.confidence < CONFIDENCE_MIN) return []
  const expression = readExpression(vote.licence)
  if (expression === null) return []
  return [{ ...vote, expression, licences: distinct(leavesOf(expression).map((leaf) => leaf.id)) }]
}

// The largest group whose members are all compatible: everybody, or the surest two, or the only one.
function standing(ballots: readonly Ballot[]): Ballot[] {
  const isUnited = (group: readonly Ballot[]): boolean =>
    group.every((a, at) => group.slice(at + 1).every((b) => compatible(a, b)))
  if (isUnited(ballots)) return [...ballots]
  const pairs = ballots.flatMap((a, at) => ballots.slice(at + 1).map((b) => [a, b] as const))
  const surest = (pair: readonly Ballot[]): number => pair.reduce((sum, ballot) => sum + ballot.confidence, 0)
  const united = pairs
    .filter((pair) => ballots.length > 2 && isUnited(pair))
    .sort((a, b) => surest(b) - surest(a))
  return [...(united[0] ?? [])]
}

function compatible(a: Ballot, b: Ballot): boolean {
  return isCovered(a, b) || isCovered(b, a)
}

// What the narrower one names is all in the wider one, and what the wider one adds does no harm: it
// is another choice, or asks for no more than a mention, or is what the package itself declares.
function isCovered(narrow: Ballot, wide: Ballot): boolean {
  const isIn = (id: string, ballot: Ballot): boolean =>
    ballot.licences.some((other) => sameLicence(id, other))
  if (!narrow.licences.every((id) => isIn(id, wide))) return false
  const added = wide.licences.filter((id) => !isIn(id, narrow))
  if (wide.expression.kind === 'or' || wide.voter === 'declared') return true
  return added.every((id) => categories.indexOf(categoryOfId(id)) <= categories.indexOf('permissive'))
}

// The declared licence speaks for the group, unless it leaves open what another one settles.
function speakerOf(side: readonly Ballot[]): Ballot | undefined {
  return side.find((ballot) => !ballot.licences.some(isGeneric)) ?? side[0]
}

/** The votes as they are reported: in the order of the voters. */
export function sortedVotes(votes: readonly Vote[]): Vote[] {
  return [...votes].sort(
    (a, b) => voters.indexOf(a.voter) - voters.indexOf(b.voter) || byText(a.evidence, b.evidence),
  )
}
