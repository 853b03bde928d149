// Three courses of one incident side by side: as recorded, as rehearsed, and as it goes with the change.

import type { Course, WhatIfReport } from 'holdfast/replay'
import { count } from '../figures.js'
import { inert } from '../inert.js'
import type { Paint } from '../paint.js'
import { shorten } from '../printable.js'
import { table } from '../table.js'

/** What would have happened, as lines. */
export function whatIfLines(report: WhatIfReport, paint: Paint): string[] {
  const { correlation, recorded, control, changed, isFaithful, supplied, verdict } = report
  const courses = [recorded, control, changed]
  const rows = ROWS.map(([label, cell]) => [label, ...courses.map(cell)])
  const isOther = rows.map(([, , before, after]) => before !== after)
  const columns = ['', 'RECORDED', 'CONTROL', 'CHANGED'].map((title) => ({ title }))
  const lines = [paint.strong(inert(correlation))]
  lines.push(
    ...table(columns, rows, (cell, column, row) =>
      row === -1 || column === 0
        ? paint.faint(cell)
        : column === 3 && isOther[row] === true
          ? paint.warn(cell)
          : cell,
    ),
  )
  lines.push('', ...failureLines('control', control, paint), ...failureLines('changed', changed, paint))
  if (supplied.length > 0)
    lines.push(
      paint.warn(`${count(supplied.length, 'result')} that the record does not hold had to be supplied`),
    )
  if (!isFaithful)
    lines.push(paint.warn('not faithful: the rehearsal without a change does not come to what was recorded'))
  return [...lines, `${paint.strong('verdict')}  ${inert(verdict)}`]
}

const ROWS: readonly (readonly [string, (course: Course) => string])[] = [
  ['turns that ended well', ({ turns }) => String(turns)],
  ['failures', ({ failed }) => String(failed)],
  ['resumed', ({ directives }) => String(directives.resume)],
  ['restarted', ({ directives }) => String(directives.restart)],
  ['stopped', ({ directives }) => String(directives.stop)],
  ['escalated', ({ directives }) => String(directives.escalate)],
  ['handed on', ({ escalations }) => String(escalations)],
  ['actors restarted', ({ restarted }) => names(restarted)],
  ['quarantined', ({ quarantined }) => names(quarantined)],
  ['dead letters', ({ deadLetters }) => String(deadLetters)],
  ['gave up', ({ gaveUp }) => (gaveUp ? 'yes' : 'no')],
  ['contained', ({ contained }) => (contained ? 'yes' : 'no')],
  ['cut off', ({ isEndless }) => (isEndless ? 'yes' : 'no')],
]

function names(paths: readonly string[]): string {
  if (paths.length === 0) return '0'
  return shorten(`${paths.length}: ${paths.map(inert).join(' ')}`, NAMES_WIDTH)
}

function failureLines(which: string, { failures }: Course, paint: Paint): string[] {
  const counted = new Map<string, number>()
  for (const { actor, message, error } of failures) {
    const text = `${inert(actor)} ${inert(message)}: ${inert(error.name)}: ${shorten(inert(error.message), ERROR_WIDTH)}`
    counted.set(text, (counted.get(text) ?? 0) + 1)
  }
  const lines = [...counted].slice(0, FAILURES_SHOWN)
  return lines.map(
    ([text, times]) =>
      `${paint.faint(which)}  ${paint.bad('failed')} ${times > 1 ? `${times} times ` : ''}${text}`,
  )
}

const NAMES_WIDTH = 40
const ERROR_WIDTH = 100
const FAILURES_SHOWN = 10
