// A handler may change the payload that it has in hand. Who handles the message after it gets what was recorded, live as
// in a rerun; a volatile actor has no record, and keeps what there is.

import type { Cell } from './cell.js'
import type { Kernel } from './kernel.js'
import type { MessageRecord } from './records.js'

/** Whether a payload has to be read again before its message is handled once more. */
export function isChangeable(cell: Cell, position: number, payload: unknown): boolean {
  return cell.durable && position !== 0 && typeof payload === 'object' && payload !== null
}

/** The payload of a message, as it was recorded. */
export function recordedPayload(kernel: Kernel, cell: Cell, position: number, payload: unknown): unknown {
  if (!isChangeable(cell, position, payload)) return payload
  return payloadOf(cell, kernel.log.messageAt(position)!)
}

/** The recorded payloads of several messages, by position: in one pass when they stand close together. */
export function recordedPayloads(
  kernel: Kernel,
  cell: Cell,
  positions: readonly number[],
): Map<number, unknown> {
  const { log } = kernel
  const wanted = new Set(positions)
  const first = Math.min(...positions)
  const last = Math.max(...positions)
  const isClose = last - first < positions.length * RECORDS_PER_LOOK
  const records = isClose ? log.read(first, last + 1) : positions.map((position) => log.messageAt(position)!)
  const payloads = new Map<number, unknown>()
  for (const record of records) {
    if (record.kind === 'message' && wanted.has(record.position))
      payloads.set(record.position, payloadOf(cell, record))
  }
  return payloads
}

function payloadOf(cell: Cell, message: MessageRecord): unknown {
  return cell.blueprint.upcastMessage(message.type, message.payload(), message.version, cell)
}

/** Records that are read in passing for about the price of looking one up. */
const RECORDS_PER_LOOK = 64
