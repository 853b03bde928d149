// The page of the incident file against a file: a reader that is written after the page, and after nothing else, reads
// what an export wrote, and finds in it what Holdfast finds.

import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { actor, createSystem } from 'holdfast'
import { exportIncident, manifestOf, openIncident, readFileHeader } from 'holdfast/replay'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './repository.js'

const page = readFileSync(join(root, 'docs/reference/incident-file.md'), 'utf8')

/** Rows of the tables of the page that begin with a number: the number and the first word in code. */
function numbered(heading: string): [number, string][] {
  const part = page.slice(page.indexOf(heading))
  const rows = [...part.slice(0, part.indexOf('\n#', 5)).matchAll(/^\| (\d+) +\| `([a-z]+)`/gm)]
  return rows.map(([, number, name]) => [Number(number), name!])
}

/** Fields that a table of the page names. */
function fields(heading: string): string[] {
  const part = page.slice(page.indexOf(heading))
  return [...part.slice(0, part.indexOf('\n#', 5)).matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

class Bytes {
  #at = 0
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.bytes.byteLength
  }

  u8(): number {
    return this.bytes[this.#at++]!
  }

  f64(): number {
    this.#at += 8
    return this.bytes.readDoubleLE(this.#at - 8)
  }

  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }

  block(): Buffer {
    const length = this.varint()
    this.#at += length
    return this.bytes.subarray(this.#at - length, this.#at)
  }

  text(): string {
    return this.block().toString('utf8')
  }
}

/** One record as the page says it stands. */
function recordOf(bytes: Bytes, names: readonly string[], before: { position: number; time: number }) {
  const position = before.position + bytes.varint()
  const kind = bytes.u8()
  const flags = bytes.u8()
  const time = (flags & 1) === 0 ? before.time : bytes.f64()
  const actorId = bytes.varint()
  const back = (): number => {
    const distance = bytes.varint()
    return distance === 0 ? 0 : position - (distance - 1)
  }
  const head = { position, kind, time, actor: actorId, correlation: back(), cause: back() }
  if (kind === 0) {
    const type = names[bytes.varint()]
    const sender = bytes.varint()
    const correlationName = (flags & 2) === 0 ? undefined : bytes.text()
    const ask = (flags & 4) === 0 ? undefined : { attempt: bytes.varint(), index: bytes.varint() }
    const timer = (flags & 16) === 0 ? undefined : bytes.text()
    const more = {
      type,
      sender,
      correlationName,
      ask,
      timer,
      outside: (flags & 8) !== 0,
      notice: (flags & 32) !== 0,
    }
    return { ...head, ...more, bytes: bytes.block().byteLength }
  }
  if (kind === 1) {
    const [attempt, told] = [bytes.varint(), bytes.varint()]
    const digest = (flags & 4) === 0 ? -1 : bytes.varint()
    return { ...head, attempt, told, digest, answered: (flags & 2) !== 0, bytes: bytes.block().byteLength }
  }
  return { ...head, bytes: bytes.block().byteLength }
}

let dir: string
let file: string

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-incident-format-'))
  file = join(dir, 'incident.hfi')
  const counter = actor({
    name: 'counter',
    digestEvery: 1,
    snapshot: { everyBytes: 1 },
    state: () => ({ n: 0 }),
    onFailure: { default: 'resume' },
    on: {
      async add(ctx, { by }: { by: number; secret: string }) {
        if (by === 0) throw new RangeError('by nothing')
        ctx.state.n += await ctx.effect('rate', () => by)
        ctx.schedule('add', { by: 1, secret: '' }, { afterMs: 86_400_000 })
        return ctx.state.n
      },
    },
  })
  const data = join(dir, 'data')
  const system = await createSystem({ name: 'counting', root: counter, data })
  const ref = system.ref(counter, '/counter')
  for (const by of [1, 2, 0, 3]) {
    const sent = ref.ask('add', { by, secret: 's' }, { correlation: by === 3 ? 'the one' : undefined })
    await sent.catch(() => undefined)
  }
  await system.stop()
  await using incident = await openIncident({ data, correlation: 'the one' })
  await exportIncident(incident, { file, redact: ['payload.secret'], note: 'a note' })
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

describe('the page of the incident file', () => {
  it('says where everything stands in the file, and what its hashes are', () => {
    const bytes = readFileSync(file)
    expect(bytes.subarray(0, 4).toString()).toBe('HFI1')
    const versions = numbered('## Versions')
    expect([...page.matchAll(/^\| (\d+) +\| everything on this page/gm)].at(-1)?.[1]).toBe(
      String(bytes.readUInt16LE(4)),
    )
    expect(versions).toEqual([])
    expect(bytes.readUInt16LE(6)).toBe(0)
    expect(bytes.readDoubleLE(12)).toBe(bytes.byteLength)
    const { sections } = readFileHeader(file)
    let at = 20 + bytes.readUInt32LE(8)
    const hashesAt = bytes.byteLength - 32 * (sections.length + 1)
    for (const [i, { stored }] of sections.entries()) {
      const hash = bytes.subarray(hashesAt + 32 * i, hashesAt + 32 * (i + 1)).toString('hex')
      expect(hash).toBe(sha256(bytes.subarray(at, at + stored)))
      at += stored
    }
    expect(at).toBe(hashesAt)
    expect(bytes.subarray(-32).toString('hex')).toBe(sha256(bytes.subarray(0, -32)))
  })

  it('names every section under its number, and every place of a redaction', () => {
    expect(numbered('## Sections')).toEqual(readFileHeader(file).sections.map(({ name }, i) => [i, name]))
    expect(numbered('### redactions').map(([number]) => number)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('names every field of the header and of the manifest', async () => {
    const bytes = readFileSync(file)
    const header = JSON.parse(bytes.subarray(20, 20 + bytes.readUInt32LE(8)).toString()) as object
    expect(fields('## The header').filter((name) => name !== 'lock')).toEqual(Object.keys(header))
    const incident = await openIncident({ file })
    expect(fields('### manifest').sort()).toEqual(Object.keys(manifestOf(incident)!).sort())
  })

  it('is enough to read the records, the snapshots and the redactions', async () => {
    const bytes = readFileSync(file)
    let at = 20 + bytes.readUInt32LE(8)
    const [, second, third, fourth] = readFileHeader(file).sections.map(({ stored }) => {
      return new Bytes(brotliDecompressSync(bytes.subarray(at, (at += stored))))
    })
    const names = Array.from({ length: second!.varint() }, () => {
      second!.varint()
      return second!.text()
    })
    const count = second!.varint()
    const records = []
    for (let i = 0, before = { position: 0, time: 0 }; i < count; i++) {
      const record = recordOf(second!, names, before)
      before = record
      records.push(record)
    }
    expect(second!.isAtEnd).toBe(true)
    const { evidence, paths } = await openIncident({ file })
    const known = [...evidence.read(0)]
    expect(records.map(({ position, actor: id, cause }) => [position, id, cause])).toEqual(
      known.map(({ position, actor: id, cause }) => [position, id, cause]),
    )
    expect(records.map((record) => ('type' in record ? record.type : undefined))).toEqual(
      known.map((record) => (record.kind === 'message' ? record.type : undefined)),
    )
    expect(records.map(({ time }) => time)).toEqual(known.map(({ timeMs }) => timeMs))

    const snapshots = Array.from({ length: third!.varint() }, () => {
      const [id, position, version, turns] = [
        third!.varint(),
        third!.varint(),
        third!.varint(),
        third!.varint(),
      ]
      return {
        id,
        position,
        version,
        turns,
        time: third!.f64(),
        digest: third!.varint(),
        state: third!.block(),
      }
    })
    expect(third!.isAtEnd).toBe(true)
    expect(snapshots.map(({ id }) => paths.of(id))).toEqual(['/counter'])
    expect(evidence.snapshot(snapshots[0]!.id)).toMatchObject({
      position: snapshots[0]!.position,
      version: 1,
    })

    const redacted = Array.from({ length: fourth!.varint() }, () => {
      const [position, snapshotOf, place] = [fourth!.varint(), fourth!.varint(), fourth!.varint()]
      return {
        position,
        snapshotOf,
        place,
        path: Array.from({ length: fourth!.varint() }, () => fourth!.text()),
      }
    })
    expect(fourth!.isAtEnd).toBe(true)
    expect(redacted.map(({ position, path }) => ({ position, path }))).toEqual(
      evidence.redactions!.all.map(({ position, path }) => ({ position, path })),
    )
    expect(redacted.every(({ place }) => place === 0)).toBe(true)
  })
})
