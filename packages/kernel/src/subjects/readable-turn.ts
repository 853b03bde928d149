import type { RecordedTurn } from '../cell.js'
import { readable, SealedValue, SHREDDED_TEXT } from './sealed-value.js'

/**
 * Whether everything is there that a recorded turn got, so that it can be run again.
 *
 * @throws {HoldfastError} `HF_SUBJECT_SHREDDED`, `HF_SUBJECT_KEYS`
 */
export function checkReadable({ message, rerun }: RecordedTurn, path: string): void {
  for (const { index, value, error } of rerun?.results ?? []) {
    const what = `result ${index} of "${message.type}"`
    readable(value, path, what)
    if (error?.subject !== undefined && error.message === SHREDDED_TEXT)
      readable(new SealedValue(error.subject, NO_BYTES, true, 'shredded'), path, what)
  }
}

const NO_BYTES = new Uint8Array(0)
