import type { FailureContext, LogRecord, StoredError } from '@holdfast/kernel'

/** The four keys of a failure, whatever kind of record tells of it. */
export interface RecordedFailure {
  readonly supervisor: string
  readonly context: FailureContext
  readonly reason: Pick<StoredError, 'name' | 'code' | 'message'>
  readonly offender: string
}

/** What a record says of a failure; nothing when it tells of none. */
export function failureIn(record: LogRecord, path: (id: number) => string): RecordedFailure | undefined {
  switch (record.kind) {
    case 'directive':
    case 'quarantined':
    case 'gave-up': {
      const { supervisor, context, reason, offender } = record.data()
      return { supervisor, context, reason: brief(reason), offender }
    }
    case 'failed':
    case 'stopped': {
      const { error, context = 'stop' } = record.data()
      const offender = path(record.actor)
      const supervisor = offender.slice(0, offender.lastIndexOf('/')) || '/'
      return error === undefined ? undefined : { supervisor, context, reason: brief(error), offender }
    }
    default:
      return undefined
  }
}

function brief({ name, code, message }: StoredError): RecordedFailure['reason'] {
  return code === undefined ? { name, message } : { name, code, message }
}
