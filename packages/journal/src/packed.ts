// What is copied from a log into a file stays as it was packed, so that it is the same bytes to the last one.

import type { LogRecord, Snapshot } from '@holdfast/kernel'

interface Carrier {
  packed(): Uint8Array
}

/**
 * The packed form of what a record or a snapshot carries: payload, answer, data or state. No bytes for `undefined`.
 *
 * @returns `undefined` when it is not known, because it was not read from a store
 */
export function packedOf(carrier: LogRecord | Snapshot): Uint8Array | undefined {
  return 'packed' in carrier ? (carrier as Carrier).packed() : undefined
}
