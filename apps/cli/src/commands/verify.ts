import { resolve } from 'node:path'
import {
  LmdbStore,
  readAnchorKey,
  readAnchors,
  verifyStore,
  type Anchor,
  type Origin,
  type StoreReader,
  type VerifyReport,
} from '@holdfast/journal'
import { dataToRead, shownPath } from '../data-directory.js'
import { dataKeys } from '../data-keys.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { bytesText, count, grouped, span } from '../figures.js'
import { inert } from '../inert.js'
import type { Output } from '../output.js'
import type { Paint } from '../paint.js'
import type { Terminal } from '../terminal.js'
import { UsageError } from '../usage-error.js'
import type { Command, DataOption } from './command.js'

/** Options of `verify`. */
export interface VerifyOptions extends DataOption {
  readonly anchors?: string
  readonly key?: string
}

/** `holdfast verify`: whether the store is what was written. */
export async function verify(options: VerifyOptions, { terminal, output }: Command): Promise<ExitCode> {
  const dir = dataToRead(options.data, terminal)
  const anchors = anchorsOf(options, terminal)
  // Without a key the chain and the checksums can still be looked at.
  const store = new LmdbStore({ dir, readOnly: true, keys: dataKeys(terminal), isSealedOnly: true })
  let report: VerifyReport
  let readers: readonly StoreReader[]
  const { origin } = store
  try {
    readers = store.readers().filter(({ pid }) => pid !== process.pid)
    report = verifyStore(store, progressOf(store.last()?.first ?? 0, terminal, output), anchors)
  } finally {
    output.progress('')
    await store.close()
  }
  if (output.json) await output.document('verify', { data: dir, ...report, origin, readers })
  else {
    const lines = verifyLines(report, shownPath(dir, terminal.cwd), output.paint)
    const besides = [...originLines(origin, output.paint), ...readerLines(readers, output.paint)]
    for (const line of [...lines, ...besides]) await output.line(line)
  }
  return report.ok ? EXIT.ok : EXIT.unhealthy
}

function anchorsOf({ anchors, key }: VerifyOptions, { cwd }: Terminal): readonly Anchor[] {
  if (anchors === undefined && key === undefined) return []
  if (anchors !== undefined && key !== undefined)
    return readAnchors(resolve(cwd, anchors), readAnchorKey(resolve(cwd, key)))
  throw new UsageError('--anchors and --key belong together.', {
    field: anchors === undefined ? 'anchors' : 'key',
    hint: 'Give the file with the anchors, and the key that they were signed with.',
  })
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
  const { ok, batches, records, bytes, next, floor, cut, head, findings, anchors, damaged, isShut } = report
  const size = `${count(records, 'record')} in ${count(batches, 'batch', 'batches')}, ${bytesText(bytes)}`
  const verdict = ok ? paint.good('ok') : paint.bad('damaged')
  const lines = [`${verdict}  ${dir}: ${size}, next position ${next}`]
  if (cut > 0)
    lines.push(
      `    ${paint.faint(`begins at position ${floor}: ${count(cut, 'record')} before it were cut away`)}`,
    )
  if (batches > 0) lines.push(`    ${paint.faint(`head of the chain ${head}`)}`)
  if (isShut)
    lines.push(
      `    ${paint.warn('encrypted')}  no key was given: only the chain and the checksums were looked at`,
    )
  if (anchors !== undefined) {
    const { newest, unanchored, cut: gone } = anchors
    const upTo = newest === undefined ? 'no anchor agrees with it' : `anchored up to ${newest.position}`
    lines.push(`    ${paint.faint(`${upTo}, unanchored tail of ${count(unanchored, 'record')}`)}`)
    if (gone > 0)
      lines.push(
        `    ${paint.warn('cut away')}  what ${count(gone, 'anchor')} vouched for: that can no longer be checked`,
      )
  }
  for (const { kind, position, what } of findings.slice(0, FINDINGS_SHOWN)) {
    lines.push(`    ${paint.bad(kind.padEnd(KIND_WIDTH))}  batch at position ${position}: ${inert(what)}`)
  }
  if (findings.length > FINDINGS_SHOWN)
    lines.push(`    … ${count(findings.length - FINDINGS_SHOWN, 'finding')} more; --json lists them`)
  for (const { from, to, actors, areAll } of damaged.slice(0, FINDINGS_SHOWN)) {
    const names = actors
      .slice(0, FINDINGS_SHOWN)
      .map(({ id, path }) => (path === '' ? `actor ${id}` : inert(path)))
    const others = actors.length > FINDINGS_SHOWN || !areAll ? ' and others' : ''
    const whom =
      names.length === 0 ? (areAll ? 'nobody' : 'nobody knows whom') : `${names.join(', ')}${others}`
    lines.push(`    ${paint.bad('concerns'.padEnd(KIND_WIDTH))}  ${whom}: positions ${from} to ${to}`)
  }
  return lines
}

function originLines(origin: Origin | undefined, paint: Paint): string[] {
  if (origin === undefined) return []
  const { how, store, position, at } = origin
  return [`    ${paint.faint(inert(`${how} from the store ${store}, up to position ${position}, at ${at}`))}`]
}

// Who looks at an old state of the store has its file grow with everything that is written meanwhile.
function readerLines(readers: readonly StoreReader[], paint: Paint): string[] {
  return readers
    .filter(({ behind }) => behind > 0)
    .map(({ pid, command, transaction, behind }) => {
      const who = command === '' ? `process ${pid}` : `process ${pid} (${inert(command)})`
      return `    ${paint.warn('read')}  by ${who} in transaction ${transaction}, ${count(behind, 'transaction')} ago`
    })
}

const REDRAW_MS = 200
const FINDINGS_SHOWN = 20
const KIND_WIDTH = 10
