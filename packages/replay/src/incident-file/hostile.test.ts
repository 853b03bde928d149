// Files that somebody made to do harm, or that a disk or a mail has spoiled: they are refused with an error of ours, or
// hold nothing that hurts whoever looks at them.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { packedOf } from '@holdfast/journal'
import { HoldfastError } from '@holdfast/kernel'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../disk/sealing.js'
import { Incident } from '../incident.js'
import { diffIncidents } from '../incident-diff/diff-incidents.js'
import { openIncident } from '../open-incident.js'
import { recordedDeeds } from '../recorded.js'
import { replay } from '../player.js'
import { bank, paid } from './bank.fixture.js'
import { ByteWriter } from './byte-writer.js'
import { exportIncident } from './export-incident.js'
import { readFileHeader } from './open-file.js'
import { writeRecords } from './record-section.js'
import { seal } from './sealed-file.js'

const key = Buffer.alloc(32, 7)
const PRELUDE = 20

let dir: string
let plain: Buffer
let locked: Buffer
let sections: Buffer[]

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-hostile-'))
  const incident = new Incident(await paid([10, 500, 20]), 'payment-1')
  await exportIncident(incident, { file: join(dir, 'plain.hfi'), redact: ['payload.card.cvc'] })
  await exportIncident(incident, { file: join(dir, 'locked.hfi'), key })
  plain = readFileSync(join(dir, 'plain.hfi'))
  locked = readFileSync(join(dir, 'locked.hfi'))
  let at = PRELUDE + plain.readUInt32LE(8)
  const sizes = readFileHeader(join(dir, 'plain.hfi')).sections
  sections = sizes.map(({ stored }) => brotliDecompressSync(plain.subarray(at, (at += stored))))
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

/** What opening bytes comes to. */
async function opened(bytes: Uint8Array, secret?: Uint8Array): Promise<Incident | HoldfastError> {
  const file = join(dir, 'tried.hfi')
  writeFileSync(file, bytes)
  try {
    return await openIncident({ file, key: secret })
  } catch (error) {
    if (error instanceof HoldfastError) return error
    throw error
  }
}

async function codeOf(bytes: Uint8Array, secret?: Uint8Array): Promise<string> {
  const outcome = await opened(bytes, secret)
  return outcome instanceof HoldfastError ? outcome.code : 'opened'
}

/** Makes a file with other contents whole again, as somebody would who knows the format. */
async function forged(other: readonly Uint8Array[]): Promise<Buffer> {
  const { records, snapshots, actors } = readFileHeader(join(dir, 'plain.hfi'))
  return seal({ correlation: 'payment-1', records, snapshots, actors, sections: other }, undefined)
}

/** Makes a file with another header whole again. */
function withHeader(change: (header: Record<string, unknown>) => void): Buffer {
  const end = PRELUDE + plain.readUInt32LE(8)
  const header = JSON.parse(plain.subarray(PRELUDE, end).toString()) as Record<string, unknown>
  change(header)
  const head = Buffer.from(JSON.stringify(header))
  const body = Buffer.concat([plain.subarray(0, PRELUDE), head, plain.subarray(end, -32)])
  body.writeUInt32LE(head.byteLength, 8)
  body.writeDoubleLE(body.byteLength + 32, 12)
  return Buffer.concat([body, sha256(body)])
}

const change = fc.oneof(
  fc.record({ kind: fc.constant('flip'), at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant('cut'), at: fc.nat(), by: fc.nat() }),
  fc.record({ kind: fc.constant('repeat'), at: fc.nat(), by: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('splice'), at: fc.nat(), by: fc.nat() }),
)

function changed(bytes: Buffer, { kind, at, by }: { kind: string; at: number; by: number }): Buffer {
  const place = at % Math.max(1, bytes.byteLength)
  const before = bytes.subarray(0, place)
  const after = bytes.subarray(place)
  if (kind === 'cut') return Buffer.concat([before, bytes.subarray(place + 1 + (by % 40))])
  if (kind === 'repeat') return Buffer.concat([before, after.subarray(0, by), after])
  if (kind === 'splice') return Buffer.concat([before, bytes.subarray(by % bytes.byteLength)])
  const flipped = Buffer.from(bytes)
  if (flipped.byteLength > 0) flipped[place]! ^= by
  return flipped
}

describe('a file of which bytes were changed, cut, repeated or put elsewhere', () => {
  it.each([
    ['open', () => plain, undefined],
    ['locked', () => locked, key],
  ])('is refused, when it was %s', async (_what, bytes, secret) => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const other = changes.reduce(changed, bytes())
        fc.pre(!other.equals(bytes()))
        expect(['HF_FILE_DAMAGED', 'HF_STORE_NEWER', 'HF_FILE_KEY']).toContain(await codeOf(other, secret))
      }),
      { numRuns: 300 },
    )
  })

  it('is refused at every length that is less than its own', async () => {
    for (let length = 0; length < plain.byteLength; length += 7)
      expect(await codeOf(plain.subarray(0, length))).toBe('HF_FILE_DAMAGED')
  })

  it('is refused when a section is that of another file under the same key', async () => {
    const incident = new Incident(await paid([10]), 'payment-0')
    await exportIncident(incident, { file: join(dir, 'other.hfi'), key, force: true })
    const other = readFileSync(join(dir, 'other.hfi'))
    const end = PRELUDE + locked.readUInt32LE(8)
    const [first] = readFileHeader(join(dir, 'locked.hfi')).sections
    const otherEnd = PRELUDE + other.readUInt32LE(8)
    const body = Buffer.from(locked.subarray(0, -32))
    other.copy(body, end, otherEnd, otherEnd + first!.stored)
    const hashes = body.byteLength - 4 * 32
    sha256(body.subarray(end, end + first!.stored)).copy(body, hashes)
    expect(await codeOf(Buffer.concat([body, sha256(body)]), key)).toBe('HF_FILE_KEY')
  })
})

describe('a file that was made whole again after it was changed', () => {
  it('is refused, or can be looked at in every way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3 }),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        async (section, changes) => {
          const other = sections.map((bytes, i) => (i === section ? changes.reduce(changed, bytes) : bytes))
          const outcome = await opened(await forged(other))
          if (outcome instanceof Incident) await lookAt(outcome)
          else expect(['HF_FILE_DAMAGED', 'HF_STORE_NEWER', 'HF_UNKNOWN_CORRELATION']).toContain(outcome.code)
        },
      ),
      { numRuns: 400 },
    )
  }, 240_000)

  async function lookAt(incident: Incident): Promise<void> {
    const { evidence, paths, slice } = incident
    for (const record of evidence.read(0)) {
      paths.of(record.actor)
      paths.parentOf(record.actor)
      if (record.kind === 'message') record.payload()
    }
    for (const step of slice.steps()) recordedDeeds(evidence, paths, step)
    diffIncidents(incident, await openIncident({ file: join(dir, 'plain.hfi') }))
    await replay(incident, { swarm: bank() })
    await exportIncident(incident, { file: join(dir, 'again.hfi'), redact: ['**.number'], force: true })
  }

  it('is refused when a record carries what its kind does not, or can be looked at in every way', async () => {
    const { evidence } = await openIncident({ file: join(dir, 'plain.hfi') })
    const records = [...evidence.read(0)]
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.record({
        parent: fc.nat(9),
        name: fc.string(),
        definition: fc.constantFrom('ledger', '__proto__', 'x'),
      }),
      fc.record({ attempt: fc.nat(3), index: fc.nat(3), ok: fc.boolean(), value: fc.jsonValue() }),
      fc.constant(JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}') as object),
    )
    let looked = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(), odd, async (nth, value) => {
        const at = nth % records.length
        const writer = new ByteWriter()
        const list = records.map((record, i) => {
          const packed = i === at ? evidence.codec.bytes(value) : packedOf(record)!
          return { record, packed, digest: -1 }
        })
        writeRecords(writer, list)
        const outcome = await opened(
          await forged(sections.map((bytes, i) => (i === 1 ? writer.bytes : bytes))),
        )
        if (outcome instanceof HoldfastError) expect(outcome.code).toBe('HF_FILE_DAMAGED')
        else {
          looked++
          await lookAt(outcome)
        }
      }),
      { numRuns: 200 },
    )
    expect(looked).toBeGreaterThan(20)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  }, 240_000)

  it('cannot claim more records than it has bytes for', async () => {
    const writer = new ByteWriter()
    writer.varint(0)
    writer.varint(4_000_000)
    const other = sections.map((bytes, i) => (i === 1 ? writer.bytes : bytes))
    expect(await codeOf(await forged(other))).toBe('HF_FILE_DAMAGED')
  })

  it.each([
    ['goes past the safe integers', 2 ** 52],
    ['does not go on', 0],
  ])('cannot hold a position that %s', async (_what, step) => {
    const writer = new ByteWriter()
    writer.varint(0)
    writer.varint(3)
    for (let i = 0; i < 3; i++) {
      writer.varint(step)
      writer.raw(Uint8Array.of(17, 0, 0, 0, 0, 1, 0x80))
    }
    const other = sections.map((bytes, i) => (i === 1 ? writer.bytes : bytes))
    expect(await codeOf(await forged(other))).toBe('HF_FILE_DAMAGED')
  })

  it.each([
    ['is nested deeper than anything in a log', Buffer.concat([Buffer.alloc(5_000, 0x91), Buffer.of(1)])],
    ['says that it has four billion entries', Buffer.of(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['is a rich value of no kind', Buffer.of(0xd4, 0x48, 0x91)],
    [
      'is a typed array of half a number',
      Buffer.concat([
        Buffer.of(0xc7, 20, 0x48, 0x92, 6, 0x92, 0xac),
        Buffer.from('Float64Array'),
        Buffer.of(0xc4, 1, 0),
      ]),
    ],
  ])('cannot hold a value that %s', async (_what, value) => {
    const writer = new ByteWriter()
    writer.varint(1)
    writer.varint(7)
    writer.varint(5)
    writer.varint(1)
    writer.varint(1)
    writer.float(0)
    writer.varint(0)
    writer.block(value)
    const other = sections.map((bytes, i) => (i === 2 ? writer.bytes : bytes))
    expect(await codeOf(await forged(other))).toBe('HF_FILE_DAMAGED')
  })
})

describe('a header', () => {
  it.each([
    ['a bomb', { stored: 1_000, plain: 600_000_000 }],
    ['another size', { stored: 7, plain: 7 }],
    ['no size', { stored: -1, plain: 7 }],
  ])('cannot make a section %s', async (_what, sizes) => {
    const bytes = withHeader((header) => {
      const list = header['sections'] as Record<string, unknown>[]
      list[1] = { ...list[1], ...sizes }
    })
    expect(await codeOf(bytes)).toBe('HF_FILE_DAMAGED')
  })

  it('cannot have more come out of a section than it says', async () => {
    const bomb = brotliCompressSync(Buffer.alloc(2_000_000))
    const bytes = withHeader((header) => {
      const list = header['sections'] as Record<string, unknown>[]
      list[3] = { ...list[3], stored: bomb.byteLength, plain: 10 }
    })
    const end = PRELUDE + bytes.readUInt32LE(8)
    const kept = readFileHeader(join(dir, 'plain.hfi')).sections.slice(0, 3)
    const bodies = bytes.subarray(end, end + kept.reduce((sum, { stored }) => sum + stored, 0))
    const hashes = bytes.subarray(-5 * 32, -2 * 32)
    const body = Buffer.concat([bytes.subarray(0, end), bodies, bomb, hashes, sha256(bomb)])
    body.writeDoubleLE(body.byteLength + 32, 12)
    expect(await codeOf(Buffer.concat([body, sha256(body)]))).toBe('HF_FILE_DAMAGED')
  })

  it.each([
    ['a cost without end', { cost: 2 ** 30, blockSize: 8, parallel: 1 }],
    ['a cost that is none', { cost: 3, blockSize: 8, parallel: 1 }],
    ['blocks without end', { cost: 1_024, blockSize: 2 ** 20, parallel: 1 }],
    ['many at once', { cost: 1_024, blockSize: 8, parallel: 2 ** 20 }],
  ])('cannot ask of scrypt %s', async (_what, scrypt) => {
    const bytes = withHeader((header) => {
      header['lock'] = { cipher: 'aes-256-gcm', salt: 'ab'.repeat(32), scrypt }
    })
    expect(await codeOf(bytes)).toBe('HF_FILE_DAMAGED')
  })

  it('of a later format is refused as such', async () => {
    const other = Buffer.from(plain)
    other.writeUInt16LE(2, 4)
    expect(await codeOf(other)).toBe('HF_STORE_NEWER')
    expect(await codeOf(withHeader((header) => (header['log'] = 99)))).toBe('HF_STORE_NEWER')
  })
})

describe('what is no incident file', () => {
  it('is refused: nothing, a folder, a text, a file that is not there', async () => {
    expect(await codeOf(Buffer.alloc(0))).toBe('HF_FILE_DAMAGED')
    expect(await codeOf(Buffer.from('{"hello": "world"}, and some more text'))).toBe('HF_FILE_DAMAGED')
    for (const file of [dir, join(dir, 'none.hfi')])
      await expect(openIncident({ file })).rejects.toMatchObject({ code: 'HF_STORE_MISSING' })
  })
})
