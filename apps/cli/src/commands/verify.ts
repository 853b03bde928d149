import { LmdbStore, verifyStore, type VerifyReport } from '@holdfast/journal'
import { dataToRead, shownPath } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { bytesText, count, grouped, span } from '../figures.js'
import { inert } from '../inert.js'
import type { Output } from '../output.js'
import type { Paint } from '../paint.js'
import type { Terminal } from '../terminal.js'
import type { Command, DataOption } from './command.js'

/** `holdfast verify`: whether the store is what was written. */
export async function verify(options: DataOption, { terminal, output }: Command): Promise<ExitCode> {
  const dir = dataToRead(options.data, terminal)
  const store = new LmdbStore({ dir, readOnly: true })
  let report: VerifyReport
  try {
    report = verifyStore(store, progressOf(store.last()?.first ?? 0, terminal, output))
  } finally {
    output.progress('')
    await store.close()
  }
  if (output.json) await output.document('verify', { data: dir, ...report })
  else
    for (const line of verifyLines(report, shownPath(dir, terminal.cwd), output.paint))
      await output.line(line)
  return report.ok ? EXIT.ok : EXIT.unhealthy
}

function progressOf(last: number, terminal: Terminal, output: Output): (position: number) => void {
  if (!output.isWatched) return () => undefined
  const startedAt = terminal.monotonic()
  let shownAt = startedAt
  return (position) => {
    const now = terminal.monotonic()
    if (now - shownAt < REDRAW_MS) return
    shownAt = now
    const done = last === 0 ? 1 : Math.min(1, position / last)
    const rate = position / ((now - startedAt) / 1_000)
    const left = ((now - startedAt) / done) * (1 - done)
    output.progress(
      `verified ${Math.floor(done * 100)} %, ${grouped(Math.round(rate))} records a second, ${span(left)} left`,
    )
  }
}

/** A verification as lines. */
export function verifyLines(report: VerifyReport, dir: string, paint: Paint): string[] {
  const { ok, batches, records, bytes, next, head, findings } = report
  const size = `${count(records, 'record')} in ${count(batches, 'batch', 'batches')}, ${bytesText(bytes)}`
  const verdict = ok ? paint.good('ok') : paint.bad('damaged')
  const lines = [`${verdict}  ${dir}: ${size}, next position ${next}`]
  if (batches > 0) lines.push(`    ${paint.faint(`head of the chain ${head}`)}`)
  for (const { kind, position, what } of findings.slice(0, FINDINGS_SHOWN)) {
    lines.push(`    ${paint.bad(kind.padEnd(KIND_WIDTH))}  batch at position ${position}: ${inert(what)}`)
  }
  if (findings.length > FINDINGS_SHOWN)
    lines.push(`    … ${count(findings.length - FINDINGS_SHOWN, 'finding')} more; --json lists them`)
  return lines
}

const REDRAW_MS = 200
const FINDINGS_SHOWN = 20
const KIND_WIDTH = 10
