// Records outside of a journal: in a file, or on the stage of a rehearsal. What they carry stays packed until somebody asks.

import type { DataKind, LogRecord, MessageRecord, RecordData, RecordHead, TurnRecord } from '@holdfast/kernel'
import { subjectIn, type Codec } from '@holdfast/journal'

/** The packed value of a record: no bytes for `undefined`. */
export class PackedValue {
  readonly #codec: Codec
  readonly #bytes: Uint8Array

  constructor(codec: Codec, bytes: Uint8Array) {
    this.#codec = codec
    this.#bytes = bytes
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** A copy of its own each time. */
  value(): unknown {
    const { byteLength } = this.#bytes
    return byteLength === 0 ? undefined : this.#codec.unpack(this.#bytes, 0, byteLength)
  }
}

/** What a message says beside its payload. */
export type MessageHead = Omit<MessageRecord, 'kind' | 'bytes' | 'payload' | 'isStoredAs'>

/** What a turn says beside its answer. */
export type TurnHead = Omit<TurnRecord, 'kind' | 'message' | 'answer' | 'isStoredAs'>

/** A message. */
export function packedMessage(head: MessageHead, carried: PackedValue): MessageRecord {
  const { bytes } = carried
  return {
    ...head,
    kind: 'message',
    bytes: bytes.byteLength + 16,
    subject: subjectIn(bytes),
    payload: () => carried.value(),
    isStoredAs: (other, start, end) => Buffer.compare(bytes, other.subarray(start, end)) === 0,
    ...packed(bytes),
  }
}

/** A turn. */
export function packedTurn(head: TurnHead, carried: PackedValue): TurnRecord {
  return {
    ...head,
    kind: 'turn',
    message: head.cause,
    answer: () => carried.value(),
    isStoredAs: (other, start, end) => Buffer.compare(carried.bytes, other.subarray(start, end)) === 0,
    ...packed(carried.bytes),
  }
}

/** A record of any other kind. */
export function packedData(kind: DataKind, head: RecordHead, carried: PackedValue): LogRecord {
  const data = (): RecordData[DataKind] => carried.value() as RecordData[DataKind]
  return { ...head, kind, data, ...packed(carried.bytes) } as LogRecord
}

// As records of a log do, so that a file can be exported again.
function packed(bytes: Uint8Array): { packed(): Uint8Array } {
  return { packed: () => bytes }
}
