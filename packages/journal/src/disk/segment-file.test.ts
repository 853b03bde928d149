import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../log.fixture.js'
import type { StoredBatch } from '../store.js'
import { checksumOf } from './checksum.js'
import { firstInName, isMissing, SegmentFile, segmentName, SegmentWriter } from './segment-file.js'

const ID = Uint8Array.from({ length: 16 }, (_, i) => i + 1)
const BEFORE = Uint8Array.from({ length: 32 }, (_, i) => 255 - i)
const HEADER_BYTES = 76

/** Batches of these sizes, the first at a position, each with as many records as bytes and one position more. */
function batchesOf(sizes: readonly number[], first = 1): StoredBatch[] {
  let at = first
  return sizes.map((size, i) => {
    const batch = { first: at, bytes: Buffer.alloc(size, i + 1) }
    at += size + 1
    return batch
  })
}

describe('a segment', () => {
  let folder: string

  beforeEach(() => {
    folder = temporaryDirectory()
  })

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  async function written(batches: readonly StoredBatch[], slice = 3): Promise<string> {
    const writer = await SegmentWriter.create(folder, batches[0]!.first)
    for (let i = 0; i < batches.length; i += slice) await writer.add(batches.slice(i, i + slice))
    const { first, bytes } = batches.at(-1)!
    await writer.finish({ storeId: ID, next: first + bytes.byteLength + 1, before: BEFORE })
    return join(folder, segmentName(batches[0]!.first))
  }

  it('says what it holds, and gives every batch as it was, by its place and by a position', async () => {
    const batches = batchesOf([5, 1, 300, 7], 40)
    const segment = new SegmentFile(await written(batches))
    expect(segment.header).toEqual({ storeId: ID, first: 40, next: 357, count: 4, before: BEFORE })
    expect(batches.map((_, i) => segment.batch(i))).toEqual(batches)
    expect(segment.look(2, (bytes) => Buffer.from(bytes))).toEqual(batches[2]!.bytes)
    expect([39, 40, 45, 46, 47, 48, 356, 1_000].map((each) => segment.indexOf(each))).toEqual([
      -1, 0, 0, 1, 1, 2, 3, 3,
    ])
    segment.close()
  })

  it('shows a batch for as long as somebody looks, also when that one looks at others meanwhile, and when it throws', async () => {
    const batches = batchesOf([5, 1, 300, 7], 40)
    const others = batchesOf([400, 200], 500)
    const [segment, other] = [new SegmentFile(await written(batches)), new SegmentFile(await written(others))]
    segment.look(2, (seen) => {
      expect(other.look(0, (bytes) => Buffer.from(bytes))).toEqual(others[0]!.bytes)
      expect(segment.look(0, (bytes) => Buffer.from(bytes))).toEqual(batches[0]!.bytes)
      expect(Buffer.from(seen)).toEqual(batches[2]!.bytes)
    })
    const fails = (): never => {
      throw new Error('on purpose')
    }
    expect(() => segment.look(0, fails)).toThrow('on purpose')
    expect(other.look(1, (bytes) => Buffer.from(bytes))).toEqual(others[1]!.bytes)
    for (const each of [segment, other]) each.close()
  })

  it('has one piece of memory to be looked at in, however many are open', async () => {
    const sizes = Array.from({ length: 20 }, () => 1_000_000)
    const open = await Promise.all(
      sizes.map(async (size, i) => new SegmentFile(await written(batchesOf([size], 1 + i * 2_000_000)))),
    )
    open[0]!.look(0, () => 0)
    const before = process.memoryUsage().arrayBuffers
    for (const each of open) each.look(0, () => 0)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000)
    for (const each of open) each.close()
  })

  it('S1 has its name only when it is whole, keeps to its owner, and leaves nothing else behind', async () => {
    const writer = await SegmentWriter.create(folder, 1)
    await writer.add(batchesOf([10]))
    expect(readdirSync(folder)[0]).toMatch(/^0000000000000001\.hfs\.[0-9a-f]{8}\.new$/)
    const { bytes } = await writer.finish({ storeId: ID, next: 12, before: BEFORE })
    expect(readdirSync(folder)).toEqual([segmentName(1)])
    const { size, mode } = statSync(join(folder, segmentName(1)))
    expect([size, mode & 0o777]).toEqual([bytes, 0o600])
  })

  it('S1 leaves nothing when it is given up', async () => {
    const writer = await SegmentWriter.create(folder, 1)
    await writer.add(batchesOf([10]))
    await writer.discard()
    expect(readdirSync(folder)).toEqual([])
  })

  it('is not begun in a folder that is not there', async () => {
    await expect(SegmentWriter.create(join(folder, 'none'), 1)).rejects.toMatchObject({
      code: 'HF_STORE_FAILED',
    })
  })

  it('is found by its name, which sorts as positions do', () => {
    expect(segmentName(1)).toBe('0000000000000001.hfs')
    expect(firstInName(segmentName(123_456))).toBe(123_456)
    expect(['1.hfs', `${segmentName(1)}.7.new`, 'x'].map(firstInName)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('S3 is refused when any byte of its header, its table or its end is another', async () => {
    const file = await written(batchesOf([20, 30, 40]))
    const whole = readFileSync(file)
    const at = [...whole.keys()].filter((i) => i < HEADER_BYTES || i >= HEADER_BYTES + 90)
    for (const i of at) {
      const changed = Buffer.from(whole)
      changed[i]! ^= 1 << (i % 8)
      writeFileSync(file, changed)
      expect(() => new SegmentFile(file), `byte ${i}`).toThrow(
        expect.objectContaining({ code: 'HF_STORE_DAMAGED', field: 'data' }),
      )
    }
  })

  it('S3 is refused when it ends anywhere but at its end, and when something follows', async () => {
    const file = await written(batchesOf([20, 30]))
    const whole = readFileSync(file)
    for (let length = 0; length < whole.byteLength; length++) {
      writeFileSync(file, whole.subarray(0, length))
      expect(() => new SegmentFile(file), `${length} bytes`).toThrow(
        expect.objectContaining({ code: 'HF_STORE_DAMAGED' }),
      )
    }
    writeFileSync(file, Buffer.concat([whole, Buffer.alloc(20)]))
    expect(() => new SegmentFile(file)).toThrow(expect.objectContaining({ code: 'HF_STORE_DAMAGED' }))
  })

  it.each([
    ['more batches than fit into it', (bytes: Buffer) => bytes.writeUInt32LE(0xffffffff, 40)],
    ['no batches', (bytes: Buffer) => bytes.writeUInt32LE(0, 40)],
    ['a first position that is none', (bytes: Buffer) => bytes.writeDoubleLE(Number.NaN, 24)],
    ['an end before its beginning', (bytes: Buffer) => bytes.writeDoubleLE(1, 32)],
    ['a batch outside of it', (bytes: Buffer) => bytes.writeDoubleLE(1e15, HEADER_BYTES + 50 + 8)],
    ['a batch at no place', (bytes: Buffer) => bytes.writeDoubleLE(-1, HEADER_BYTES + 50 + 8)],
    ['a batch that is too long', (bytes: Buffer) => bytes.writeUInt32LE(0xfffffff0, HEADER_BYTES + 50 + 16)],
    ['batches out of order', (bytes: Buffer) => bytes.writeDoubleLE(1, HEADER_BYTES + 50 + 20)],
    ['a table elsewhere', (bytes: Buffer) => bytes.writeDoubleLE(HEADER_BYTES, bytes.byteLength - 12)],
    [
      'a table at no place',
      (bytes: Buffer) => bytes.writeDoubleLE(Number.POSITIVE_INFINITY, bytes.byteLength - 12),
    ],
  ])(
    'S3 that was made to say that it has %s, with a checksum to fit, is refused by name',
    async (_, change) => {
      const file = await written(batchesOf([20, 30]))
      const bytes = readFileSync(file)
      change(bytes)
      const table = bytes.subarray(HEADER_BYTES + 50, bytes.byteLength - 16)
      bytes.writeUInt32LE(checksumOf([bytes.subarray(0, HEADER_BYTES), table]), bytes.byteLength - 16)
      writeFileSync(file, bytes)
      const refused = {
        code: 'HF_STORE_DAMAGED',
        message: expect.stringContaining('0000000000000001.hfs, from position 1 on, is damaged') as string,
      }
      expect(() => new SegmentFile(file)).toThrow(expect.objectContaining(refused))
    },
  )

  it('of a later format is refused as that', async () => {
    const file = await written(batchesOf([20]))
    const bytes = readFileSync(file)
    bytes.writeUInt32LE(2, 4)
    const table = bytes.subarray(HEADER_BYTES + 20, bytes.byteLength - 16)
    bytes.writeUInt32LE(checksumOf([bytes.subarray(0, HEADER_BYTES), table]), bytes.byteLength - 16)
    writeFileSync(file, bytes)
    expect(() => new SegmentFile(file)).toThrow(expect.objectContaining({ code: 'HF_STORE_NEWER' }))
  })

  it('that is a link, a folder or a pipe, or is not there, is refused, and only the last is missing', async () => {
    const file = await written(batchesOf([20]))
    const real = join(folder, 'elsewhere')
    renameSync(file, real)
    const refusal = (): unknown => {
      try {
        new SegmentFile(file).close()
      } catch (error) {
        return error
      }
      return undefined
    }
    const damaged = { code: 'HF_STORE_DAMAGED' }
    expect([refusal(), isMissing(refusal())]).toMatchObject([damaged, true])
    symlinkSync(real, file)
    expect([refusal(), isMissing(refusal())]).toMatchObject([damaged, false])
    rmSync(file)
    mkdirSync(file)
    expect(refusal()).toMatchObject(damaged)
    rmSync(file, { recursive: true })
    if (process.platform === 'win32') return
    execFileSync('sh', ['-c', `mkfifo ${file}`])
    expect(refusal()).toMatchObject(damaged)
  })

  it('that is cut off while it is open is damaged where it is missing, and read where it is not', async () => {
    const file = await written(batchesOf([20, 30]))
    const segment = new SegmentFile(file)
    truncateSync(file, HEADER_BYTES + 25)
    expect(segment.batch(0)).toEqual(batchesOf([20])[0])
    expect(() => segment.batch(1)).toThrow(expect.objectContaining({ code: 'HF_STORE_DAMAGED' }))
    expect(() => segment.look(1, () => 0)).toThrow(expect.objectContaining({ code: 'HF_STORE_DAMAGED' }))
    segment.close()
  })

  it('gives back any batches, in slices of any length', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 1e9 }),
        async (...made) => {
          const batches = batchesOf(made[0], made[2])
          const file = await written(batches, made[1])
          const segment = new SegmentFile(file)
          for (const [i, batch] of batches.entries()) {
            expect(segment.batch(i)).toEqual(batch)
            expect(segment.indexOf(batch.first + batch.bytes.byteLength)).toBe(i)
          }
          segment.close()
          rmSync(file)
        },
      ),
      { numRuns: 30 },
    )
  })
})
