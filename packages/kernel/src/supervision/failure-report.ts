import type { Cell } from '../cell.js'
import type { FailureReport } from '../events.js'
import type { FailureContext, StoredError } from '../records.js'

/** Where an actor last failed; one that ended without a failure did so in its end. */
export function lastContext(cell: Cell): FailureContext {
  return cell.rare?.failures.at(-1)?.context ?? 'stop'
}

/** The four keys that every report of a failure has. */
export function failureReport(cell: Cell, context: FailureContext, reason: StoredError): FailureReport {
  return { supervisor: cell.parent?.path ?? '/', context, reason, offender: cell.path }
}
