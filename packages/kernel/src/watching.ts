// Watching
// ========
// Who is told when an actor ends for good. A restart is invisible to watchers; the end gives exactly one notice to
// each, as a message of the type that the watcher chose. A link is watched in the same way, and its notice fails the
// one that gets it; an actor may both watch another and be linked to it.
//
// Invariants
//   E1  The end of an actor and the notices of it are written in one piece.
//   E2  A normal end breaks no link.
//   E3  Those that are taken down together, by one stop or restart above them, do not fail for each other.

import type { Cell } from './cell.js'
import { STOPPED } from './gate.js'
import type { Kernel } from './kernel.js'
import { sendNotice } from './notices.js'
import { PACT, type PactNotice } from './pact.js'
import type { StopReason, StoredError } from './records.js'

/** What a watcher is told. */
export interface TerminatedNotice {
  readonly path: string
  readonly reason: StopReason
  /** What it had to say when it ended by itself, if its definition says anything. */
  readonly output?: unknown
  /** What it failed with, when that is why it ended. */
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string }
}

/** Has `watcher` told of the end of `target`; at once when it has ended already. */
export function watch(
  kernel: Kernel,
  watcher: Cell,
  target: Cell | null,
  path: string,
  type: string,
  correlation = 0,
  cause = 0,
): void {
  if ((watcher.gate & STOPPED) !== 0) return
  if (target === null || hasEnded(target)) {
    const notice = noticeOfEnded(kernel, target, path, type)
    if (notice !== null) sendNotice(kernel, watcher, type, notice, correlation, cause)
  } else if (type === PACT) {
    ;(target.extra().dependents ??= new Set()).add(watcher)
    ;(watcher.extra().dependsOn ??= new Set()).add(target)
  } else {
    ;(target.extra().watchers ??= new Map()).set(watcher, type)
    ;(watcher.extra().watching ??= new Set()).add(target)
  }
}

/** Takes a watch back, or a link. */
export function unwatch(watcher: Cell, target: Cell, isPact: boolean): void {
  const [held, holds] = isPact
    ? [target.rare?.dependents, watcher.rare?.dependsOn]
    : [target.rare?.watchers, watcher.rare?.watching]
  held?.delete(watcher)
  holds?.delete(target)
}

/** Whether an actor has ended. */
export function hasEnded(cell: Cell): boolean {
  return (cell.gate & STOPPED) !== 0
}

/** What is told at once of one that has ended before, or that never was; `null` when there is nothing to tell (E2). */
export function noticeOfEnded(
  kernel: Kernel,
  target: Cell | null,
  path: string,
  type: string,
): TerminatedNotice | PactNotice | null {
  // A virtual actor ends never, and sleeps until its home is back.
  if (kernel.isKnownAsleep(path)) return { path, reason: 'passivated' }
  if (type !== PACT) {
    const reason = target?.rare?.stopReason ?? 'normal'
    const said = target === null ? undefined : outputOf(kernel, target, reason)
    return notice(path, reason, target?.rare?.stopError, said)
  }
  if (target === null) return { path, reason: 'no-actor' }
  const { stopReason = 'normal', stopError } = target.rare ?? {}
  return stopReason === 'normal' ? null : notice(path, stopReason, stopError, undefined)
}

/** Tells all watchers of the end of `cell`, and ends the watches that it held itself. */
export function notifyWatchers(
  kernel: Kernel,
  cell: Cell,
  reason: StopReason,
  error: StoredError | undefined,
  correlation: number,
  cause: number,
): void {
  const { rare } = cell
  if (rare === null) return
  for (const target of rare.watching ?? []) target.rare?.watchers?.delete(cell)
  for (const target of rare.dependsOn ?? []) target.rare?.dependents?.delete(cell)
  rare.watching = null
  rare.dependsOn = null
  const { watchers, dependents } = rare
  rare.watchers = null
  rare.dependents = null
  const said = watchers === null || watchers.size === 0 ? undefined : outputOf(kernel, cell, reason)
  for (const [watcher, type] of watchers ?? []) {
    watcher.rare?.watching?.delete(cell)
    sendNotice(kernel, watcher, type, notice(cell.path, reason, error, said), correlation, cause)
  }
  for (const dependent of dependents ?? []) {
    dependent.rare?.dependsOn?.delete(cell)
    if (breaksLink(dependent, cell, reason))
      sendNotice(kernel, dependent, PACT, notice(cell.path, reason, error, undefined), correlation, cause)
    else if (dependent.durable && !kernel.isRecorded(cell)) {
      // No record says that this one has ended, so that the next process would take the link for broken.
      const data = { target: cell.id, type: PACT, path: cell.path }
      kernel.log.record('unwatched', dependent.id, correlation, cause, data)
    }
  }
}

function breaksLink(dependent: Cell, ended: Cell, reason: StopReason): boolean {
  const isOrdered = reason === 'shutdown' || reason === 'passivated'
  return reason !== 'normal' && !(isOrdered && isTakenAlong(dependent, ended))
}

// E3: what stops or restarts the topmost of those above the one has the other in hand as well.
function isTakenAlong(dependent: Cell, ended: Cell): boolean {
  let sweep: Cell | null = null
  for (let above = ended.parent; above !== null; above = above.parent) {
    if (above.lifecycle === 'stopping' || above.lifecycle === 'restarting') sweep = above
  }
  for (let at: Cell | null = sweep === null ? null : dependent; at !== null; at = at.parent) {
    if (at === sweep) return true
  }
  return false
}

// What cannot be made or stored is reported and left out: the end itself must reach everybody.
function outputOf(kernel: Kernel, cell: Cell, reason: StopReason): unknown {
  const { output } = cell.blueprint
  if (output === undefined || reason !== 'normal' || cell.isDirty) return undefined
  try {
    return kernel.log.encode(output(cell.state)).copy
  } catch (error) {
    kernel.warn(cell.path, 'Its output cannot be told.', error)
    return undefined
  }
}

function notice(
  path: string,
  reason: StopReason,
  error: StoredError | undefined,
  output: unknown,
): TerminatedNotice {
  if (error === undefined) return output === undefined ? { path, reason } : { path, reason, output }
  const { name, message, code, subject } = error
  const said = subject === undefined ? { name, message } : { name, message, subject }
  return { path, reason, error: code === undefined ? said : { ...said, code } }
}
