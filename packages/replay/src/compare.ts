// Compare
// =======
// What was recorded against what the replay did, subject by subject, all of it: a difference does not end the
// comparison, because the second one often explains the first.

import { NOT_KEPT } from './recorded.js'
import type { Deed, DivergenceKind, Subject } from './report.js'
import { Volatile } from './volatile.js'

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
  volatile = new Volatile(),
): Difference[] {
  return SUBJECTS.flatMap((subject) =>
    compareSubject(subject, recorded.filter(of(subject)), replayed.filter(of(subject)), volatile),
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
  volatile: Volatile,
): Difference[] {
  const differences: Difference[] = []
  const left = [...replayed]
  recorded.forEach((deed, i) => {
    const there = left.findIndex((other) => isSame(deed, other, volatile))
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
  return { kind, subject, recorded, replayed, what }
}

function isSame(a: Deed, b: Deed, volatile: Volatile): boolean {
  if (a.target !== b.target || a.type !== b.type) return false
  if (a.value === NOT_KEPT) return true
  return isEqual(volatile.without(a.type, a.value), volatile.without(b.type, b.value))
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

/** Whether two stored values are the same; the order of an object's keys does not count. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (Array.isArray(a))
    return a.length === (b as unknown[]).length && a.every((each, i) => isEqual(each, (b as unknown[])[i]))
  if (ArrayBuffer.isView(a)) return areBytesEqual(a, b as ArrayBufferView)
  if (a instanceof Map || a instanceof Set) return isEqual([...a], [...(b as Iterable<unknown>)])
  if (Object.prototype.toString.call(a) === '[object Date]') return Object.is(Number(a), Number(b))
  if (a instanceof Error && a.message !== (b as Error).message) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}

function areBytesEqual(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const left = new Uint8Array(a.buffer, a.byteOffset, a.byteLength)
  const right = new Uint8Array(b.buffer, b.byteOffset, b.byteLength)
  return left.length === right.length && left.every((byte, i) => byte === right[i])
}
