// Watching: who is told when an actor ends for good. A restart is invisible to watchers; the end gives exactly one
// notice to each, as a message of the type that the watcher chose.

import type { Cell } from './cell.js'
import { STOPPED, STOPPING } from './gate.js'
import type { Kernel } from './kernel.js'
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
export function watch(kernel: Kernel, watcher: Cell, target: Cell | null, path: string, type: string): void {
  if (target === null || (target.gate & STOPPED) !== 0) {
    const reason = target?.rare?.stopReason ?? 'normal'
    const said = target === null ? undefined : outputOf(kernel, target, reason)
    notify(kernel, watcher, type, notice(path, reason, target?.rare?.stopError, said), 0, 0)
    return
  }
  ;(target.extra().watchers ??= new Map()).set(watcher, type)
  ;(watcher.extra().watching ??= new Set()).add(target)
}

/** Takes a watch back. */
export function unwatch(watcher: Cell, target: Cell): void {
  target.rare?.watchers?.delete(watcher)
  watcher.rare?.watching?.delete(target)
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
  rare.watching = null
  const watchers = rare.watchers
  rare.watchers = null
  if (watchers === null || watchers.size === 0) return
  const said = outputOf(kernel, cell, reason)
  for (const [watcher, type] of watchers) {
    watcher.rare?.watching?.delete(cell)
    notify(kernel, watcher, type, notice(cell.path, reason, error, said), correlation, cause)
  }
}

// A message of the runtime. Nobody sends it, and its cause is the end that it tells of.
function notify(
  kernel: Kernel,
  cell: Cell,
  type: string,
  payload: TerminatedNotice,
  correlation: number,
  cause: number,
): void {
  // Who is on the way out handles nothing more: a notice would only be a dead letter.
  if ((cell.gate & (STOPPING | STOPPED)) !== 0) return
  const entry = cell.blueprint.entry(type)
  if (entry === undefined) {
    kernel.bury(cell, type, 0, correlation, 'unknown-type')
    return
  }
  const { log } = kernel
  const position = cell.durable ? log.message(cell.id, entry.name, payload, correlation, cause, 0, null) : 0
  const copy = cell.durable ? log.copy : payload
  kernel.deliver(cell, entry, copy, null, position, correlation === 0 ? position : correlation, null)
  kernel.dispatcher.wake()
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
  const { name, message, code } = error
  return { path, reason, error: code === undefined ? { name, message } : { name, message, code } }
}
