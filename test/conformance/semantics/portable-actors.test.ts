// A few actors that are taken out of a system go on elsewhere as they would have gone on: the same answers, the same chance,
// the same ids and names, and, record by record, the same log.

import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, dynamicSupervisor, KeyRing, supervisor } from 'holdfast'
import {
  backup,
  dump,
  dumpActors,
  load,
  restore,
  ship,
  type DumpActorsOptions,
  type DumpForm,
} from 'holdfast/data'
import { openIncident, replay } from 'holdfast/replay'
import { Journal, MemoryStore, verifyStore } from '@holdfast/journal'
import { beginImage, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  aDay,
  ANA,
  BOB,
  branch,
  Branch,
  definitionsBeside,
  helperOf,
  imageOf,
  nextDay,
  poured,
  recordsFrom,
  shop,
  START_MS,
  viewOf,
  withJournal,
} from './portable-shop.js'

describe('a few actors that are taken out of a system', () => {
  let home: string
  let data: string
  let file: string

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'holdfast-actors-'))
    data = join(home, 'data')
    file = join(home, 'actors.hfa')
    await aDay(data)
  })

  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  const take = (options: Partial<DumpActorsOptions> = {}): ReturnType<typeof dumpActors> =>
    dumpActors({
      data,
      file,
      actors: [ANA, '/shop/carts'],
      swarm: { root: shop },
      force: true,
      nowMs: 0,
      ...options,
    })

  it.each<DumpForm>(['frames', 'lines'])(
    'go on in %s as they would have gone on, record by record',
    async (form) => {
      const made = await take({ form })
      const moved = join(home, 'moved')
      const loaded = await load({ file, to: moved })
      expect(loaded).toMatchObject({ position: made.position, origin: made.store, actors: made.actors })
      const stays = await nextDay(data, shop)
      const goes = await nextDay(moved, branch)
      expect(goes).toEqual(stays)
      const { position } = made
      expect(await recordsFrom(moved, position + 1)).toEqual(await recordsFrom(data, position + 1))
    },
  )

  const taken = async (options: Partial<DumpActorsOptions> = {}, name = 'moved'): Promise<string> => {
    await take(options)
    await load({ file, to: join(home, name) })
    return join(home, name)
  }

  it('are the same in both forms, and in a store that is encrypted', async () => {
    const keys = new KeyRing([randomBytes(32)])
    await take({ form: 'lines' })
    await load({ file, to: join(home, 'sealed'), keys })
    const frames = await taken({ form: 'frames' })
    const image = await imageOf(frames)
    expect(await imageOf(join(home, 'sealed'), keys)).toEqual(image)
    expect(await recordsFrom(join(home, 'sealed'), 1, keys)).toEqual(await recordsFrom(frames, 1))
    await using day = await Branch.open(join(home, 'sealed'), branch, START_MS, keys)
    expect(await day.ask('/shop/carts/k1', 'put', 'jam')).toHaveLength(3)
  })

  it('are a store of their own: it is sound, and it and its original refuse the later data of each other', async () => {
    const moved = await taken()
    const [store, report] = await withJournal(moved, (_, of) => [of.origin, verifyStore(of)])
    expect(report).toMatchObject({ ok: true, findings: [], records: 8, next: 59 })
    expect(store).toMatchObject({ how: 'loaded', position: 58, loadedUpTo: 58 })
    const original = await withJournal(data, (_, of) => Buffer.from(of.id).toString('hex'))
    expect([store?.store, report.store === original]).toEqual([original, false])
    const to = join(home, 'shipped')
    const shipping = await ship({ data, to })
    await shipping.catchUp()
    await shipping.stop()
    await nextDay(moved, branch)
    await expect(ship({ data: moved, to })).rejects.toMatchObject({ code: 'HF_OTHER_HISTORY' })
    const foreign = await withJournal(data, (_, of) => of.batchAt(1)!.bytes)
    await withJournal(moved, (_, of) => {
      const view = viewOf(of, foreign)
      expect(verifyStore(view).findings.map(({ kind }) => kind)).toContain('foreign')
    })
  })

  it('take nothing along of those who stay but their paths, and say whom they refer to', async () => {
    const { leftBehind, leftBehindCount, actors } = await take({ form: 'lines' })
    expect([leftBehind, leftBehindCount]).toEqual([['/shop/clerk'], 1])
    expect(actors).toEqual(
      expect.arrayContaining(['/shop', '/shop/desks', ANA, `${ANA}/22-0`, '/shop/carts', '/shop/carts/k1']),
    )
    expect(actors).not.toContain(BOB)
    const text = readFileSync(file, 'utf8')
    expect([text.includes('not yours'), text.includes('in between')]).toEqual([false, false])
    // The first message of a correlation gives it its name, and nothing else.
    expect([text.includes('"visit 1"'), text.includes('"value":"first"')]).toEqual([true, false])
    const moved = await taken()
    const log = readdirSync(moved).map((name) =>
      name.endsWith('.mdb') ? readFileSync(join(moved, name), 'latin1') : '',
    )
    expect(log.some((bytes) => bytes.includes('waits too'))).toBe(true)
    expect(log.some((bytes) => bytes.includes('in between'))).toBe(false)
  })

  it('are told of the end of those whom they watched and who stay', async () => {
    {
      await using day = await Branch.open(data)
      await day.settled(day.system.steer.resume(ANA, { by: 'test' }))
      await day.ask(ANA, 'mind', day.system.ref(BOB))
    }
    const { leftBehind } = await take()
    expect(leftBehind).toEqual(['/shop/clerk', BOB])
    await load({ file, to: join(home, 'moved') })
    await using day = await Branch.open(join(home, 'moved'), branch)
    const notes = (await day.ask(ANA, 'note', 'x')) as readonly unknown[]
    expect(notes).toContainEqual(['gone', BOB, 'collateral'])
  })

  it('are refused by name while a turn of one of them waits, and those beside it are not', async () => {
    await using day = await Branch.open(data)
    day.tell(BOB, 'ring')
    await day.flushed()
    await day.flushed()
    await expect(take({ actors: [BOB] })).rejects.toMatchObject({
      code: 'HF_NOT_PORTABLE',
      actor: BOB,
      message: expect.stringMatching(/bob cannot be taken along: its turn on message \d+ waits/) as string,
    })
    await expect(take({ actors: ['/shop'] })).rejects.toMatchObject({ code: 'HF_NOT_PORTABLE', actor: BOB })
    expect(existsSync(file)).toBe(false)
    await expect(take({ actors: [BOB], at: 58 })).resolves.toMatchObject({ position: 58 })
    await expect(take()).resolves.toMatchObject({ states: 3 })
    await day.advance(2_000)
  })

  it('can sleep, and come alone', async () => {
    {
      await using day = await Branch.open(data)
      await day.advance(4_000)
      expect(day.system.inspect('/shop/carts').children).toEqual([])
    }
    const { actors } = await take({ actors: ['/shop/carts/k2'] })
    expect(actors).toEqual(['/shop', '/shop/carts', '/shop/carts/k2'])
    await load({ file, to: join(home, 'moved') })
    await using stays = await Branch.open(data)
    await using goes = await Branch.open(join(home, 'moved'), branch)
    const rum = (items: unknown): unknown => (items as readonly string[]).map((item) => item.split(' ')[0])
    expect(rum(await goes.ask('/shop/carts/k2', 'put', 'x'))).toEqual(['rum', 'x'])
    expect(rum(await stays.ask('/shop/carts/k2', 'put', 'x'))).toEqual(['rum', 'x'])
    // The other one is somebody new there.
    expect(rum(await goes.ask('/shop/carts/k1', 'put', 'x'))).toEqual(['x'])
  })

  it('bring the actors above them, whole when those have a state', async () => {
    const { actors, states } = await take({ actors: [`${ANA}/22-0`] })
    expect(actors).toEqual(['/shop', '/shop/desks', ANA, `${ANA}/22-0`])
    expect(states).toBe(1)
    const { records } = await take({ actors: ['/shop/desks'] })
    expect(records).toBe(8)
  })

  it('go on from where they went on, and from there elsewhere', async () => {
    const moved = await taken()
    const again = await dumpActors({
      data: moved,
      file,
      actors: ['/shop'],
      swarm: { root: branch },
      force: true,
    })
    expect(again.position).toBe(58)
    await load({ file, to: join(home, 'again') })
    expect(await nextDay(join(home, 'again'), branch)).toEqual(await nextDay(moved, branch))
    const beside = { data: moved, actors: [ANA, '/shop/carts'], swarm: { root: branch } }
    const { position } = await dumpActors({ ...beside, file, force: true })
    expect(position).toBeGreaterThan(58)
    await load({ file, to: join(home, 'third') })
    const noted = async (at: string): Promise<unknown> => {
      await using day = await Branch.open(at, branch, START_MS + 7_200_000)
      return await day.ask(ANA, 'note', 'third')
    }
    const notes = await noted(join(home, 'third'))
    expect(notes).toEqual(await noted(moved))
    expect((notes as readonly unknown[]).length).toBeGreaterThan(5)
  })

  it('have the beginning of their new log given up like that of any other', async () => {
    const moved = new MemoryStore()
    await withJournal(await taken(), (_, store) => poured(store, moved))
    const authorities = new VirtualAuthorities({ startMs: START_MS })
    const log = new Journal(moved, authorities)
    const refs = (make: (path: string) => unknown): void => {
      log.codec.ref = make
    }
    const retention = { wanted: { maxRecords: 5 }, beginning: log.beginning }
    const parts = { name: 'shop', root: branch, log, authorities, refs, retention, checkpointEvery: 10 }
    const starting = System.start(parts)
    await authorities.advance(1_000)
    const system = await starting
    const note = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        system.ref(ANA).tell('note', `${i}`)
        await authorities.advance(1_000)
      }
    }
    await note(10)
    // What is parked, put aside or waits stands before the log's new base, and stays.
    expect([log.beginning.base > 59, log.floor]).toEqual([true, 16])
    const steered = [system.steer.resume(ANA, { by: 'test' }), system.steer.drop(16, { by: 'test' })]
    await authorities.advance(1_000)
    await Promise.all(steered)
    await note(10)
    await authorities.advance(3_600_000)
    expect(log.floor).toBeGreaterThan(59)
    const image = beginImage(new Journal(moved, authorities))
    expect(image.at(ANA)?.turns).toBeGreaterThan(9)
  })

  it('are backed up and restored from where their log begins', async () => {
    const moved = await taken()
    await backup({ data: moved, to: join(home, 'backup') })
    await restore({ from: join(home, 'backup'), to: join(home, 'restored') })
    await expect(dump({ data: moved, file })).rejects.toMatchObject({ code: 'HF_FILE_EXISTS' })
    await expect(dump({ data: moved, file, force: true })).rejects.toMatchObject({ field: 'data' })
    expect(await recordsFrom(join(home, 'restored'), 1)).toEqual(await recordsFrom(moved, 1))
    expect(await withJournal(join(home, 'restored'), (_, store) => verifyStore(store).findings)).toEqual([])
    expect(await nextDay(join(home, 'restored'), branch)).toEqual(await nextDay(moved, branch))
  })

  it('leave incidents that can be replayed where they went', async () => {
    const moved = await taken()
    await nextDay(moved, branch)
    for (const correlation of ['visit 1', 'visit 3']) {
      await using incident = await openIncident({ data: moved, correlation })
      const report = await replay(incident, { swarm: { root: branch } })
      expect([correlation, report.divergences, report.counts.turns > 0]).toEqual([correlation, [], true])
    }
  })

  it('are refused when nobody is there, when nobody is named, and by code that does not follow the log', async () => {
    await expect(take({ actors: ['/shop/desks/zoe'] })).rejects.toMatchObject({ code: 'HF_NO_SUCH_ACTOR' })
    await expect(take({ actors: [] })).rejects.toMatchObject({ code: 'HF_INVALID', field: 'actors' })
    await expect(take({ actors: ['desks'] })).rejects.toMatchObject({ code: 'HF_INVALID' })
    await expect(take({ at: 10_000 })).resolves.toMatchObject({ position: 58 })
    const other = supervisor({ name: 'shop', children: [] })
    await expect(take({ swarm: { root: other } })).rejects.toMatchObject({ code: 'HF_DEFINITION_MISSING' })
    const mute = actor({ name: 'desk', state: () => ({}), on: {} })
    const muted = dynamicSupervisor({ name: 'desks', of: mute })
    const changed = { root: other, definitions: [muted, ...definitionsBeside] }
    await expect(take({ swarm: changed })).rejects.toMatchObject({ code: 'HF_DIVERGED', actor: ANA })
    writeFileSync(file, 'mine')
    await expect(take({ force: false })).rejects.toMatchObject({ code: 'HF_FILE_EXISTS' })
    expect([readFileSync(file, 'utf8'), readdirSync(home).sort()]).toEqual(['mine', ['actors.hfa', 'data']])
  })
})
