import type { RecordHead, TurnRecord } from '@holdfast/kernel'

/** A turn of which the log has no record: one that failed, or that is only being made. It told and answered nothing. */
export function bareTurn(head: RecordHead, message: number, attempt: number): TurnRecord {
  return {
    ...head,
    kind: 'turn',
    message,
    attempt,
    told: 0,
    answered: false,
    digest: -1,
    answer: () => undefined,
    isStoredAs: () => false,
  }
}
