// Records as they stand in a batch: their heads were read, and what they carry is decoded when somebody asks. Recovery
// makes one for every record there is, so they have few fields, and no private ones, which V8 sets up more slowly.

import type { DataRecord, MessageRecord, RecordData, TurnRecord } from '@holdfast/kernel'
import type { BatchReader } from './batch-reader.js'
import type { Codec } from './codec.js'
import { mayHoldSealed } from './subjects/sealed-form.js'

/** A message type, as the names of a batch say it. */
export interface Name {
  readonly type: string
  readonly version: number
}

/** What few messages have. */
export type Extras = Pick<MessageRecord, 'correlationName' | 'ask' | 'outside' | 'timer' | 'notice'>

/** What most messages have of it. */
export const NO_EXTRAS: Extras = {
  correlationName: undefined,
  ask: undefined,
  outside: false,
  timer: undefined,
  notice: false,
}

/** A message in a batch. */
export class StoredMessage implements MessageRecord {
  readonly position: number
  readonly actor: number
  readonly correlation: number
  readonly cause: number
  readonly sender: number
  private readonly batch: BatchReader
  private readonly name: Name
  private readonly extras: Extras
  private readonly start: number
  private readonly end: number

  constructor(
    batch: BatchReader,
    position: number,
    actor: number,
    name: Name,
    correlation: number,
    cause: number,
    sender: number,
    extras: Extras,
    start: number,
    end: number,
  ) {
    this.position = position
    this.actor = actor
    this.correlation = correlation
    this.cause = cause
    this.sender = sender
    this.batch = batch
    this.name = name
    this.extras = extras
    this.start = start
    this.end = end
  }

  get kind(): 'message' {
    return 'message'
  }

  get timeMs(): number {
    return this.batch.header.timeMs
  }

  get type(): string {
    return this.name.type
  }

  get version(): number {
    return this.name.version
  }

  get correlationName(): string | undefined {
    return this.extras.correlationName
  }

  get ask(): MessageRecord['ask'] {
    return this.extras.ask
  }

  get outside(): boolean {
    return this.extras.outside
  }

  get timer(): string | undefined {
    return this.extras.timer
  }

  get notice(): boolean {
    return this.extras.notice
  }

  get bytes(): number {
    return this.end - this.start + 16
  }

  get subject(): string | undefined {
    return this.batch.subjectIn(this.start, this.end)
  }

  payload(): unknown {
    return this.batch.value(this.start, this.end, this.position)
  }

  isStoredAs(bytes: Uint8Array, start: number, end: number): boolean {
    return this.batch.holds(this.start, this.end, bytes, start, end, this.position)
  }

  packed(): Uint8Array {
    return this.batch.packed(this.start, this.end, this.position)
  }
}

/** A turn in a batch. */
export class StoredTurn implements TurnRecord {
  readonly position: number
  readonly actor: number
  readonly correlation: number
  readonly message: number
  readonly attempt: number
  readonly told: number
  readonly answered: boolean
  private readonly batch: BatchReader
  /** Where it stands, or 0: few turns have one, and as a number it would be an object of its own in all of them. */
  private readonly digestAt: number
  private readonly start: number
  private readonly end: number

  constructor(
    batch: BatchReader,
    position: number,
    actor: number,
    correlation: number,
    message: number,
    attempt: number,
    told: number,
    answered: boolean,
    digestAt: number,
    start: number,
    end: number,
  ) {
    this.position = position
    this.actor = actor
    this.correlation = correlation
    this.message = message
    this.attempt = attempt
    this.told = told
    this.answered = answered
    this.batch = batch
    this.digestAt = digestAt
    this.start = start
    this.end = end
  }

  get kind(): 'turn' {
    return 'turn'
  }

  get timeMs(): number {
    return this.batch.header.timeMs
  }

  get cause(): number {
    return this.message
  }

  get digest(): number {
    return this.digestAt === 0 ? -1 : this.batch.numberAt(this.digestAt)
  }

  answer(): unknown {
    return this.batch.value(this.start, this.end, this.position)
  }

  isStoredAs(bytes: Uint8Array, start: number, end: number): boolean {
    return this.batch.holds(this.start, this.end, bytes, start, end, this.position)
  }

  packed(): Uint8Array {
    return this.batch.packed(this.start, this.end, this.position)
  }
}

/** A record of any other kind in a batch. */
export class StoredData {
  readonly kind: DataRecord['kind']
  readonly position: number
  readonly timeMs: number
  readonly actor: number
  readonly correlation: number
  readonly cause: number
  readonly #codec: Codec
  readonly #source: Uint8Array
  readonly #start: number
  readonly #end: number

  constructor(
    codec: Codec,
    source: Uint8Array,
    start: number,
    end: number,
    kind: DataRecord['kind'],
    position: number,
    timeMs: number,
    actor: number,
    correlation: number,
    cause: number,
  ) {
    this.kind = kind
    this.position = position
    this.timeMs = timeMs
    this.actor = actor
    this.correlation = correlation
    this.cause = cause
    this.#codec = codec
    this.#source = source
    this.#start = start
    this.#end = end
  }

  data(): RecordData[DataRecord['kind']] {
    this.#codec.place = this.position
    return this.#codec.unpack(this.#source, this.#start, this.#end) as RecordData[DataRecord['kind']]
  }

  packed(): Uint8Array {
    const packed = this.#source.subarray(this.#start, this.#end)
    return mayHoldSealed(packed) ? this.#codec.bytes(this.data()) : packed
  }
}
