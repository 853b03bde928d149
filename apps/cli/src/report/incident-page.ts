// The page about an incident, in Markdown.

import type { LogRecord, StoredError } from '@holdfast/kernel'
import { count, span, timeText } from '../figures.js'
import { paintFor } from '../paint.js'
import { printableBlock, shorten } from '../printable.js'
import { sentenceOf } from '../record-text.js'
import type { IncidentFacts } from './incident-facts.js'
import { block, code, markdownTable, plain } from './markdown-text.js'
import { DIAGRAM_LINES_MAX, sequenceDiagram } from './mermaid.js'
import type { StateFact, StatesFact } from './states.js'

/** What a page is made from. */
export interface PageParts {
  readonly facts: IncidentFacts
  readonly states: readonly StatesFact[]
  /** Whether the states come from the code, and not from snapshots. */
  readonly isPlayed: boolean
  /** The records, for the diagram. */
  readonly records: Iterable<LogRecord>
  /** Where the incident is. */
  readonly place: string
  /** What replays it. */
  readonly command: string
}

/** The page. */
export function incidentPage(parts: PageParts): string {
  const { facts, command } = parts
  const lines = [
    ...head(parts),
    ...timeline(facts),
    ...cause(facts),
    ...decisions(facts),
    ...states(parts),
    ...phases(facts),
    '## Replay it',
    '',
    ...block(command, 'sh'),
    '',
    ...diagram(parts),
  ]
  return `${lines.join('\n')}\n`
}

function head({ facts, place }: PageParts): string[] {
  const { correlation, failures, failed, startedMs, endedMs, records } = facts
  const [first] = failures
  const title = first === undefined ? 'Nothing failed' : errorTitle(first.error)
  const parts = [
    count(failed, 'failure'),
    count(records, 'record'),
    `${span(endedMs - startedMs)} from ${timeText(startedMs)}`,
  ]
  return [`# ${plain(title)}`, '', `${code(correlation)} in ${code(place)}: ${parts.join(', ')}.`, '']
}

function errorTitle({ name, code: known, message }: StoredError): string {
  return shorten(`${known ?? name}: ${message}`, TITLE_WIDTH)
}

function timeline({ happenings, left, startedMs, names, types }: IncidentFacts): string[] {
  const known = {
    paint: paintFor(false),
    path: (id: number) => names.path(id),
    typeOf: (position: number) => types.at(position),
  }
  const rows = happenings.map(({ position, atMs, record }) => [
    `+${span(atMs - startedMs)}`,
    String(position),
    plain(shorten(sentenceOf(record, known), SENTENCE_WIDTH)),
  ])
  const more = left === 0 ? [] : ['', `${left} more are left out; \`holdfast trace\` shows all.`]
  return [
    '## What happened when',
    '',
    ...markdownTable(['from the start', 'position', 'what'], rows),
    ...more,
    '',
  ]
}

function cause({ failures, failed, restarted, told }: IncidentFacts): string[] {
  const [first, ...others] = failures
  if (first === undefined) return ['## Root cause', '', 'Nothing failed in this incident.', '']
  const { actor, message, position, attempt, error } = first
  const at = message === '' ? '' : ` at message ${code(message)}`
  const again = attempt > 1 ? `, attempt ${attempt}` : ''
  const lines = [
    '## Root cause',
    '',
    `${code(actor)} failed first${at}, at position ${position}${again}, with ${code(error.name)}:`,
    '',
    ...block(shorten(error.stack ?? `${error.name}: ${error.message}`, STACK_LENGTH)),
    '',
    '## Spread',
    '',
  ]
  const others_ = new Map<string, number>()
  for (const each of others)
    if (each.actor !== actor) others_.set(each.actor, (others_.get(each.actor) ?? 0) + 1)
  const again_ = others.filter((each) => each.actor === actor).length
  if (again_ > 0) lines.push(`- ${code(actor)} failed ${count(again_, 'more time')}`)
  for (const [path, times] of cut(others_)) lines.push(`- ${code(path)} failed ${count(times, 'time')}`)
  for (const [path, times] of cut(restarted))
    lines.push(`- ${code(path)} was restarted ${count(times, 'time')}`)
  for (const path of told.slice(0, LISTED)) lines.push(`- ${code(path)} was told of it`)
  const isAlone = failed === 1 && restarted.size === 0 && told.length === 0
  return [...lines, ...(isAlone ? ['Nobody else failed, was restarted or was told.'] : []), '']
}

function cut<T>(entries: ReadonlyMap<string, T>): (readonly [string, T])[] {
  return [...entries].slice(0, LISTED)
}

function decisions({ decisions: all, startedMs }: IncidentFacts): string[] {
  const title = ['## Who decided what', '']
  if (all.length === 0) return [...title, 'Nobody decided anything.', '']
  const rows = all
    .slice(0, DECISIONS_SHOWN)
    .map(({ position, atMs, by, what, whom, why }) => [
      `+${span(atMs - startedMs)}`,
      String(position),
      code(by),
      plain(what),
      whom.slice(0, LISTED).map(code).join(', '),
      plain(shorten(why, SENTENCE_WIDTH)),
    ])
  const more = all.length > DECISIONS_SHOWN ? ['', `${all.length - DECISIONS_SHOWN} more are left out.`] : []
  const titles = ['from the start', 'position', 'who', 'what', 'whom', 'why']
  return [...title, ...markdownTable(titles, rows), ...more, '']
}

function states({ states: all, isPlayed }: PageParts): string[] {
  if (all.length === 0) return []
  const from = isPlayed
    ? 'As the code gives them, played up to there.'
    : 'As the nearest snapshots have them; with `--swarm` they are played up to there.'
  const lines = ['## States of those that failed', '', from, '']
  for (const { actor, failedAt, before, after } of all) {
    lines.push(`### ${plain(actor)}`, '', `Before its failure at ${failedAt}${stateText(before)}`, '')
    lines.push(...stateBlock(before), `Afterwards${stateText(after)}`, '', ...stateBlock(after))
  }
  return lines
}

function stateText(fact: StateFact | undefined): string {
  return fact === undefined ? ': no snapshot.' : `, as of position ${fact.position}:`
}

function stateBlock(fact: StateFact | undefined): string[] {
  if (fact === undefined) return []
  const text = printableBlock(fact.state)
  const lines = text.split('\n')
  const shown =
    lines.length > STATE_LINES
      ? `${lines.slice(0, STATE_LINES).join('\n')}\n… ${lines.length - STATE_LINES} more lines`
      : text
  return [...block(shown), '']
}

function phases({ phases: all }: IncidentFacts): string[] {
  const rows = all.map(({ name, times, totalMs, longestMs, longestAt }) => [
    name,
    String(times),
    span(totalMs),
    times === 0 ? '' : `${span(longestMs)}, ended at ${longestAt}`,
  ])
  return ['## Where the time went', '', ...markdownTable(['phase', 'times', 'in all', 'longest'], rows), '']
}

function diagram({ records, facts: { names } }: PageParts): string[] {
  const lines = sequenceDiagram(records, (id) => names.path(id))
  return ['## Diagram', '', `At most ${DIAGRAM_LINES_MAX} lines.`, '', ...block(lines.join('\n'), 'mermaid')]
}

const TITLE_WIDTH = 160
const SENTENCE_WIDTH = 240
const STACK_LENGTH = 4_000
const STATE_LINES = 60
const LISTED = 20
const DECISIONS_SHOWN = 100
