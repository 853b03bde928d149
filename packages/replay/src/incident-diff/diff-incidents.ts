// Diff
// ====
// Two incidents side by side: what happened in one and not in the other, what happened in both and was not the same, and
// what came in another order. They are matched by what caused what, so that it does not matter where and when each was
// recorded.

import { shown } from '../compare.js'
import { isEqual } from '../is-equal.js'
import type { Incident } from '../incident.js'
import { happeningsOf, type Happening, type HappeningKind, type Part } from './happenings.js'

/** How two incidents differ in one place. */
export interface IncidentDifference {
  /** It is only in the first, only in the second, has another content, or came in another order. */
  readonly kind: 'only-a' | 'only-b' | 'content' | 'order'
  readonly what: HappeningKind
  /** Path of the actor. */
  readonly actor: string
  /** Type of the message, name of the effect, kind of the record. */
  readonly type: string
  /** Position in each of the two; none where it is not. */
  readonly a: number | undefined
  readonly b: number | undefined
  /** The difference in one sentence. */
  readonly text: string
}

/** One of two incidents that were compared. */
export interface DiffSide {
  readonly correlation: string
  readonly messages: number
  readonly turns: number
  readonly failures: number
  readonly decisions: number
}

/** What a comparison found. */
export interface IncidentDiff {
  readonly equal: boolean
  readonly a: DiffSide
  readonly b: DiffSide
  /** In the order of the first incident; what is only in the second comes after that. */
  readonly differences: readonly IncidentDifference[]
}

/**
 * Compares two incidents, wherever each was recorded.
 *
 * Use it when the same thing went well once and badly once, or on two systems.
 *
 * @example
 * const diff = diffIncidents(await openIncident({ file: 'good.hfi' }), await openIncident({ file: 'bad.hfi' }))
 */
export function diffIncidents(a: Incident, b: Incident): IncidentDiff {
  const [inA, inB] = [happeningsOf(a), happeningsOf(b)]
  const differences = [...contents(a, b, inA, inB), ...orders(inA, inB)]
  return {
    equal: differences.length === 0,
    a: sideOf(a, inA),
    b: sideOf(b, inB),
    differences,
  }
}

function sideOf({ correlation }: Incident, happenings: readonly Happening[]): DiffSide {
  const count = (kind: HappeningKind): number => happenings.filter(({ what }) => what === kind).length
  return {
    correlation,
    messages: count('message'),
    turns: count('turn'),
    failures: count('failure'),
    decisions: count('decision'),
  }
}

function contents(
  a: Incident,
  b: Incident,
  inA: readonly Happening[],
  inB: readonly Happening[],
): IncidentDifference[] {
  const byKey = new Map(inB.map((happening) => [happening.key, happening]))
  const found: IncidentDifference[] = []
  for (const left of inA) {
    const right = byKey.get(left.key)
    byKey.delete(left.key)
    if (right === undefined) found.push(only('only-a', left))
    else {
      const text = partsText(a, b, left, right)
      if (text !== undefined)
        found.push({ ...headOf(left), kind: 'content', a: left.position, b: right.position, text })
    }
  }
  return [...found, ...[...byKey.values()].map((right) => only('only-b', right))]
}

function only(kind: 'only-a' | 'only-b', happening: Happening): IncidentDifference {
  const { position } = happening
  const [a, b] = kind === 'only-a' ? [position, undefined] : [undefined, position]
  const text = `${named(happening)} is only in the ${kind === 'only-a' ? 'first' : 'second'} one`
  return { ...headOf(happening), kind, a, b, text }
}

function headOf({ what, actor, type }: Happening): Pick<IncidentDifference, 'what' | 'actor' | 'type'> {
  return { what, actor, type }
}

function named({ what, type, actor }: Happening): string {
  return `${what} "${type}"${actor === '' ? '' : ` of ${actor}`}`
}

function partsText(a: Incident, b: Incident, left: Happening, right: Happening): string | undefined {
  const names = new Set([...left.parts, ...right.parts].map(({ name }) => name))
  for (const name of names) {
    const before = alike(b, right, partOf(left, name))
    const after = alike(a, left, partOf(right, name))
    if (isEqual(before, after)) continue
    return `${named(left)} has ${name} ${shown(before)} in the first one and ${shown(after)} in the second`
  }
  return undefined
}

function partOf({ parts }: Happening, name: string): Part | undefined {
  return parts.find((part) => part.name === name)
}

// What is redacted in one of the two is not compared.
function alike({ evidence }: Incident, { position }: Happening, part: Part | undefined): unknown {
  if (part?.place === undefined || evidence.redactions === undefined) return part?.value
  return evidence.redactions.likeRecorded(position, part.place, part.value)
}

// What both have, in the order of each: the first place where the two part is told.
function orders(inA: readonly Happening[], inB: readonly Happening[]): IncidentDifference[] {
  const other = new Map(inB.map((happening) => [happening.key, happening]))
  const known = new Set(inA.map(({ key }) => key))
  const left = sequences(inA.filter(({ key }) => other.has(key)))
  const right = sequences(inB.filter(({ key }) => known.has(key)))
  const found: IncidentDifference[] = []
  for (const [name, sequence] of left) {
    const there = right.get(name) ?? []
    const at = sequence.findIndex(({ key }, i) => there[i]?.key !== key)
    if (at === -1) continue
    const first = sequence[at]!
    const instead = there[at]
    const before = instead === undefined ? '' : `, where the second one has ${named(instead)}`
    const text = `${named(first)} comes in another order${before}`
    found.push({
      ...headOf(first),
      kind: 'order',
      a: first.position,
      b: other.get(first.key)?.position,
      text,
    })
  }
  return found
}

function sequences(happenings: readonly Happening[]): Map<string, Happening[]> {
  const all = new Map<string, Happening[]>()
  for (const happening of happenings) {
    for (const name of happening.orders) {
      const sequence = all.get(name)
      if (sequence === undefined) all.set(name, [happening])
      else sequence.push(happening)
    }
  }
  return all
}
