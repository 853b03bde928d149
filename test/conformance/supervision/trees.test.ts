import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cases, type Case } from './random-trees.js'
import { outcomeOf, type Picture } from './tree-model.js'
import { triesOf } from '../tries.js'
import { runOf } from './tree-world.js'

/** Where two sights of the system differ, for humans. */
function differences(got: readonly Picture[], wanted: readonly Picture[]): string[] {
  const text = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
  const at = wanted.findIndex((picture, i) => !isDeepStrictEqual(got[i], picture))
  if (at === -1) return got.length === wanted.length ? [] : ['it goes on after it should have ended']
  const [is, should] = [got[at], wanted[at]]
  if (is === undefined) return [`step ${at}: nothing instead of ${text(should)}`]
  const names = Object.keys(should!.actors).filter((n) => !isDeepStrictEqual(is.actors[n], should!.actors[n]))
  const lines = names.map(
    (n) => `step ${at}: ${n} is ${text(is.actors[n])} and should be ${text(should!.actors[n])}`,
  )
  if (is.dead !== should!.dead) lines.push(`step ${at}: ${is.dead} dead letters instead of ${should!.dead}`)
  if (is.end !== should!.end) lines.push(`step ${at}: ${text(is.end)} instead of ${text(should!.end)}`)
  return lines
}

function historyDifferences(got: readonly string[], wanted: readonly string[]): string[] {
  if (isDeepStrictEqual(got, wanted)) return []
  const at = wanted.findIndex((line, i) => got[i] !== line)
  const from = at === -1 ? wanted.length : at
  return ['same:', ...wanted.slice(0, from), 'is:', ...got.slice(from), 'should be:', ...wanted.slice(from)]
}

it('a tree does what the model of supervision says', async () => {
  const property = fc.asyncProperty(cases, async (given: Case) => {
    const outcome = outcomeOf(given)
    // Nothing says which of two things at the same time comes first. Such a tree does not count.
    fc.pre(!outcome.isTied)
    const run = await runOf(given, outcome)
    const isOpen = run.pictures.length > 0
    expect([
      ...(isOpen || outcome.pictures[0]?.end === undefined
        ? differences(run.pictures, outcome.pictures)
        : []),
      ...historyDifferences(run.history, outcome.history),
    ]).toEqual([])
  })
  await fc.assert(property, { numRuns: triesOf(2_000) })
}, 600_000)
