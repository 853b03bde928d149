import {
  diffIncidents,
  openIncident,
  type Incident,
  type IncidentDiff,
  type IncidentDifference,
} from 'holdfast/replay'
import { correlationNamed } from '../correlation.js'
import { dataToRead } from '../data-directory.js'
import { dataKeys, subjectKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import { openIncidentFile, type KeyOptions } from '../incident-file.js'
import { fileNamed } from '../incident-source.js'
import { inert } from '../inert.js'
import { withData } from '../open-data.js'
import type { Paint } from '../paint.js'
import type { Command, DataOption } from './command.js'

/** Options of `diff`. */
export interface DiffOptions extends DataOption, KeyOptions {}

/** `holdfast diff <a> <b>`: two incidents side by side. */
export async function diff(a: string, b: string, options: DiffOptions, command: Command): Promise<ExitCode> {
  const { output } = command
  const first = await opened(a, options, command)
  try {
    const second = await opened(b, options, command)
    try {
      const found = diffIncidents(first, second)
      if (output.json) await output.document('diff', { first: a, second: b, ...found })
      else for (const line of diffLines(found, output.paint)) await output.line(line)
      return found.equal ? EXIT.ok : EXIT.diverged
    } finally {
      await second.close()
    }
  } finally {
    await first.close()
  }
}

async function opened(wanted: string, options: DiffOptions, { terminal }: Command): Promise<Incident> {
  const file = await fileNamed(wanted, options, terminal)
  if (file !== undefined) return (await openIncidentFile(file, options, terminal)).incident
  const dir = dataToRead(options.data, terminal)
  const correlation = await withData(dir, terminal, (data) => {
    return data.journal.correlationName(correlationNamed(data, wanted))
  })
  return openIncident({
    data: dir,
    keys: dataKeys(terminal),
    subjectKeys: subjectKeys(terminal),
    correlation,
  })
}

/** A comparison as lines: the differences, then what it comes to. */
export function diffLines(found: IncidentDiff, paint: Paint): string[] {
  const { differences } = found
  const lines = differences.slice(0, DIFFERENCES_SHOWN).map((each) => differenceLine(each, paint))
  if (differences.length > DIFFERENCES_SHOWN)
    lines.push(`… ${count(differences.length - DIFFERENCES_SHOWN, 'difference')} more; --json lists them`)
  return [...lines, summaryLine(found, paint)]
}

function differenceLine({ kind, a, b, text }: IncidentDifference, paint: Paint): string {
  const places = paint.faint(`${a ?? '-'} | ${b ?? '-'}`)
  return `${MARKS[kind]}  ${places}  ${inert(text)}`
}

const MARKS: Readonly<Record<IncidentDifference['kind'], string>> = {
  'only-a': '-',
  'only-b': '+',
  content: '~',
  order: '↕',
}

function summaryLine({ equal, a, b, differences }: IncidentDiff, paint: Paint): string {
  const verdict = equal ? paint.good('equal') : paint.bad(count(differences.length, 'difference'))
  const sides = [a, b].map(({ correlation, messages, turns, failures, decisions }) => {
    const parts = [count(messages, 'message'), count(turns, 'turn'), count(failures, 'failure')]
    return `${inert(correlation)} (${[...parts, count(decisions, 'decision')].join(', ')})`
  })
  return `${verdict}  ${sides.join(' and ')}`
}

const DIFFERENCES_SHOWN = 50
