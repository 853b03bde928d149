import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, child, machineAuthorities, supervisor, System } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LmdbStore } from './disk/lmdb-store.js'
import { Journal } from './journal.js'
import { MemoryStore } from './memory-store.js'
import { openJournal } from './open-journal.js'
import type { BatchStore } from './store.js'
import { verifyStore } from './verify.js'

const keeper = (name: string) =>
  actor({
    name,
    state: () => ({ said: [] as string[] }),
    on: {
      fail() {
        throw new TypeError('as it was told')
      },
      say(ctx, { text }: { text: string }) {
        ctx.state.said.push(text)
        return ctx.state.said.length
      },
      said: (ctx) => ctx.state.said.length,
    },
  })
const ana = keeper('ana')
const ben = keeper('ben')
const cid = keeper('cid')
const root = supervisor({ name: 'root', children: [child(ana), child(ben), child(cid)] })
const ROUNDS = 20

describe('a system on a log that is damaged', () => {
  let data: string
  let system: System | undefined

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'holdfast-damaged-'))
    const first = await start()
    for (let i = 0; i < ROUNDS; i++) {
      for (const each of [ana, ben, cid])
        first.ref(each, `/root/${each.name}`).tell('say', { text: `${each.name} says the ${i}th thing` })
      if (i % 5 === 4) await first.flushed()
    }
    await first.stop()
  })

  afterEach(async () => {
    await system?.stop()
    system = undefined
    await rm(data, { recursive: true, force: true })
  })

  async function start(): Promise<System> {
    const authorities = machineAuthorities()
    return System.start({ name: 'damaged', root, log: openJournal({ dir: data, authorities }), authorities })
  }

  /** Changes bytes of the batch that holds a text, as a disk would. @returns where it begins, and how it was */
  async function damage(
    text: string,
    change: (bytes: Buffer, at: number) => void,
  ): Promise<{ first: number; before: Buffer }> {
    const store = new LmdbStore({ dir: data })
    const batch = [...store.batches(1)].find(({ bytes }) => Buffer.from(bytes).includes(text))!
    const before = Buffer.from(batch.bytes)
    const bytes = Buffer.from(batch.bytes)
    change(bytes, bytes.indexOf(text))
    await put(store, batch.first, bytes)
    await store.close()
    return { first: batch.first, before }
  }

  const put = (store: BatchStore, first: number, bytes: Uint8Array): Promise<void> =>
    store.commit({ batches: [{ first, bytes }], snapshots: [], groups: [], names: [], outdated: [] })

  const flip = (bytes: Buffer, at: number): void => {
    bytes[at + 3] = bytes[at + 3]! ^ 4
  }

  async function held(): Promise<{ paths: string[]; reasons: string[] }> {
    const told: { offender: string; message: string; code: string | undefined }[] = []
    system = await start()
    system.on('quarantined', ({ offender, reason }) =>
      told.push({ offender, message: reason.message, code: reason.code }),
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(told.every(({ code }) => code === 'HF_STORE_DAMAGED')).toBe(true)
    return { paths: told.map(({ offender }) => offender).sort(), reasons: told.map(({ message }) => message) }
  }

  const said = (name: string): Promise<unknown> =>
    system!.ref(name === 'ana' ? ana : cid, `/root/${name}`).ask('said', undefined, { timeoutMs: 5_000 })

  it('F-8 I-12 one bit in the record of one actor: that one is held by name and position, the others go on', async () => {
    await damage('ben says the 7th thing', flip)
    const { paths, reasons } = await held()
    expect(paths).toEqual(['/root/ben'])
    expect(reasons[0]).toMatch(/\/root\/ben cannot be rebuilt: its record at position \d+/)
    expect([await said('ana'), await said('cid')]).toEqual([ROUNDS, ROUNDS])
  })

  it('I-13 it loses nothing: with the batch as it was, the actor goes on at the next start', async () => {
    const { first, before } = await damage('ben says the 7th thing', flip)
    await held()
    system!.ref(ben, '/root/ben').tell('say', { text: 'while it is held' })
    await system!.stop()
    const store = new LmdbStore({ dir: data })
    await put(store, first, before)
    expect(verifyStore(store).findings).toEqual([])
    await store.close()
    system = await start()
    expect(await system.ref(ben, '/root/ben').ask('said')).toBe(ROUNDS + 1)
  })

  it('I-12 every actor whose records a torn batch held is held, and who was not in it goes on', async () => {
    system = await start()
    for (let i = 0; i < 3; i++) system.ref(ben, '/root/ben').tell('say', { text: 'only ben is here' })
    await system.flushed()
    await system.stop()
    await damage('only ben is here', (bytes, at) => bytes.fill(0, at - 4, at + 40))
    const { paths, reasons } = await held()
    expect(paths).toEqual(['/root/ben'])
    expect(reasons[0]).toMatch(/its records between \d+ and \d+ cannot be believed/)
    expect([await said('ana'), await said('cid')]).toEqual([ROUNDS, ROUNDS])
  })

  it('I-12 a system does not start when nobody knows what was born in a torn batch', async () => {
    await damage('root', (bytes) => bytes.fill(0, 130, 190))
    await expect(start()).rejects.toMatchObject({ code: 'HF_STORE_DAMAGED' })
  })

  it('I-12 whichever bit of a batch is another, whoever goes on has what was written', async () => {
    const { before, first } = await damage('ben says the 12th thing', () => undefined)
    for (let at = 8; at < before.byteLength; at += 97) {
      const store = new LmdbStore({ dir: data })
      const bytes = Buffer.from(before)
      bytes[at] = bytes[at]! ^ (1 << (at % 8))
      await put(store, first, bytes)
      await store.close()
      const { paths } = await held()
      expect(paths.length, `byte ${at}`).toBeLessThanOrEqual(1)
      for (const name of ['ana', 'cid'])
        if (!paths.includes(`/root/${name}`)) expect(await said(name), `byte ${at}`).toBe(ROUNDS)
      await system!.stop()
      const mended = new LmdbStore({ dir: data })
      await put(mended, first, before)
      await mended.close()
    }
  })
})

describe('a system that runs while its log is damaged', () => {
  it('F-8 holds the actor that is to be rebuilt from there when it fails, and the others go on', async () => {
    const authorities = machineAuthorities()
    const store = new MemoryStore()
    const log = new Journal(store, authorities)
    await using system = await System.start({ name: 'damaged', root, log, authorities })
    for (const each of [ana, ben, cid])
      await system.ref(each, `/root/${each.name}`).ask('say', { text: `${each.name} says it` })
    await system.flushed()
    const batch = [...store.batches(1)].find(({ bytes }) => Buffer.from(bytes).includes('ben says it'))!
    const at = Buffer.from(batch.bytes).indexOf('ben says it')
    batch.bytes[at]! ^= 1
    const told = new Promise<{ offender: string; reason: unknown }>((resolve) => {
      system.on('quarantined', ({ offender, reason }) => {
        resolve({ offender, reason })
      })
    })
    for (const each of [ana, ben]) system.ref(each, `/root/${each.name}`).tell('fail')
    const message = expect.stringMatching(/^\/root\/ben cannot be rebuilt: .*position \d+/) as string
    expect(await told).toMatchObject({ offender: '/root/ben', reason: { code: 'HF_STORE_DAMAGED', message } })
    expect(await system.ref(ana, '/root/ana').ask('said')).toBe(1)
    expect(await system.ref(cid, '/root/cid').ask('said')).toBe(1)
  })
})
