// Notices
// =======
// What the runtime tells an actor of the end of another one. It waits in the mailbox like any message, and is marked, so
// that it can be taken back while it waits. It is found by the path of the one that has ended, because that one may be
// forgotten by then.
//
// Invariants
//   N1  A notice that is taken back before its turn is never handled, also by the next life or the next process.
//   N2  A notice that is tried again, or put back by a restart, waits as it did before.
//   N3  No mailbox is too full for a notice, and none is dropped to make room for others.

import { deliver } from './admission.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import { STOPPED, STOPPING } from './gate.js'
import type { Kernel } from './kernel.js'
import type { MessageExtras } from './log.js'
import { Revocable } from './mark.js'
import { PACT, type PactNotice } from './pact.js'
import type { TerminatedNotice } from './watching.js'

/** What the log says of a notice beside the message. */
export const NOTICE: MessageExtras = { notice: true }

/** Marks a message as the notice of one end. */
export class Notice extends Revocable {
  readonly staleReason = 'stale-notice'
  readonly path: string
  readonly type: string
  readonly position: number
  readonly payload: unknown
  readonly #cell: Cell

  constructor(cell: Cell, path: string, type: string, position: number, payload: unknown) {
    super()
    this.path = path
    this.type = type
    this.position = position
    this.payload = payload
    this.#cell = cell
    this.wait()
  }

  /** Whether it is of a link. */
  get isPact(): boolean {
    return this.type === PACT
  }

  /** It stands in the mailbox. */
  wait(): this {
    const notices = (this.#cell.extra().notices ??= new Map<string, Notice[]>())
    const others = notices.get(this.path)
    if (others === undefined) notices.set(this.path, [this])
    else others.push(this)
    return this
  }

  /** It waits no longer, for whatever reason. */
  leave(): void {
    const notices = this.#cell.rare?.notices
    const left = notices?.get(this.path)?.filter((other) => other !== this)
    if (left === undefined) return
    if (left.length > 0) notices!.set(this.path, left)
    else notices!.delete(this.path)
  }

  protected taken(): void {
    this.leave()
    if (!this.isStale) this.#cell.rare!.notice = this
  }

  // What becomes a dead letter without its turn waits no longer either.
  override fail(): void {
    this.leave()
  }
}

/** The notices that wait in the mailbox of an actor: those of links, or those of watches. */
export function waitingNotices(cell: Cell, path: string, isPact: boolean): Notice[] {
  return cell.rare?.notices?.get(path)?.filter((notice) => notice.isPact === isPact) ?? []
}

/** Takes the notices of one end back (N1). */
export function takeBackNotices(cell: Cell, path: string, isPact: boolean): void {
  for (const notice of waitingNotices(cell, path, isPact)) takeBack(notice)
}

/** Takes the news of all broken links back: the failure of one of them speaks for all. */
export function takeBackPacts(cell: Cell): void {
  for (const notice of [...(cell.rare?.notices?.values() ?? [])].flat()) if (notice.isPact) takeBack(notice)
}

function takeBack(notice: Notice): void {
  notice.isStale = true
  notice.leave()
}

/** The mark of a message that goes back into the mailbox, if it is a notice (N2). */
export function noticeAgain(cell: Cell, position: number, payload: unknown): Notice | null {
  const notice = cell.rare?.notice ?? null
  return notice?.position === position && (position !== 0 || notice.payload === payload)
    ? notice.wait()
    : null
}

/** A notice on its way: a message of the runtime, which nobody sends. */
export function sendNotice(
  kernel: Kernel,
  cell: Cell,
  type: string,
  payload: TerminatedNotice | PactNotice,
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
  const position = cell.durable ? log.message(cell.id, entry.name, payload, correlation, cause, 0, NOTICE) : 0
  const copy = cell.durable ? log.copy : payload
  deliverNotice(kernel, cell, entry, payload.path, copy, position, correlation === 0 ? position : correlation)
}

/** Puts a notice into the mailbox. */
export function deliverNotice(
  kernel: Kernel,
  cell: Cell,
  entry: HandlerEntry,
  path: string,
  payload: unknown,
  position: number,
  correlation: number,
): void {
  const notice = new Notice(cell, path, entry.type, position, payload)
  const box = cell.box()
  if ((cell.gate & STOPPED) !== 0 || box.isClosed)
    deliver(kernel, cell, entry, payload, null, position, correlation, notice)
  else {
    box.restore(entry, payload, null, position, correlation, notice)
    kernel.dispatcher.enqueue(cell)
  }
  kernel.dispatcher.wake()
}
