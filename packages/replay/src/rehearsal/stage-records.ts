// Records of a rehearsal: like those of a log, and kept as they are.

import type { DataKind, MessageExtras, MessageRecord, RecordHead, TurnRecord } from '@holdfast/kernel'

/** Decodes stored bytes; no bytes are `undefined`. */
export type Decode = (bytes: Uint8Array) => unknown

/** A message of a rehearsal. */
export class StageMessage implements MessageRecord {
  readonly kind = 'message'
  readonly position: number
  readonly timeMs: number
  readonly actor: number
  readonly correlation: number
  readonly cause: number
  readonly sender: number
  readonly type: string
  readonly version: number
  readonly #extras: MessageExtras
  readonly #bytes: Uint8Array
  readonly #decode: Decode

  constructor(
    head: RecordHead,
    name: { readonly type: string; readonly version: number },
    sender: number,
    extras: MessageExtras | null,
    bytes: Uint8Array,
    decode: Decode,
  ) {
    this.position = head.position
    this.timeMs = head.timeMs
    this.actor = head.actor
    this.correlation = head.correlation
    this.cause = head.cause
    this.sender = sender
    this.type = name.type
    this.version = name.version
    this.#extras = extras ?? {}
    this.#bytes = bytes
    this.#decode = decode
  }

  get correlationName(): string | undefined {
    return this.#extras.correlationName
  }

  get ask(): MessageRecord['ask'] {
    return this.#extras.ask
  }

  get outside(): boolean {
    return this.#extras.outside === true
  }

  get timer(): string | undefined {
    return this.#extras.timer
  }

  get notice(): boolean {
    return this.#extras.notice === true
  }

  get bytes(): number {
    return this.#bytes.byteLength
  }

  payload(): unknown {
    return this.#decode(this.#bytes)
  }

  isStoredAs(bytes: Uint8Array, start: number, end: number): boolean {
    return Buffer.compare(this.#bytes, bytes.subarray(start, end)) === 0
  }
}

/** A turn of a rehearsal. */
export class StageTurn implements TurnRecord {
  readonly kind = 'turn'
  readonly position: number
  readonly timeMs: number
  readonly actor: number
  readonly correlation: number
  readonly cause: number
  readonly message: number
  readonly attempt: number
  readonly told: number
  readonly answered: boolean
  readonly digest: number
  readonly #bytes: Uint8Array
  readonly #decode: Decode

  constructor(
    head: RecordHead,
    turn: Pick<TurnRecord, 'attempt' | 'told' | 'answered' | 'digest'>,
    bytes: Uint8Array,
    decode: Decode,
  ) {
    this.position = head.position
    this.timeMs = head.timeMs
    this.actor = head.actor
    this.correlation = head.correlation
    this.cause = head.cause
    this.message = head.cause
    this.attempt = turn.attempt
    this.told = turn.told
    this.answered = turn.answered
    this.digest = turn.digest
    this.#bytes = bytes
    this.#decode = decode
  }

  answer(): unknown {
    return this.#decode(this.#bytes)
  }

  isStoredAs(bytes: Uint8Array, start: number, end: number): boolean {
    return Buffer.compare(this.#bytes, bytes.subarray(start, end)) === 0
  }
}

/** Any other record of a rehearsal. */
export class StageData {
  readonly kind: DataKind
  readonly position: number
  readonly timeMs: number
  readonly actor: number
  readonly correlation: number
  readonly cause: number
  readonly #bytes: Uint8Array
  readonly #decode: Decode

  constructor(kind: DataKind, head: RecordHead, bytes: Uint8Array, decode: Decode) {
    this.kind = kind
    this.position = head.position
    this.timeMs = head.timeMs
    this.actor = head.actor
    this.correlation = head.correlation
    this.cause = head.cause
    this.#bytes = bytes
    this.#decode = decode
  }

  data(): unknown {
    return this.#decode(this.#bytes)
  }
}
