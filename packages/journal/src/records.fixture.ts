// Records at random, as what is written and as what must be read.

import { NO_ANSWER, type DataKind, type MessageExtras, type MessageName } from '@holdfast/kernel'
import fc from 'fast-check'
import { DATA_KINDS } from './batch-format.js'
import { named } from './log.fixture.js'
import type { OpenBatch } from './open-batch.js'

/** A record to be written. Positions are distances back from its own; 0 is none. */
export type Draft =
  | {
      readonly kind: 'message'
      readonly actor: number
      readonly type: string
      readonly version: number
      readonly payload: unknown
      readonly correlation: number
      readonly cause: number
      readonly sender: number
      readonly extras: MessageExtras | null
      readonly isEncoded: boolean
    }
  | {
      readonly kind: 'turn'
      readonly actor: number
      readonly message: number
      readonly correlation: number
      readonly attempt: number
      readonly answer: unknown
      readonly digest: number
    }
  | {
      readonly kind: 'data'
      readonly of: DataKind
      readonly actor: number
      readonly correlation: number
      readonly cause: number
      readonly data: unknown
    }

const position = fc.oneof(fc.constant(0), fc.nat(200), fc.integer({ min: 1, max: 2 ** 40 }))
const id = fc.oneof(fc.nat(5), fc.nat(2 ** 31 - 1))
const payload = fc.oneof(
  fc.constant(undefined),
  fc.integer(),
  fc.string(),
  fc.record({ n: fc.integer(), list: fc.array(fc.string(), { maxLength: 3 }) }),
  fc.constantFrom(0, 1, 63, 64, 200).map((length) => Buffer.alloc(length, 1)),
)

const extras = fc.record(
  {
    correlationName: fc.string({ minLength: 1, maxLength: 400 }),
    ask: fc.record({ attempt: fc.integer({ min: 1, max: 100 }), index: fc.nat(10_000) }),
    outside: fc.boolean(),
    timer: fc.string(),
    notice: fc.boolean(),
  },
  { requiredKeys: [] },
)

const message: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constant('message' as const),
  actor: id,
  type: fc.oneof(fc.constantFrom('add', 'note', '$start'), fc.string({ minLength: 1, maxLength: 300 })),
  version: fc.integer({ min: 1, max: 300 }),
  payload,
  correlation: position,
  cause: position,
  sender: id,
  extras: fc.option(extras, { nil: null }),
  isEncoded: fc.boolean(),
})

const turn: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constant('turn' as const),
  actor: id,
  message: position.map((back) => Math.max(1, back)),
  correlation: position.map((back) => Math.max(1, back)),
  attempt: fc.integer({ min: 1, max: 100 }),
  answer: fc.oneof(fc.constant(NO_ANSWER), payload),
  digest: fc.oneof(fc.constant(-1), fc.nat(2 ** 48 - 1), fc.constant(2 ** 48 - 1)),
})

const data: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constant('data' as const),
  of: fc.constantFrom(...DATA_KINDS),
  actor: id,
  correlation: position,
  cause: position,
  data: fc.record({ text: fc.string(), more: payload }),
})

/** Any record. */
export const draft = fc.oneof({ arbitrary: message, weight: 3 }, turn, data)

/** Where a batch starts: far enough that every distance back stays above 0. */
export const firstPosition = fc.integer({ min: 2 ** 41, max: 2 ** 50 })

/** Writes records into batches; each writer has message names of its own, as each system has. */
export class DraftWriter {
  readonly #names = new Map<string, MessageName>()

  /** @returns the record as it must be read */
  write(batch: OpenBatch, draft: Draft, encode: (value: unknown) => Buffer): Record<string, unknown> {
    const at = batch.next
    const head = { position: at, timeMs: batch.timeMs, actor: draft.actor }
    const cause = 'cause' in draft && draft.cause > 0 ? at - draft.cause : 0
    if (draft.kind === 'data') {
      const correlation = draft.correlation > 0 ? at - draft.correlation : 0
      batch.record(draft.of, draft.actor, correlation, cause, draft.data)
      return { ...head, kind: draft.of, correlation, cause, data: draft.data }
    }
    if (draft.kind === 'turn') return { ...head, ...this.#turn(batch, draft) }
    const { actor, type, version, sender, extras, payload, isEncoded } = draft
    const correlation = draft.correlation > 0 ? at - draft.correlation : 0
    const name = this.#name(type, version)
    if (isEncoded && payload !== undefined) {
      const encoded = { bytes: encode(payload), copy: payload }
      batch.messageEncoded(actor, name, encoded, correlation, cause, sender, extras)
    } else batch.message(actor, name, payload, correlation, cause, sender, extras)
    const { correlationName, ask, outside = false, timer, notice = false } = extras ?? {}
    const root = correlation === 0 ? at : correlation
    return {
      ...head,
      kind: 'message',
      correlation: root,
      cause,
      sender,
      type,
      version,
      correlationName,
      ask,
      outside,
      timer,
      notice,
      payload,
    }
  }

  #turn(batch: OpenBatch, draft: Draft & { kind: 'turn' }): Record<string, unknown> {
    const { actor, attempt, answer, digest } = draft
    const message = batch.next - draft.message
    const correlation = batch.next - draft.correlation
    batch.turn(actor, message, correlation, attempt, answer, digest)
    const answered = answer !== NO_ANSWER
    const result = answered ? answer : undefined
    return { kind: 'turn', correlation, cause: message, message, attempt, answered, digest, answer: result }
  }

  #name(type: string, version: number): MessageName {
    const key = `${version} ${type}`
    const name = this.#names.get(key) ?? named(type, version)
    this.#names.set(key, name)
    return name
  }
}
