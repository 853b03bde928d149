// What belongs to a subject, on disk: sealed inside of its batches, gone with its key, and everything else as it was.

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystem, KeyFolder, KeyRing, type System } from 'holdfast'
import { backup, dump, load, restore } from 'holdfast/data'
import { exportIncident, openIncident, replay } from 'holdfast/replay'
import { Journal, LmdbStore, openSubjects, rekeyJournal, verifyStore } from '@holdfast/journal'
import { machineAuthorities, SealedValue } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archive, customer, helper, mailer, secretOf, shop } from './subject-shop.js'

const [ANA, BOB] = [secretOf('ana'), secretOf('bob')]

let home: string
let data: string
let subjectKeys: string
let keys: KeyRing

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-subjects-'))
  data = join(home, 'data')
  subjectKeys = join(home, 'subjects')
  keys = new KeyRing([Buffer.alloc(32, 7)])
})

afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

function open(other: Partial<Parameters<typeof createSystem>[0]> = {}): Promise<System> {
  const definitions = [helper]
  return createSystem({ name: 'shop', data, root: shop, definitions, keys, subjectKeys, ...other })
}

/** Every way in which something of a customer gets into the log. */
async function fill(system: System): Promise<void> {
  for (const name of ['ana', 'bob']) {
    const [ref, secret] = [system.get(customer, name), secretOf(name)]
    expect(
      await ref.ask('note', secret, { correlation: `visit of a customer ${name.length}-${name[0]}` }),
    ).toBe(`kept ${secret}`)
    expect(await ref.ask('lookUp', secret)).toBe(`found ${secret}`)
    await expect(ref.ask('fail', secret)).rejects.toMatchObject({ code: 'HF_ACTOR_FAILED' })
    await ref.ask('spawn', secret)
    await ref.ask('remind', secret)
    await ref.ask('tick', secret)
    const couriers = system.ref('/shop/couriers')
    const args = { of: name, what: secret }
    await couriers.ask('start', { id: `courier-${name.at(0)}`, args }, { subject: name })
    const mail = system.ref(mailer, '/shop/mailer')
    mail.tell('send', secret, { subject: name })
    mail.tell('later', secret, { subject: name })
    mail.tell('tellFor', { name, letter: 'nothing of anybody' })
    expect(await mail.ask('askFor', name)).toBe(2)
    system.ref(archive, '/shop/archive').tell('file', { letter: `unfileable ${secret}` }, { subject: name })
  }
  await system.flushed()
}

async function filled(): Promise<void> {
  await using system = await open()
  await fill(system)
}

async function filledAndShredded(): Promise<void> {
  await using system = await open()
  await fill(system)
  await system.shred('ana')
}

async function read<T>(
  see: (journal: Journal, store: LmdbStore) => T,
  withKeys = true,
  dir = data,
): Promise<T> {
  const store = new LmdbStore({ dir, readOnly: true, keys })
  const subjects = openSubjects(withKeys ? subjectKeys : undefined, { keys, readOnly: true })
  try {
    return see(new Journal(store, machineAuthorities(), { subjects }), store)
  } finally {
    subjects?.close()
    await store.close()
  }
}

/** All that can be made of a store by somebody who has its key: values as they are read, and the bytes that are left. */
function plaintext(withKeys: boolean, dir = data): Promise<string> {
  return read(
    (journal, store) => {
      const found: string[] = []
      const add = (value: unknown): void => void found.push(JSON.stringify(value) ?? '')
      for (const { bytes } of store.batches(1))
        found.push(Buffer.from(store.seal.openBatch(bytes)).toString('latin1'))
      for (const record of journal.read(1)) {
        if (record.kind === 'message') add(record.payload())
        else add(record.kind === 'turn' ? record.answer() : record.data())
      }
      for (const actor of store.snapshotActors())
        for (const { position, bytes } of store.snapshots(actor, Infinity)) {
          found.push(Buffer.from(bytes).toString('latin1'))
          add(journal.snapshot(actor, position)?.state)
        }
      for (let at = journal.checkpoint(); at !== undefined; at = journal.checkpoint(at.position - 1))
        for (const part of at.parts()) add(part)
      return found.join('\n')
    },
    withKeys,
    dir,
  )
}

function verified(dir = data): Promise<{ ok: boolean; head: string; next: number }> {
  return read(
    (_, store) => {
      const { ok, head, next, findings } = verifyStore(store)
      expect(findings).toEqual([])
      return { ok, head, next }
    },
    false,
    dir,
  )
}

describe('what belongs to a subject', () => {
  it('S-32 is sealed inside of its batch, and opens with its key', async () => {
    await filled()
    const open_ = await plaintext(true)
    for (const secret of [ANA, BOB]) expect(open_).toContain(secret)
    const shut = await plaintext(false)
    for (const secret of [ANA, BOB]) expect(shut).not.toContain(secret)
    await using again = await open()
    expect(await again.get(customer, 'ana').ask('notes')).toEqual([ANA, `found ${ANA}`])
    expect(await again.ref(mailer, '/shop/mailer').ask('sent')).toBe(4)
  })

  it('S-32 is sealed in checkpoints as well, and comes back from them', async () => {
    {
      await using system = await open({ checkpointEvery: 10 })
      await fill(system)
    }
    {
      await using system = await open({ checkpointEvery: 10 })
      expect(await system.get(customer, 'bob').ask('notes')).toEqual([BOB, `found ${BOB}`])
    }
    expect(await read((journal) => journal.checkpoint()?.position ?? 0)).toBeGreaterThan(10)
    expect(await plaintext(true)).toContain(BOB)
    expect(await plaintext(false)).not.toContain(BOB)
  })

  it('S-32 keeps the name of the subject out of the log and out of the names of its key files', async () => {
    {
      await using system = await open()
      const mail = system.ref(mailer, '/shop/mailer')
      await mail.ask('sent', undefined, { subject: 'dr-livingstone' })
    }
    expect(await plaintext(true)).not.toContain('livingstone')
    const files = readdirSync(subjectKeys)
    expect(files.length).toBeGreaterThanOrEqual(2)
    for (const name of files) {
      expect(name).not.toContain('livingstone')
      expect(statSync(join(subjectKeys, name)).mode & 0o777).toBe(0o600)
      expect(readFileSync(join(subjectKeys, name), 'utf8')).not.toContain('livingstone')
    }
    expect(statSync(subjectKeys).mode & 0o777).toBe(0o700)
  })
})

describe('a subject that is shredded', () => {
  it('S-32 cannot be read again by anybody, and the others can', async () => {
    await filledAndShredded()
    for (const withKeys of [true, false]) expect(await plaintext(withKeys)).not.toContain(ANA)
    expect(await plaintext(true)).toContain(BOB)
    await using again = await open()
    expect(await again.get(customer, 'bob').ask('notes')).toEqual([BOB, `found ${BOB}`])
    expect(await again.ref(mailer, '/shop/mailer').ask('sent')).toBe(4)
    expect(await again.ref(archive, '/shop/archive').ask('filed')).toBe(8)
  })

  it('S-32 is refused whatever is new, also in the next process', async () => {
    await filledAndShredded()
    await using system = await open()
    const refused = { code: 'HF_SUBJECT_SHREDDED' }
    expect(() => system.get(customer, 'ana').tell('note', 'more')).toThrow(expect.objectContaining(refused))
    await expect(system.get(customer, 'ana').ask('notes')).rejects.toMatchObject(refused)
    const mail = system.ref(mailer, '/shop/mailer')
    await expect(mail.ask('send', 'a letter', { subject: 'ana' })).rejects.toMatchObject(refused)
    await expect(mail.ask('tellFor', { name: 'ana', letter: 'x' })).rejects.toMatchObject({
      code: 'HF_ACTOR_FAILED',
    })
    await expect(mail.ask('askFor', 'ana')).rejects.toMatchObject({ code: 'HF_ACTOR_FAILED' })
    expect(await mail.ask('sent')).toBe(4)
  })

  it('S-32 leaves the chain as it was: what was stored before is the same to the byte, and verifies', async () => {
    await filled()
    const before = await verified()
    const batches = await read((_, store) => [...store.batches(1)].map(({ bytes }) => Buffer.from(bytes)))
    {
      await using system = await open()
      await system.shred('ana')
    }
    const after = await read((_, store) => [...store.batches(1)].map(({ bytes }) => Buffer.from(bytes)))
    expect(after.slice(0, batches.length)).toEqual(batches)
    expect((await verified()).next).toBeGreaterThan(before.next)
  })

  it('S-32 has its actors ended, and their snapshots cannot be opened', async () => {
    await filledAndShredded()
    const states = await read((journal) => {
      const born = [...journal.read(1)].filter((record) => record.kind === 'spawned')
      const own = born.find((record) => record.data().name === 'ana')!
      const other = born.find((record) => record.data().name === 'bob')!
      const ends = [...journal.read(1)].filter((record) => record.kind === 'stopped')
      expect(ends.filter((record) => record.data().reason === 'shredded').length).toBeGreaterThanOrEqual(2)
      return [journal.snapshot(own.actor)?.state, journal.snapshot(other.actor)?.state]
    })
    expect(states[0]).toBeInstanceOf(SealedValue)
    expect(states[0]).toMatchObject({ reason: 'shredded' })
    expect(states[1]).toEqual({ notes: [BOB, `found ${BOB}`] })
  })

  it('S-32 may be shredded again, and one that nobody knows may be as well', async () => {
    await using system = await open()
    await fill(system)
    const { subject, ended, kept } = await system.shred('ana')
    expect(subject).toMatch(/^[0-9a-f]{24}$/)
    expect([ended, kept]).toEqual([4, 2])
    expect(await system.shred('ana')).toEqual({ subject, ended: 0, kept: 0 })
    expect((await system.shred('nobody')).ended).toBe(0)
    await expect(
      system.ref(mailer, '/shop/mailer').ask('sent', undefined, { subject: 'nobody' }),
    ).rejects.toMatchObject({ code: 'HF_SUBJECT_SHREDDED' })
  })

  it('S-32 stays shredded when an older copy of its key is put back', async () => {
    await filled()
    cpSync(subjectKeys, join(home, 'old-keys'), { recursive: true })
    {
      await using system = await open()
      await system.shred('ana')
    }
    rmSync(subjectKeys, { recursive: true })
    cpSync(join(home, 'old-keys'), subjectKeys, { recursive: true })
    // Whether a copy keeps the rights of a folder depends on the version of Node.
    chmodSync(subjectKeys, 0o700)
    {
      await using system = await open()
      await expect(system.get(customer, 'ana').ask('notes')).rejects.toMatchObject({
        code: 'HF_SUBJECT_SHREDDED',
      })
    }
    expect(await plaintext(true)).not.toContain(ANA)
  })
})

describe('the keys of subjects', () => {
  it('S-32 are wanted for good once they were given, and nothing is written without them', async () => {
    await filled()
    const before = await verified()
    const refused = { code: 'HF_SUBJECT_KEYS', field: 'subjectKeys' }
    await expect(open({ subjectKeys: undefined })).rejects.toMatchObject(refused)
    await expect(open({ subjectKeys: join(home, 'elsewhere') })).rejects.toMatchObject(refused)
    expect(existsSync(join(home, 'elsewhere'))).toBe(false)
    expect(await verified()).toEqual(before)
    await using again = await open()
    expect(await again.get(customer, 'ana').ask('notes')).toHaveLength(2)
  })

  it('S-32 are wanted before anything is written for definitions that name subjects', async () => {
    await expect(open({ subjectKeys: undefined })).rejects.toMatchObject({ code: 'HF_SUBJECT_KEYS' })
    await expect(open({ subjectKeys: join(data, 'subjects') })).rejects.toMatchObject({ code: 'HF_INVALID' })
  })

  it('S-32 are sealed with the key of the store, and another one takes its place', async () => {
    await filledAndShredded()
    const [old, fresh] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)]
    const both = new KeyRing([fresh, old])
    expect(await rekeyJournal({ data, keys: both, subjectKeys })).toBeGreaterThan(3)
    await expect(open()).rejects.toMatchObject({ code: 'HF_KEY' })
    expect(() => new KeyFolder({ dir: subjectKeys, keys: new KeyRing([old]) })).toThrow(/was not given/)
    keys = new KeyRing([fresh])
    {
      await using again = await open()
      expect(await again.get(customer, 'bob').ask('notes')).toHaveLength(2)
      await expect(again.get(customer, 'ana').ask('notes')).rejects.toThrow(/shredded/)
    }
    expect(await plaintext(true)).not.toContain(ANA)
  })

  it('S-32 are in no backup, and what was restored is read with them and not without', async () => {
    await filledAndShredded()
    const [copy, back] = [join(home, 'backup'), join(home, 'restored')]
    await backup({ data, to: copy, keys })
    await restore({ from: copy, to: back, keys })
    expect(await plaintext(false, back)).not.toContain(BOB)
    await expect(open({ data: back, subjectKeys: undefined })).rejects.toMatchObject({
      code: 'HF_SUBJECT_KEYS',
    })
    {
      await using system = await open({ data: back })
      expect(await system.get(customer, 'bob').ask('notes')).toEqual([BOB, `found ${BOB}`])
      await expect(system.get(customer, 'ana').ask('notes')).rejects.toThrow(/shredded/)
    }
    expect(await plaintext(true, back)).not.toContain(ANA)
    await verified(back)
  })

  it('S-32 that were destroyed stay so for a backup from before, whose other actors go on', async () => {
    const [copy, back] = [join(home, 'backup'), join(home, 'restored')]
    await filled()
    await backup({ data, to: copy, keys })
    {
      await using system = await open()
      await system.shred('ana')
    }
    await restore({ from: copy, to: back, keys })
    {
      await using system = await open({ data: back })
      expect(await system.get(customer, 'bob').ask('notes')).toEqual([BOB, `found ${BOB}`])
      await expect(system.get(customer, 'ana').ask('notes')).rejects.toThrow(/shredded/)
      await system.shred('ana')
    }
    expect(await plaintext(true, back)).not.toContain(ANA)
    await verified(back)
    await using again = await open({ data: back })
    expect(await again.get(customer, 'bob').ask('notes')).toHaveLength(2)
  })

  it('S-32 are needed for what was dumped and loaded again, too', async () => {
    await filledAndShredded()
    const [file, made] = [join(home, 'shop.dump'), join(home, 'loaded')]
    await dump({ data, file, keys, form: 'lines' })
    const text = readFileSync(file, 'utf8')
    for (const secret of [ANA, BOB]) expect(text).not.toContain(secret)
    await load({ file, to: made, keys })
    await using system = await open({ data: made })
    expect(await system.get(customer, 'bob').ask('notes')).toEqual([BOB, `found ${BOB}`])
  })
})

describe('an incident with shredded turns', () => {
  const swarm = { root: shop, definitions: [helper] }

  it('S-32 is replayed but for these, and says so', async () => {
    await filledAndShredded()
    await using incident = await openIncident({
      data,
      keys,
      subjectKeys,
      correlation: 'visit of a customer 3-a',
    })
    const report = await replay(incident, { swarm })
    expect(report.divergences).toEqual([])
    expect(report.shredded.map(({ actor }) => actor)).toContain('/shop/customers/ana')
    for (const { reason } of report.shredded) expect(reason.code).toBe('HF_SUBJECT_SHREDDED')
    await using other = await openIncident({
      data,
      keys,
      subjectKeys,
      correlation: 'visit of a customer 3-b',
    })
    const bobs = await replay(other, { swarm })
    expect(bobs.divergences).toEqual([])
    expect(bobs.counts.turns).toBeGreaterThan(0)
    expect(bobs.shredded.map(({ actor }) => actor)).not.toContain('/shop/customers/bob')
  })

  it('S-32 that are all replayed as long as the key is there, and none of them without the keys', async () => {
    await filled()
    await using with_ = await openIncident({
      data,
      keys,
      subjectKeys,
      correlation: 'visit of a customer 3-a',
    })
    const report = await replay(with_, { swarm })
    expect([report.identical, report.shredded]).toEqual([true, []])
    await using without = await openIncident({ data, keys, correlation: 'visit of a customer 3-a' })
    const shut = await replay(without, { swarm })
    expect(shut.identical).toBe(true)
    expect(shut.shredded.map(({ reason }) => reason.code)).toContain('HF_SUBJECT_KEYS')
  })

  it('S-32 is exported as it can be read, and replayed from its file', async () => {
    await filledAndShredded()
    const file = join(home, 'visit.hfi')
    {
      await using incident = await openIncident({
        data,
        keys,
        subjectKeys,
        correlation: 'visit of a customer 3-a',
      })
      await exportIncident(incident, { file })
    }
    await using incident = await openIncident({ file })
    const report = await replay(incident, { swarm })
    expect(report.divergences).toEqual([])
    expect(report.shredded.map(({ actor }) => actor)).toContain('/shop/customers/ana')
    const payloads = [...incident.read()].flatMap((record) =>
      record.kind === 'message' ? [record.payload()] : [],
    )
    const gone = payloads.filter((payload) => payload instanceof SealedValue)
    expect(gone.length).toBeGreaterThan(0)
    for (const { reason } of gone) expect(reason).toBe('shredded')
  })
})
