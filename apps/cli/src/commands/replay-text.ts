// What a replay found, as text and as a document.

import type { Divergence, Outcome, ReplayedTurn, ReplayReport } from 'holdfast/replay'
import { count } from '../figures.js'
import { inert } from '../inert.js'
import { jsonValue } from '../json-value.js'
import type { Paint } from '../paint.js'
import { printable } from '../printable.js'
import { errorText } from '../record-text.js'
import { valueDiffJson, valueDiffLines } from '../value-diff.js'

/** A replay as a document. */
export function reportJson(report: ReplayReport, isDiff: boolean): object {
  const { divergences, firstCause, turns: _turns, ...rest } = report
  return {
    ...rest,
    divergences: divergences.map((each) => {
      const { recorded, replayed } = each
      const differences = isDiff ? { differences: valueDiffJson(recorded, replayed) } : {}
      return { ...each, recorded: jsonValue(recorded), replayed: jsonValue(replayed), ...differences }
    }),
    firstCause: firstCause === undefined ? null : divergences.indexOf(firstCause),
  }
}

/** A replay as lines: the differences, then what it comes to. */
export function replayLines(report: ReplayReport, paint: Paint, isDiff = false): string[] {
  const { divergences } = report
  const lines = divergences
    .slice(0, DIVERGENCES_SHOWN)
    .flatMap((each) => divergenceLines(each, paint, isDiff))
  if (divergences.length > DIVERGENCES_SHOWN) {
    lines.push(`… ${count(divergences.length - DIVERGENCES_SHOWN, 'divergence')} more; --json lists them`)
  }
  return [...lines, summaryLine(report, paint), ...besides(report, paint)]
}

/** A divergence: on one line with both values, or with a line for each place at which they differ. */
export function divergenceLines(each: Divergence, paint: Paint, isDiff: boolean): string[] {
  const { position, actor, message, kind, subject, isContext, recorded, replayed, what } = each
  const where = `${paint.faint(String(position))}  ${paint.name(inert(actor))}  ${inert(message)}`
  const line = `${where}  ${paint.bad(kind)} ${subject}${isContext ? paint.faint(', context') : ''}: ${inert(what)}`
  if (isDiff) return [line, ...valueDiffLines(recorded, replayed, paint).map((diff) => `    ${diff}`)]
  const values = `(recorded ${printable(recorded, VALUE_WIDTH)}, replayed ${printable(replayed, VALUE_WIDTH)})`
  return [`${line}  ${paint.faint(values)}`]
}

/** One turn on one line: what it was, and how it ended. */
export function turnLine(
  { position, actor, kind, attempt, isContext, replayed }: ReplayedTurn,
  paint: Paint,
): string {
  const beside = [...(attempt > 1 ? [`attempt ${attempt}`] : []), ...(isContext ? ['context'] : [])]
  const notes = beside.length === 0 ? '' : ` ${paint.faint(`(${beside.join(', ')})`)}`
  return `${paint.faint(String(position))}  ${paint.name(inert(actor))}  ${inert(kind)}${notes}  ${outcomeText(replayed, paint)}`
}

function outcomeText(outcome: Outcome, paint: Paint): string {
  if (!outcome.ok) return `${paint.bad('failed')}: ${errorText(outcome.error)}`
  const { answer } = outcome
  return `${paint.good('handled')}${answer === undefined ? '' : `, answered ${printable(answer, VALUE_WIDTH)}`}`
}

function summaryLine(report: ReplayReport, paint: Paint): string {
  const { correlation, identical, counts, actors, unrecorded } = report
  const { turns, contextTurns, digests, divergences } = counts
  const verdict = identical ? paint.good('identical') : paint.bad(count(divergences, 'divergence'))
  const parts = [
    `${count(turns, 'turn')}${contextTurns > 0 ? ` (${contextTurns} of other correlations)` : ''}`,
  ]
  parts.push(count(actors.length, 'actor'), count(digests, 'state digest'))
  if (unrecorded.length > 0) parts.push(paint.warn(`${count(unrecorded.length, 'volatile actor')} left out`))
  return `${verdict}  ${inert(correlation)}: ${parts.join(', ')}`
}

// Where it began and how far it got, and what takes from the worth of the replay.
function besides(
  { firstCause, spread, divergences, pruned, supplied, shredded, stalled }: ReplayReport,
  paint: Paint,
): string[] {
  const lines: string[] = []
  const add = (label: string, text: string): void =>
    void lines.push(`  ${paint.faint(label.padEnd(11))} ${text}`)
  if (firstCause !== undefined) {
    const { position, actor, message, what } = firstCause
    add('first cause', `${position} ${paint.name(inert(actor))} ${inert(message)}: ${inert(what)}`)
  }
  if (spread.length > 0) {
    const reached = spread.slice(0, ACTORS_SHOWN).map(({ actor, position, because, turns }) => {
      const from = because === position ? '' : `, because of ${because}`
      return `${paint.name(inert(actor))} from ${position} (${count(turns, 'turn')}${from})`
    })
    const more = spread.length > ACTORS_SHOWN ? `, and ${spread.length - ACTORS_SHOWN} more` : ''
    add('spread', `${count(spread.length, 'actor')}: ${reached.join(', ')}${more}`)
  }
  const leaks = divergences.filter(({ kind }) => kind === 'leak')
  if (leaks.length > 0) {
    const actors = [...new Set(leaks.map(({ actor }) => actor))].slice(0, ACTORS_SHOWN)
    add('leaks', paint.warn(`${count(leaks.length, 'time')} past ctx, in ${actors.map(inert).join(', ')}`))
  }
  if (pruned.length > 0)
    add(
      'pruned',
      paint.warn(
        `the log no longer has the early turns of ${pruned.slice(0, ACTORS_SHOWN).map(inert).join(', ')}`,
      ),
    )
  for (const { actor, from, to, turns, reason } of shredded.slice(0, ACTORS_SHOWN))
    add(
      reason.code === 'HF_SUBJECT_KEYS' ? 'sealed' : 'shredded',
      paint.warn(`${count(turns, 'turn')} of ${inert(actor)} not replayed, from ${from} to ${to}`),
    )
  for (const { position, actor, message } of stalled.slice(0, ACTORS_SHOWN))
    add(
      'stood still',
      paint.warn(`${inert(message)} of ${inert(actor)} at ${position} not run again: it would not end`),
    )
  for (const { position, actor, what, by, from } of supplied.slice(0, SUPPLIED_SHOWN)) {
    const source = from === undefined ? by : `${by}, as at ${from}`
    add('supplied', paint.warn(`${inert(what)} for ${inert(actor)} at ${position} (${source})`))
  }
  if (supplied.length > SUPPLIED_SHOWN)
    add('supplied', `${supplied.length - SUPPLIED_SHOWN} more; --json lists them`)
  return lines
}

const DIVERGENCES_SHOWN = 50
const ACTORS_SHOWN = 8
const SUPPLIED_SHOWN = 10
const VALUE_WIDTH = 60
