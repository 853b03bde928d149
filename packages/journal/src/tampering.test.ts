import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HoldfastError } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Anchor } from './disk/anchor.js'
import { anchorJournal } from './disk/anchor-journal.js'
import { headerOf, PREVIOUS_AT } from './batch-format.js'
import { readAnchorKey, readAnchors } from './disk/anchor-file.js'
import { hashOf } from './disk/checksum.js'
import { LmdbStore } from './disk/lmdb-store.js'
import {
  fill,
  inEarlierFormat,
  journalOn,
  sketches,
  stored,
  tell,
  temporaryDirectory,
} from './log.fixture.js'
import { MemoryStore } from './memory-store.js'
import { resealed } from './resealed.js'
import { NO_SEAL } from './seal.js'
import type { BatchStore, StoredBatch } from './store.js'
import { verifyStore, type VerifyReport } from './verify.js'

const NOW = Date.UTC(2026, 5, 1)
const ID = Uint8Array.from({ length: 16 }, (_, i) => i + 1)
const OTHER_ID = Uint8Array.from({ length: 16 }, (_, i) => 200 - i)

async function commit(store: BatchStore, batches: readonly StoredBatch[]): Promise<void> {
  await store.commit({ batches, snapshots: [], groups: [], names: [], outdated: [] })
}

async function batchesOf(id: Uint8Array, count = 20): Promise<StoredBatch[]> {
  const store = new MemoryStore({ id })
  await fill(store, sketches(count))
  return [...store.batches(1)].map(({ first, bytes }) => ({ first, bytes: Buffer.from(bytes) }))
}

async function verified(batches: readonly StoredBatch[]): Promise<[string, number][]> {
  const store = new MemoryStore({ id: ID })
  await commit(store, batches)
  return verifyStore(store).findings.map(({ kind, position }) => [kind, position])
}

const as = (epoch: number) => ({ id: ID, epoch, seal: NO_SEAL })

/** Chains batches anew, as somebody does who knows how it is done. */
function chained(batches: readonly StoredBatch[]): StoredBatch[] {
  let previous: Uint8Array = new Uint8Array(32)
  return batches.map(({ first, bytes }) => {
    const made = resealed(bytes, previous, as(headerOf(bytes)!.epoch))
    previous = hashOf(made)
    return { first, bytes: made }
  })
}

describe('S-33 verification tells what was done to a log', () => {
  it('nothing', async () => {
    expect(await verified(await batchesOf(ID))).toEqual([])
  })

  it('a batch was changed', async () => {
    const batches = await batchesOf(ID)
    const { first, bytes } = batches[8]!
    bytes[125]! ^= 3
    expect(await verified(batches)).toContainEqual(['checksum', first])
  })

  it('a batch was changed, and its checksum with it', async () => {
    const batches = await batchesOf(ID)
    const { first, bytes } = batches[8]!
    const changed = Buffer.from(bytes)
    changed.writeDoubleLE(headerOf(bytes)!.timeMs + 1, 16)
    batches[8] = { first, bytes: resealed(changed, bytes.subarray(PREVIOUS_AT, PREVIOUS_AT + 32), as(1)) }
    expect(await verified(batches)).toEqual([['chain', batches[9]!.first]])
  })

  it('a batch was left out', async () => {
    const batches = await batchesOf(ID)
    batches.splice(8, 1)
    expect(await verified(batches)).toContainEqual(['gap', batches[8]!.first])
  })

  it('a batch was put in', async () => {
    const batches = await batchesOf(ID)
    const { first, bytes } = batches[8]!
    const made = resealed(bytes, hashOf(batches[7]!.bytes), as(1))
    const put = Buffer.from(made)
    put.writeDoubleLE(first - 0.5, 8)
    batches.splice(8, 0, { first: first - 0.5, bytes: put })
    expect(await verified(batches)).toContainEqual(['inserted', first - 0.5])
  })

  it('two batches were swapped', async () => {
    const batches = await batchesOf(ID)
    const [eighth, eleventh] = [batches[8]!, batches[11]!]
    batches[8] = { first: eighth.first, bytes: eleventh.bytes }
    batches[11] = { first: eleventh.first, bytes: eighth.bytes }
    const found = await verified(batches)
    expect(found).toContainEqual(['moved', eighth.first])
    expect(found).toContainEqual(['moved', eleventh.first])
  })

  it('a batch of a later opening was put before one of an earlier', async () => {
    const batches = await batchesOf(ID)
    const { bytes } = batches[8]!
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(36, 7, true)
    const behind = batches.slice(9).map(({ first }) => ['moved', first])
    expect(await verified(chained(batches))).toEqual(behind)
  })

  it('a batch is from another store, however well it fits', async () => {
    const batches = await batchesOf(ID)
    const others = await batchesOf(OTHER_ID)
    batches[8] = others[8]!
    expect(await verified(batches)).toContainEqual(['foreign', others[8]!.first])
  })

  it('nothing, to a log that an earlier version began and this one has gone on with', async () => {
    const store = new MemoryStore({ id: ID })
    let previous: Uint8Array = new Uint8Array(32)
    for (const { first, bytes } of await batchesOf(ID)) {
      const earlier = Buffer.from(bytes)
      earlier.set(previous, PREVIOUS_AT)
      const made = inEarlierFormat(earlier, 3)
      await commit(store, [{ first, bytes: made }])
      previous = hashOf(made)
    }
    const journal = journalOn(store)
    tell(journal, { to: 1, payload: 'later' })
    await stored(journal)
    expect(verifyStore(store)).toMatchObject({ findings: [], batches: 21 })
    expect([...journalOn(store).read(1)]).toHaveLength(journal.next - 1)
  })

  it('names whom the damage concerns', async () => {
    const store = new MemoryStore({ id: ID })
    const journal = journalOn(store)
    for (const [i, name] of ['root', 'ana', 'ben'].entries())
      journal.record('spawned', i + 1, 0, 0, { parent: i === 0 ? 0 : 1, name, definition: name })
    await stored(journal)
    tell(journal, { to: 2, payload: 'for ana' })
    tell(journal, { to: 3, payload: 'for ben' })
    await stored(journal)
    tell(journal, { to: 2, payload: 'for ana again' })
    await stored(journal)
    const own = store.batchAt(4)!.bytes
    const at = Buffer.from(own).indexOf('for ben')
    own[at]! ^= 1
    const one = verifyStore(store)
    expect(one.damaged).toEqual([{ from: 5, to: 5, actors: [{ id: 3, path: '/root/ben' }], areAll: true }])
    own.fill(9, at - 2, at + 5)
    const ana = { id: 2, path: '/root/ana' }
    const ben = { id: 3, path: '/root/ben' }
    expect(verifyStore(store).damaged).toEqual([{ from: 4, to: 5, actors: [ana, ben], areAll: true }])
  })
})

describe('S-33 anchors', () => {
  let home: string
  let data: string
  let keyFile: string
  let anchors: string

  beforeEach(async () => {
    home = temporaryDirectory()
    data = join(home, 'data')
    keyFile = join(home, 'anchor.key')
    anchors = join(home, 'anchors')
    writeFileSync(keyFile, randomBytes(32).toString('hex'), { mode: 0o600 })
    await write(10)
  })

  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  async function write(records: number, dir = data): Promise<void> {
    const journal = journalOn(new LmdbStore({ dir }))
    for (let i = 0; i < records; i++) {
      tell(journal, { to: 1, payload: [i, dir] })
      await stored(journal)
    }
    await journal.close()
  }

  async function verify(dir = data, key = keyFile): Promise<VerifyReport> {
    const store = new LmdbStore({ dir, readOnly: true })
    try {
      return verifyStore(store, undefined, readAnchors(anchors, readAnchorKey(key)))
    } finally {
      await store.close()
    }
  }

  const anchor = (dir = data): Promise<Anchor> =>
    anchorJournal({ data: dir, anchors, key: keyFile, nowMs: NOW })

  it('vouch for the log up to the newest, and the records behind it are counted', async () => {
    const first = await anchor()
    expect(first).toMatchObject({
      position: 10,
      epoch: 1,
      algorithm: 'hmac-sha256',
      time: '2026-06-01T00:00:00.000Z',
    })
    await write(3)
    await anchor()
    await write(7)
    const report = await verify()
    expect(report).toMatchObject({ ok: true, anchors: { count: 2, unanchored: 7, newest: { position: 13 } } })
    expect(readFileSync(anchors, 'utf8').trim().split('\n')).toHaveLength(2)
  })

  it('say that the whole store is an older copy', async () => {
    cpSync(data, join(home, 'old'), { recursive: true })
    await write(5)
    await anchor()
    const report = await verify(join(home, 'old'))
    expect(report.findings).toMatchObject([{ kind: 'anchor', position: 15 }])
    expect(report.findings[0]!.what).toContain('rolled back or cut by 5 records')
  })

  it('say that an older copy was gone on from', async () => {
    cpSync(data, join(home, 'old'), { recursive: true })
    await write(5)
    await anchor()
    await write(8, join(home, 'old'))
    const report = await verify(join(home, 'old'))
    expect(report.findings[0]).toMatchObject({ kind: 'anchor', position: 15 })
    expect(report.findings[0]!.what).toContain('another history')
  })

  it('say that they are of another store', async () => {
    await anchor()
    await write(20, join(home, 'other'))
    const report = await verify(join(home, 'other'))
    expect(report.findings[0]).toMatchObject({ kind: 'anchor' })
    expect(report.findings[0]!.what).toContain('another history')
  })

  it('are signed by an Ed25519 key as well, and checked with its public half, which signs nothing', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    const open = join(home, 'public.pem')
    writeFileSync(open, publicKey.export({ type: 'spki', format: 'pem' }), { mode: 0o644 })
    expect((await anchor()).algorithm).toBe('ed25519')
    expect((await verify(data, open)).anchors?.unanchored).toBe(0)
    await expect(anchorJournal({ data, anchors, key: open, nowMs: NOW })).rejects.toMatchObject({
      code: 'HF_KEY',
    })
  })

  it.each(['epoch', 'position', 'hash', 'time', 'store', 'signature'])(
    'are refused when another %s was put in',
    async (field) => {
      const made = await anchor()
      const value = made[field as keyof Anchor]
      const other =
        typeof value === 'number'
          ? value - 1
          : `${value.slice(0, 4)}${value[4] === 'a' ? 'b' : 'a'}${value.slice(5)}`
      writeFileSync(anchors, `${JSON.stringify({ ...made, [field]: other })}\n`)
      await expect(verify()).rejects.toMatchObject({ code: 'HF_FILE_DAMAGED', field: 'anchors' })
    },
  )

  it('I-12 are refused with any bit of their file another', async () => {
    await anchor()
    await write(1)
    await anchor()
    const key = readAnchorKey(keyFile)
    const whole = readFileSync(anchors)
    const found = new Set<unknown>()
    // From the end of the first line on.
    for (let at = whole.indexOf('\n'); at < whole.byteLength; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(whole)
        changed[at]! ^= 1 << bit
        writeFileSync(anchors, changed)
        try {
          readAnchors(anchors, key)
          found.add(`nothing in byte ${at}, bit ${bit}`)
        } catch (error) {
          found.add((error as HoldfastError).code)
        }
      }
    }
    expect([...found]).toEqual(['HF_FILE_DAMAGED'])
  })

  it('are refused with another key, with a line that is none, and with a key that others can read', async () => {
    await anchor()
    const other = join(home, 'other.key')
    writeFileSync(other, randomBytes(32).toString('base64'), { mode: 0o600 })
    await expect(verify(data, other)).rejects.toMatchObject({ code: 'HF_FILE_DAMAGED' })
    writeFileSync(anchors, 'no anchor\n', { flag: 'a' })
    await expect(verify()).rejects.toMatchObject({ message: expect.stringContaining('Line 2') as string })
    writeFileSync(other, 'short', { mode: 0o600 })
    expect(() => readAnchorKey(other)).toThrow(expect.objectContaining({ code: 'HF_KEY' }))
    const open = join(home, 'open.key')
    writeFileSync(open, randomBytes(32).toString('hex'))
    expect(() => readAnchorKey(open)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('others') as string }),
    )
  })

  it('and their key do not lie in the data directory', async () => {
    const inside = { data, anchors: join(data, 'anchors'), key: keyFile, nowMs: NOW }
    await expect(anchorJournal(inside)).rejects.toMatchObject({ code: 'HF_INVALID', field: 'anchors' })
    const key = join(data, 'key')
    await expect(anchorJournal({ ...inside, anchors, key })).rejects.toMatchObject({ field: 'key' })
  })
})
