// The message by which a broken link fails its actor. Every definition handles it, as every definition has a start and
// a stop: so a link that breaks is a message like any other, with its place in the mailbox and in the log, and a failure
// like any other, with a supervisor that decides.

import type { Context } from './context.js'
import { HoldfastError } from './errors.js'
import { revivedError, type StopReason } from './records.js'
import type { TerminatedNotice } from './watching.js'

/** Message type of a broken link in the log. */
export const PACT = '$pact'

/** What is told to an actor whose link has broken. */
export interface PactNotice extends Omit<TerminatedNotice, 'reason'> {
  /** Why the other one ended; `no-actor`, when there was nobody to begin with. */
  readonly reason: StopReason | 'no-actor'
}

/** Handles it: the turn fails. */
export function breakPact(ctx: Context<unknown>, payload: unknown): never {
  const notice = payload as PactNotice
  const { path } = ctx.self
  throw new HoldfastError('HF_LINK_BROKEN', `${path} depends on ${notice.path}, ${endOf(notice)}.`, {
    actor: path,
    cause: notice.error === undefined ? undefined : revivedError(notice.error),
    hint: 'See why the other one ended; link again with whoever takes its place.',
  })
}

function endOf({ reason, error }: PactNotice): string {
  if (reason === 'no-actor') return 'and nobody is there'
  if (error === undefined) return `which has ended: ${reason}`
  // Down a chain of links each names the one before it, and not the whole chain.
  const why = error.code === 'HF_LINK_BROKEN' ? error.code : `${error.code ?? error.name}: ${error.message}`
  return `which has ended: ${reason} (${why})`
}
