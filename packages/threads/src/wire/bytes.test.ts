import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PARCEL_MOVED_BYTES } from '../limits.js'
import { ParcelReader, ParcelWriter, type Parcel } from './bytes.js'
import { anyNumber, anyText, anyValue, newValues, areSame } from './values.fixture.js'

type Part =
  | { readonly is: 'byte'; readonly of: number }
  | { readonly is: 'number'; readonly of: number }
  | { readonly is: 'text'; readonly of: string }
  | { readonly is: 'value'; readonly of: unknown }

const anyPart: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ is: fc.constant('byte'), of: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ is: fc.constant('number'), of: anyNumber }),
  fc.record({ is: fc.constant('text'), of: anyText }),
  fc.record({ is: fc.constant('value'), of: anyValue }),
)

function write(writer: ParcelWriter, { is, of }: Part): void {
  writer[is](of as never)
}

function read(parcel: Parcel, parts: readonly Part[]): unknown[] {
  const reader = new ParcelReader(newValues(), parcel)
  const all = parts.map(({ is }) => reader[is]())
  expect(reader.isAtEnd).toBe(true)
  return all
}

/** What another thread gets. */
function sent(parcel: Parcel, isMoved: boolean): Parcel {
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(parcel, isMoved ? [parcel.bytes.buffer] : [])
  const { message } = receiveMessageOnPort(port2) as { message: Parcel }
  port1.close()
  return message
}

describe('A parcel', () => {
  it('is read as it was written, whatever that was and in whatever order, also by another thread', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 60 }), fc.boolean(), (parts, isMoved) => {
        const writer = new ParcelWriter(newValues())
        for (const part of parts) write(writer, part)
        const parcel = writer.end()
        const all = read(sent(parcel, isMoved), parts)
        return areSame(
          all,
          parts.map(({ of }) => of),
        )
      }),
    )
  })

  it('has nothing of what was taken back, and what comes after it stands where it stood', () => {
    const round = fc.record({ kept: fc.array(anyPart), takenBack: fc.array(anyPart) })
    fc.assert(
      fc.property(fc.array(round, { maxLength: 12 }), (rounds) => {
        const writer = new ParcelWriter(newValues())
        for (const { kept, takenBack } of rounds) {
          for (const part of kept) write(writer, part)
          const { size } = writer
          for (const part of takenBack) write(writer, part)
          writer.backTo(size)
        }
        const parts = rounds.flatMap(({ kept }) => kept)
        return areSame(
          read(writer.end(), parts),
          parts.map(({ of }) => of),
        )
      }),
    )
  })

  it('goes on after a value that cannot be kept', () => {
    const writer = new ParcelWriter(newValues())
    writer.text('before')
    expect(() => {
      writer.value({ run: () => 1 })
    }).toThrow(expect.objectContaining({ code: 'HF_NOT_STORABLE' }))
    writer.value({ is: 'after' })
    const reader = new ParcelReader(newValues(), writer.end())
    expect([reader.text(), reader.value(), reader.isAtEnd]).toEqual(['before', { is: 'after' }, true])
  })

  it('may be large, and what is moved takes no more memory than it has and is gone here', () => {
    const large = new Uint8Array(3 * 1_048_576).map((_, i) => i % 251)
    const writer = new ParcelWriter(newValues())
    writer.value(large)
    writer.value('x'.repeat(70_000))
    writer.number(-0)
    const parcel = writer.end()
    expect(parcel.bytes.byteLength).toBeGreaterThan(PARCEL_MOVED_BYTES)
    expect(parcel.bytes.buffer.byteLength).toBe(parcel.bytes.byteLength)
    const there = sent(parcel, true)
    expect(parcel.bytes.byteLength).toBe(0)
    const reader = new ParcelReader(newValues(), there)
    const first = reader.value()
    expect(areSame(first, large)).toBe(true)
    expect([reader.value(), reader.number()]).toEqual(['x'.repeat(70_000), -0])
  })

  it('has a text once, however often it comes', () => {
    const writer = new ParcelWriter(newValues())
    for (let i = 0; i < 1_000; i++) writer.text(['add', '/root/n1', ''][i % 3]!)
    const { bytes, texts } = writer.end()
    expect([texts, bytes.byteLength]).toEqual([['add', '/root/n1', ''], 4_000])
  })

  it('has a number written over where it stands', () => {
    const writer = new ParcelWriter(newValues())
    const { size } = writer
    writer.number(0)
    writer.text('behind')
    writer.numberAt(size, 42.5)
    const reader = new ParcelReader(newValues(), writer.end())
    expect([reader.number(), reader.text(), reader.isAtEnd]).toEqual([42.5, 'behind', true])
  })
})
