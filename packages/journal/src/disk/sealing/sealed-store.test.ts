import type * as crypto from 'node:crypto'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actor, child, machineAuthorities, supervisor, System } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { headerOf } from '../../batch-format.js'
import { BatchIndex } from '../../batch-index.js'
import { forkJournal } from '../../fork-journal.js'
import { journalOn, stored, tell, temporaryDirectory } from '../../log.fixture.js'
import { openJournal } from '../../open-journal.js'
import { verifyStore } from '../../verify.js'
import { LmdbStore } from '../lmdb-store.js'
import type { LmdbStoreOptions } from '../lmdb-store-options.js'
import { KeyRing, keysFromFile, keysFromText } from './key-ring.js'
import { rekeyJournal } from './rekey-journal.js'

/** Every key and nonce that something was sealed with, since the test began. */
const used = vi.hoisted(() => ({ pairs: [] as string[] }))

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>()
  return {
    ...real,
    createCipheriv: (cipher: 'aes-256-gcm', key: Uint8Array, nonce: Uint8Array) => {
      used.pairs.push(`${Buffer.from(key).toString('hex')} ${Buffer.from(nonce).toString('hex')}`)
      return real.createCipheriv(cipher, key, nonce)
    },
  }
})

const MARKER = 'THE-MARKER-THAT-NOBODY-MAY-FIND'

const keeper = actor({
  name: 'keeper',
  snapshot: { everyBytes: 300 },
  state: () => ({ said: [] as string[] }),
  on: {
    say(ctx, { text }: { text: string }) {
      ctx.state.said.push(text)
      return ctx.state.said.length
    },
    fail(_, { text }: { text: string }) {
      throw new TypeError(text)
    },
    said: (ctx) => ctx.state.said.length,
  },
})
const root = supervisor({
  name: 'root',
  children: [child(keeper, { id: `keeper-${MARKER}` }), child(keeper, { id: 'other' })],
})

let home: string
let dir: string
let ring: KeyRing

beforeEach(() => {
  home = temporaryDirectory()
  dir = join(home, 'data')
  ring = new KeyRing([randomBytes(32)])
  used.pairs = []
})

afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

async function start(keys = ring, data = dir): Promise<System> {
  const authorities = machineAuthorities()
  return System.start({
    name: 'sealed',
    root,
    log: openJournal({ dir: data, authorities, keys }),
    authorities,
  })
}

async function run(rounds: number, keys = ring, data = dir): Promise<void> {
  const system = await start(keys, data)
  const ref = system.ref(keeper, `/root/keeper-${MARKER}`)
  for (let i = 0; i < rounds; i++) {
    ref.tell('say', { text: `${MARKER} ${i}` }, { correlation: `${MARKER} named ${data} ${i}` })
    if (i % 7 === 0) await system.flushed()
  }
  await ref.ask('fail', { text: MARKER }).catch(() => undefined)
  await system.stop()
}

async function write(count: number, options: Partial<LmdbStoreOptions> = {}): Promise<void> {
  const journal = journalOn(new LmdbStore({ dir, keys: ring, ...options }))
  for (let i = 0; i < count; i++) {
    tell(journal, {
      to: 1,
      payload: `${MARKER} ${i}`,
      extras: { correlationName: `${MARKER} ${journal.next}` },
    })
    journal.saveSnapshot(1, 1, i, { text: MARKER, i })
    await stored(journal)
  }
  await journal.close()
}

function files(of = dir): string[] {
  return readdirSync(of, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
}

/** A digest of every file but the table of readers. */
function fingerprint(): string[] {
  const kept = files().filter((file) => !file.endsWith('-lock'))
  return kept.map((file) => `${file} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`)
}

async function open<T>(see: (store: LmdbStore) => T, options: Partial<LmdbStoreOptions> = {}): Promise<T> {
  const store = new LmdbStore({ dir, readOnly: true, keys: ring, ...options })
  try {
    return see(store)
  } finally {
    await store.close()
  }
}

describe('a store that is encrypted', () => {
  it('S-27 I-45 shows in no file what a user wrote, in no form', async () => {
    await run(60)
    const journal = openJournal({ dir, authorities: machineAuthorities(), keys: ring })
    const actors = [{ id: 1, path: `/root/${MARKER}`, from: 1, snapshots: [3] }]
    journal.pins.add({ id: 1, correlation: MARKER, from: 1, to: 9, actors })
    expect(journal.pins.list()).toMatchObject([{ correlation: MARKER }])
    expect([...journal.read(1)].length).toBeGreaterThan(100)
    expect(journal.snapshot(2)).toBeDefined()
    await journal.close()
    const bytes = Buffer.from(MARKER)
    const shifted = [0, 1, 2].map((i) => bytes.subarray(i).toString('base64').slice(0, 24))
    const hex = bytes.toString('hex')
    const forms = [
      MARKER,
      hex,
      hex.toUpperCase(),
      Buffer.from(MARKER, 'utf16le').toString('latin1'),
      ...shifted,
    ]
    expect(files().length).toBeGreaterThan(3)
    for (const file of files()) {
      const text = readFileSync(file).toString('latin1')
      expect(
        forms.filter((form) => text.includes(form)),
        file,
      ).toEqual([])
    }
  })

  it('comes back as it was, and passes verification', async () => {
    await run(60)
    const system = await start()
    expect(await system.ref(keeper, `/root/keeper-${MARKER}`).ask('said')).toBe(60)
    await system.stop()
    const report = await open((store) => verifyStore(store))
    expect(report).toMatchObject({ ok: true, isShut: false })
    await open((store) => {
      const names = [...store.names()]
      expect(names).toHaveLength(60)
      expect(names.every(({ name, position }) => store.nameOf(name) === position)).toBe(true)
    })
  })

  it.each(['wrong', 'missing'])(
    'J-38 F-16 S-29 refuses a %s key by name, and stays as it was to the byte',
    async (which) => {
      await run(20)
      const before = fingerprint()
      const keys = which === 'wrong' ? new KeyRing([randomBytes(32)]) : undefined
      for (const readOnly of [true, false])
        expect(() => new LmdbStore({ dir, readOnly, keys })).toThrow(
          expect.objectContaining({ code: 'HF_KEY', field: 'keys' }),
        )
      expect(fingerprint()).toEqual(before)
      await run(5)
    },
  )

  it('comes back again and again, whichever opening wrote what is not in the index yet', async () => {
    for (let opening = 1; opening <= 4; opening++) await run(3)
    const store = new LmdbStore({ dir, readOnly: true, keys: ring })
    expect(verifyStore(store)).toMatchObject({ ok: true, findings: [] })
    await store.close()
  })

  it('refuses a key for data that are not encrypted, and stays as it was', async () => {
    await write(5, { keys: undefined })
    const before = fingerprint()
    for (const readOnly of [true, false])
      expect(() => new LmdbStore({ dir, readOnly, keys: ring })).toThrow(
        expect.objectContaining({ code: 'HF_KEY' }),
      )
    expect(fingerprint()).toEqual(before)
  })

  it('I-48 S-28 uses no nonce twice with a key, also not after an older copy was put back', async () => {
    await run(40)
    cpSync(dir, join(home, 'copy'), { recursive: true })
    await run(40)
    rmSync(dir, { recursive: true })
    cpSync(join(home, 'copy'), dir, { recursive: true })
    await run(40)
    await run(40, ring, join(home, 'copy'))
    await rekeyJournal({ data: dir, keys: ring })
    expect(used.pairs.length).toBeGreaterThan(100)
    expect(new Set(used.pairs).size).toBe(used.pairs.length)
  })

  it('S-33 is held against its chain and its checksums without the key', async () => {
    await write(10)
    const shut = { keys: undefined, isSealedOnly: true }
    const report = await open((store) => verifyStore(store), shut)
    expect(report).toMatchObject({ ok: true, isShut: true, batches: 10, records: 10 })
    const store = new LmdbStore({ dir, keys: ring })
    const { first, bytes } = store.batchAt(5)!
    const changed = Buffer.from(bytes)
    changed[200]! ^= 5
    await store.commit({
      batches: [{ first, bytes: changed }],
      snapshots: [],
      groups: [],
      names: [],
      outdated: [],
    })
    await store.close()
    expect(await open((each) => verifyStore(each).findings, shut)).toMatchObject([
      { kind: 'checksum', position: 5 },
      { kind: 'chain', position: 6 },
    ])
  })

  it('J-38 finds the batches of an actor by the index without the key, and reads nothing of them', async () => {
    const journal = journalOn(new LmdbStore({ dir, keys: ring }))
    for (let i = 0; i < 300; i++) {
      tell(journal, { to: 1 + (i % 10), payload: MARKER })
      await stored(journal)
    }
    await journal.close()
    await open(
      (store) => {
        const places = new BatchIndex(store).find('actor', 4)
        expect(places.length).toBeGreaterThan(20)
        for (const { first } of places) {
          expect(first % 10).toBe(4)
          const { bytes } = store.batchAt(first)!
          expect(() => store.seal.openBatch(bytes)).toThrow(expect.objectContaining({ code: 'HF_KEY' }))
        }
      },
      { keys: undefined, isSealedOnly: true },
    )
  })

  it('believes no batch that another opening, another place or another store has sealed', async () => {
    await write(6)
    const store = new LmdbStore({ dir, keys: ring })
    const batches = [...store.batches(1)].map(({ first, bytes }) => ({ first, bytes: Buffer.from(bytes) }))
    for (const [offset, value] of [
      [8, 3],
      [36, 2],
      [112, 9],
      [16, 7],
    ] as const) {
      const bytes = Buffer.from(batches[2]!.bytes)
      if (offset === 36) bytes.writeUInt32LE(value, offset)
      else bytes.writeDoubleLE(value + 1, offset)
      expect(() => store.seal.openBatch(bytes), `offset ${offset}`).toThrow(
        expect.objectContaining({ code: 'HF_STORE_DAMAGED' }),
      )
    }
    const clear = Buffer.from(batches[2]!.bytes)
    clear.writeUInt16LE(0, 6)
    expect(() => store.seal.openBatch(clear)).toThrow(expect.objectContaining({ code: 'HF_STORE_DAMAGED' }))
    expect(headerOf(store.seal.openBatch(batches[2]!.bytes))).toMatchObject({ first: 3, count: 1 })
    await store.close()
  })

  it('F-8 holds the one actor in whose record a bit is another', async () => {
    const system = await start()
    for (const name of [`keeper-${MARKER}`, 'other', `keeper-${MARKER}`, 'other'])
      system
        .ref(keeper, `/root/${name}`)
        .tell('say', { text: 'a text of some length, so that a bit of it is easily hit' })
    await system.flushed()
    await system.stop()
    const store = new LmdbStore({ dir, keys: ring })
    const batch = [...store.batches(1)].find(({ bytes }) =>
      Buffer.from(store.seal.openBatch(bytes)).includes('easily hit'),
    )!
    const bytes = Buffer.from(batch.bytes)
    bytes[Buffer.from(store.seal.openBatch(bytes)).indexOf('easily hit')]! ^= 8
    await store.commit({
      batches: [{ first: batch.first, bytes }],
      snapshots: [],
      groups: [],
      names: [],
      outdated: [],
    })
    await store.close()
    const again = await start()
    const held: string[] = []
    again.on('quarantined', ({ offender }) => held.push(offender))
    await new Promise((resolve) => setImmediate(resolve))
    expect(held).toEqual([`/root/keeper-${MARKER}`])
    expect(await again.ref(keeper, '/root/other').ask('said')).toBe(2)
    await again.stop()
  })
})

describe('S-29 another key', () => {
  it('is written with at once, and what was written before is read with the old one', async () => {
    await write(3)
    const [old, other] = [ring, randomBytes(32)]
    const both = new KeyRing([other, ...[old.find(old.current)!]])
    await write(3, { keys: both })
    expect(await open((store) => verifyStore(store).ok, { keys: both })).toBe(true)
    const readable = (keys: KeyRing): Promise<number> =>
      open((store) => [...store.batches(1)].filter(({ bytes }) => canOpen(store, bytes)).length, { keys })
    expect(await readable(old)).toBe(3)
    expect(await rekeyJournal({ data: dir, keys: both })).toBe(4)
    expect(await readable(new KeyRing([other]))).toBe(6)
    await expect(readable(old)).rejects.toMatchObject({ code: 'HF_KEY' })
  })

  it('is taken whole or not at all', async () => {
    await write(3)
    await write(3)
    const [old, other] = [ring.find(ring.current)!, randomBytes(32)]
    await expect(rekeyJournal({ data: dir, keys: new KeyRing([other]) })).rejects.toMatchObject({
      code: 'HF_KEY',
    })
    const store = new LmdbStore({ dir, keys: ring })
    let calls = 0
    const dying = new KeyRing([other, old])
    dying.find = function (id) {
      if (++calls > 5) throw new TypeError('killed here')
      return KeyRing.prototype.find.call(this, id)
    }
    expect(() => store.rekey(dying)).toThrow('killed here')
    await store.close()
    expect(await open((each) => verifyStore(each).ok)).toBe(true)
  })
})

function canOpen(store: LmdbStore, bytes: Uint8Array): boolean {
  try {
    store.seal.openBatch(bytes)
    return true
  } catch {
    return false
  }
}

describe('a fork', () => {
  it.each([
    ['encrypted data stay encrypted', true, true],
    ['data that were not are encrypted', false, true],
  ])('%s, and are another store', async (_, from, to) => {
    await write(10, { keys: from ? ring : undefined })
    const target = join(home, 'fork')
    const toKeys = to ? new KeyRing([randomBytes(32)]) : undefined
    expect(await forkJournal({ data: dir, to: target, at: 7, keys: from ? ring : undefined, toKeys })).toBe(7)
    dir = target
    await write(2, { keys: toKeys })
    const report = await open((store) => verifyStore(store), { keys: toKeys })
    expect(report).toMatchObject({ findings: [], records: 9 })
    for (const file of files()) expect(readFileSync(file).includes(MARKER), file).toBe(false)
  })
})

describe('S-30 a key', () => {
  it('comes from a file that its owner alone can read, or from a text, in hex or base64', () => {
    const keys = [randomBytes(32), randomBytes(32)]
    const file = join(home, 'keys')
    writeFileSync(file, `${keys[0]!.toString('hex')}\n${keys[1]!.toString('base64')}\n`, { mode: 0o600 })
    const read = keysFromFile(file)
    expect(read.current).toBe(new KeyRing(keys).current)
    expect(read.toJSON()).toEqual(new KeyRing(keys).toJSON())
    expect(keysFromText(keys.map((key) => key.toString('hex')).join(','), 'HOLDFAST_KEY').toJSON()).toEqual(
      read.toJSON(),
    )
    chmodSync(file, 0o640)
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(() => keysFromFile(file)).toThrow(
      expect.objectContaining({ code: 'HF_KEY', message: expect.stringContaining('640') as string }),
    )
  })

  it('is never shown, neither in an error nor in how a ring is printed', () => {
    const secret = randomBytes(31).toString('hex')
    const file = join(home, 'keys')
    writeFileSync(file, secret, { mode: 0o600 })
    let message = ''
    try {
      keysFromFile(file)
    } catch (error) {
      message = String(error)
    }
    expect(message).toContain('HoldfastError')
    expect(message).not.toContain(secret.slice(0, 8))
    const key = randomBytes(32)
    expect(JSON.stringify(new KeyRing([key]))).not.toContain(key.toString('hex').slice(0, 8))
    expect(() => new KeyRing([])).toThrow(expect.objectContaining({ code: 'HF_KEY' }))
    expect(() => keysFromFile(join(home, 'none'))).toThrow(expect.objectContaining({ code: 'HF_KEY' }))
  })
})
