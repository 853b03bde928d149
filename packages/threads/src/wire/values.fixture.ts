// Values as V8 itself writes them, for tests of what carries them. As with those of a log, what they were written to is valid
// until the next call only.

import { inspect, isDeepStrictEqual } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import { HoldfastError } from '@holdfast/kernel'
import type { Values } from './values.js'

const FIRST_BYTES = 64

/** Values that stand somewhere in the middle of bytes that the next call writes over. */
export function newValues(): Values {
  let scratch = new Uint8Array(FIRST_BYTES)
  let place = 0
  const stored = (value: unknown): ReturnType<Values['stored']> => {
    scratch.fill(0xff)
    if (value === undefined) return { bytes: scratch, start: 0, end: 0 }
    const bytes = serialized(value)
    place = (place + 1) % 7
    const end = place + bytes.byteLength
    if (scratch.byteLength < end) scratch = new Uint8Array(2 * end)
    scratch.set(bytes, place)
    return { bytes: scratch, start: place, end }
  }
  return {
    stored,
    unpack: (bytes, start, end) => deserialize(Buffer.from(bytes.slice(start, end))) as unknown,
    digest: (value) => {
      const { bytes, start, end } = stored(value)
      return bytes.subarray(start, end).reduce((sum, byte) => (sum * 31 + byte) % 2 ** 31, 7)
    },
  }
}

function serialized(value: unknown): Uint8Array {
  try {
    return serialize(value)
  } catch (cause) {
    throw new HoldfastError('HF_NOT_STORABLE', 'The value cannot be kept.', { field: 'payload', cause })
  }
}

/** All that may be sent. */
export const anyValue: fc.Arbitrary<unknown> = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  stringUnit: 'binary',
})

/** Numbers as they are in a parcel: none is left out. */
export const anyNumber: fc.Arbitrary<number> = fc.double()

/** Texts that come again and again, and others. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', 'add', '/root/n1', '__proto__', 'constructor', '\ud800'),
  fc.string({ unit: 'binary' }),
)

/** Objects as handlers write them down. */
export function anyRecord<T>(fields: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true })
}

// The order of fields says nothing of what they hold.
const WHOLE = { depth: Infinity, maxArrayLength: null, maxStringLength: null, sorted: true } as const

/** Whether two values are the same. Node says of a date that is none that it is not like any other. */
export function areSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other) || inspect(one, WHOLE) === inspect(other, WHOLE)
}
