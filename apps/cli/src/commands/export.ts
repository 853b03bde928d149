import { resolve } from 'node:path'
import { exportIncident, openIncident, type ExportReport } from 'holdfast/replay'
import { correlationNamed } from '../correlation.js'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys, subjectKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { bytesText, count } from '../figures.js'
import { keyFrom, type KeyOptions } from '../incident-file.js'
import { inert } from '../inert.js'
import { withData } from '../open-data.js'
import type { Paint } from '../paint.js'
import type { Command, DataOption } from './command.js'

/** Options of `export`. */
export interface ExportCommandOptions extends DataOption, KeyOptions {
  readonly output?: string
  readonly redact?: readonly string[]
  readonly pin?: boolean
  readonly note?: string
  readonly force?: boolean
}

/** `holdfast export <correlation>`: one incident into one file. */
export async function exportFile(
  wanted: string,
  options: ExportCommandOptions,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const { redact, pin, note, force } = options
  const dir = dataToRead(options.data, terminal)
  const key = keyFrom(options, terminal)
  const correlation = await withData(dir, terminal, (data) => {
    return data.journal.correlationName(correlationNamed(data, wanted))
  })
  const file = resolve(terminal.cwd, options.output ?? fileName(correlation))
  const incident = await openIncident({
    data: dir,
    keys: dataKeys(terminal),
    subjectKeys: subjectKeys(terminal),
    correlation,
  })
  let report: ExportReport
  try {
    report = await exportIncident(incident, { file, redact, key, pin, note, force })
  } finally {
    await incident.close()
  }
  for (const { rule, hits } of report.redactions)
    if (hits === 0)
      output.note(output.side.warn(`${inert(rule)} has led to no field: nothing was redacted for it`))
  if (output.json) await output.document('export', { data: dir, ...report })
  else
    for (const line of exportLines(report, shownPath(file, terminal.cwd), output.paint))
      await output.line(line)
  return EXIT.ok
}

/** An export as lines. */
export function exportLines(report: ExportReport, file: string, paint: Paint): string[] {
  const { correlation, bytes, records, snapshots, actors, redactions, encrypted, pinned } = report
  const parts = [count(actors.length, 'actor'), count(records, 'record'), count(snapshots, 'snapshot')]
  const size = `${bytesText(bytes)}${encrypted ? ', encrypted' : ''}`
  const lines = [
    `${paint.good('exported')}  ${inert(correlation)} to ${paint.strong(inert(file))}: ${parts.join(', ')}, ${size}`,
  ]
  for (const { rule, hits } of redactions)
    if (hits > 0) lines.push(`${paint.faint('redacted')}  ${inert(rule)}: ${count(hits, 'field')}`)
  if (pinned) lines.push(`${paint.faint('pinned')}    what it was cut from stays in the data directory`)
  return lines
}

// A name may hold what a file system refuses or takes for a path.
function fileName(correlation: string): string {
  const name = correlation.replace(/[^\w.@+-]/g, '-').replace(/^\.+/, '-')
  return `${name.slice(0, NAME_LENGTH_MAX)}.hfi`
}

/** Characters that every file system takes, the ending left aside. */
const NAME_LENGTH_MAX = 120
