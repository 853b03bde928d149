// Lead
// ====
// What is done around the actors: ask them once to begin, look until they are done, write the reports. Looking sends no
// messages, so that the log of an audit does not depend on how long somebody looked.

import type { System, TreeNode } from 'holdfast'
import { AuditFailed } from './audit-failed.js'
import { auditor } from './audit-root.js'
import { CRAWL } from './auditor.js'
import { PATIENCE_MS } from './limits.js'
import { doneOf } from './progress.js'
import { buildReport, type Report } from './report.js'
import type { ReporterState } from './reporter.js'

/** Milliseconds between two looks. */
const LOOK_EVERY_MS = 100

/** Looks at which nobody has anything to do, after which the audit is taken up again, and then given up. */
const IDLE_LOOKS_MAX = 30

/** How an audit begins. */
export interface Beginning {
  readonly root: string
  readonly fresh: boolean
  /** The data directory, as it is shown. */
  readonly data: string
}

/** How an audit stood when it was asked to begin. */
export interface Standing {
  readonly round: number
  /** It was done before. */
  readonly isDone: boolean
  readonly state: ReporterState
}

/**
 * Begins the audit, or goes on with the one that the log holds.
 *
 * @throws {@link AuditFailed} when the log holds the audit of another folder
 */
export async function begin(system: System, { root, fresh, data }: Beginning): Promise<Standing> {
  const { isDone } = reported(system)
  const begun = await askToBegin(system, root, fresh)
  if (begun.root !== root) {
    const hint = 'Use another data directory, or start over with --fresh.'
    throw new AuditFailed(`${data} holds the audit of another folder.`, hint)
  }
  return { round: begun.round, isDone: isDone && !fresh, state: reported(system) }
}

function askToBegin(system: System, root: string, fresh: boolean) {
  const options = { timeoutMs: PATIENCE_MS, correlation: CRAWL }
  return system.ref(auditor, '/audit/auditor').ask('begin', { root, fresh }, options)
}

/**
 * Looks until the audit is done.
 *
 * @returns the report, or `undefined` when the system was stopped before
 * @throws {@link AuditFailed} when nobody works and it is not done
 */
export async function reportOf(
  system: System,
  { root }: Beginning,
  { round }: Standing,
  onLook: (state: ReporterState) => void,
  isStopped: () => boolean,
): Promise<Report | undefined> {
  let idle = 0
  for (;;) {
    if (isStopped()) return undefined
    const state = reported(system)
    if (state.round === round) onLook(state)
    if (state.round === round && state.isDone) break
    idle = isIdle(system.tree()) ? idle + 1 : 0
    if (idle === IDLE_LOOKS_MAX) await askToBegin(system, root, false)
    if (idle === 2 * IDLE_LOOKS_MAX) throw new AuditFailed('The audit does not go on.', REPORT_IT)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  await system.flushed()
  return complete(reported(system))
}

function complete(state: ReporterState): Report {
  const missing = state.found - doneOf(state)
  if (missing !== 0) throw new AuditFailed(`${missing} packages were found and not audited.`, REPORT_IT)
  return buildReport({ ...state, replayCommand: 'npx holdfast replay' })
}

const REPORT_IT = 'This is a bug in the audit: please report it. --fresh starts over.'

function reported(system: System): ReporterState {
  return system.inspect('/audit/reporter').state as ReporterState
}

// Nobody waits for anything, and no inspector is at work.
function isIdle({ status, mailbox, name, children }: TreeNode): boolean {
  if (name === 'auditor' && children.length > 0) return false
  return status === 'running' && mailbox === 0 && children.every(isIdle)
}
