import { HoldfastError } from '@holdfast/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckingCodec, isPlainPack } from './checking-codec.js'
import { Codec } from './codec.js'
import { samples } from './values.fixture.js'

const codec = new Codec()

describe('a check of a packed value', () => {
  it.each(samples())('passes $name', ({ value }) => {
    const bytes = codec.bytes(value)
    expect(() => new CheckingCodec().unpack(bytes, 0, bytes.byteLength)).not.toThrow()
  })

  it.each([
    null,
    true,
    1,
    -1,
    2 ** 40,
    1.5,
    'text',
    Buffer.from('x'),
    [1, [2]],
    { a: { b: [] } },
    new Date(5),
  ])('makes nothing of plain data: %j', (value) => {
    const bytes = codec.bytes(value)
    expect(isPlainPack(bytes, 0, bytes.byteLength)).toBe(true)
    expect(new CheckingCodec().unpack(bytes, 0, bytes.byteLength)).toBeUndefined()
  })

  it('makes what is not plain, and everything when it is told to', () => {
    const rich = codec.bytes({ a: new Map([[1, -0]]) })
    expect(new CheckingCodec().unpack(rich, 0, rich.byteLength)).toEqual({ a: new Map([[1, -0]]) })
    const making = new CheckingCodec()
    making.isMaking = true
    const plain = codec.bytes({ a: 1 })
    expect(making.unpack(plain, 0, plain.byteLength)).toEqual({ a: 1 })
  })

  it('passes nothing that cannot be made, whatever the bytes are', () => {
    const made = (bytes: Uint8Array): boolean => {
      try {
        codec.unpack(bytes, 0, bytes.byteLength)
        return true
      } catch (error) {
        expect(error).toBeInstanceOf(HoldfastError)
        return false
      }
    }
    const packed = fc.anything({ maxDepth: 3 }).map((value) => {
      try {
        return codec.bytes(value)
      } catch {
        return Buffer.from([0xc0])
      }
    })
    const change = fc.record({ packed, at: fc.nat(), byte: fc.nat(255), cut: fc.nat(3) })
    fc.assert(
      fc.property(change, ({ packed, at, byte, cut }) => {
        const bytes = Buffer.from(packed.subarray(0, packed.byteLength - (cut % packed.byteLength)))
        bytes[at % bytes.byteLength] = byte
        if (isPlainPack(bytes, 0, bytes.byteLength)) expect(made(bytes)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('makes a map whose names are no texts', () => {
    const odd = Buffer.from([0x81, 0x80, 0xc0])
    expect(isPlainPack(odd, 0, odd.byteLength)).toBe(false)
  })

  it('takes what is nested too deep for what is not plain', () => {
    const deep = Buffer.concat([Buffer.alloc(100_000, 0x91), Buffer.from([0xc0])])
    expect(isPlainPack(deep, 0, deep.byteLength)).toBe(false)
  })
})
