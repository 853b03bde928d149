// Records that were read, written again as a batch: each with the position, the time and the turn that it had.

import { NO_ANSWER, type LogRecord, type MessageName } from '@holdfast/kernel'
import type { Codec } from './codec.js'
import { OpenBatch, type SealedBatch } from './open-batch.js'
import type { BatchStore } from './store.js'

/**
 * A batch of whole turns, sealed for a store.
 *
 * @param records those from position `first` on, without a gap
 * @param previous the hash of the batch before
 * @throws {HoldfastError} `HF_NOT_STORABLE`
 */
export function batchOf(
  records: readonly LogRecord[],
  first: number,
  timeMs: number,
  codec: Codec,
  previous: Uint8Array,
  { epoch, id, seal }: Pick<BatchStore, 'epoch' | 'id' | 'seal'>,
): SealedBatch {
  const open = new OpenBatch(codec, first, timeMs)
  const begins = new Set<number>()
  for (const record of records) if (record.kind === 'turn') begins.add(record.position - record.told)
  const names = new Map<string, MessageName>()
  for (const record of records) {
    if (begins.has(open.next)) open.mark()
    write(open, record, names)
  }
  return open.seal(previous, epoch, id, seal)
}

/** A blank batch, sealed for a store: it takes positions and holds no records. */
export function blankBatch(
  first: number,
  count: number,
  timeMs: number,
  codec: Codec,
  previous: Uint8Array,
  { epoch, id, seal }: Pick<BatchStore, 'epoch' | 'id' | 'seal'>,
): SealedBatch {
  const open = new OpenBatch(codec, first, timeMs)
  open.count = count
  return open.seal(previous, epoch, id, seal)
}

function write(open: OpenBatch, record: LogRecord, names: Map<string, MessageName>): void {
  const { actor, correlation, cause, position } = record
  if (record.kind === 'turn') {
    const { message, attempt, answered, digest } = record
    open.turn(actor, message, correlation, attempt, answered ? record.answer() : NO_ANSWER, digest)
  } else if (record.kind === 'message') {
    const { type, version, sender, correlationName, ask, outside, timer, notice } = record
    const key = `${version} ${type}`
    const name = names.get(key) ?? { type, version, batch: -1, slot: 0 }
    names.set(key, name)
    const extras = { correlationName, ask, outside, timer, notice }
    const isPlain = correlationName === undefined && ask === undefined && timer === undefined
    const own = correlation === position ? 0 : correlation
    open.message(
      actor,
      name,
      record.payload(),
      own,
      cause,
      sender,
      isPlain && !outside && !notice ? null : extras,
    )
  } else open.record(record.kind, actor, correlation, cause, record.data())
}
