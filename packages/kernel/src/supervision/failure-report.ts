import type { Cell } from '../cell.js'
import type { FailureReport } from '../events.js'
import type { FailureContext, StoredError } from '../records.js'

/** The four keys that every report of a failure has. */
export function failureReport(cell: Cell, context: FailureContext, reason: StoredError): FailureReport {
  return { supervisor: cell.parent?.path ?? '/', context, reason, offender: cell.path }
}
