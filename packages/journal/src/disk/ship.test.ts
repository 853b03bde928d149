import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { add, batchesOf, place, recordsOf, start, total, verified } from '../moving.fixture.js'
import { backup } from './backup.js'
import { restore } from './restore.js'
import { SegmentFile } from './segment-file.js'
import { KeyRing } from './sealing/key-ring.js'
import { ship, type ShipOptions, type ShipProgress } from './ship.js'

describe('a shipped log', () => {
  let home: ReturnType<typeof place>
  let data: string
  let to: string

  beforeEach(() => {
    home = place()
    data = home.dir('data')
    to = home.dir('shipped')
  })

  afterEach(() => {
    home.remove()
  })

  async function recorded(from = 1, end = 20, keys?: KeyRing): Promise<void> {
    await using system = await start(data, keys)
    await add(system, from, end)
  }

  async function shipAll(options: Partial<ShipOptions> = {}): Promise<ShipProgress> {
    await using shipping = await ship({ data, to, ...options })
    return await shipping.catchUp()
  }

  const files = (): string[] => readdirSync(to).filter((name) => name.endsWith('.hfs'))

  it('H2 holds every batch of a system that goes on, byte for byte, in files that follow each other', async () => {
    await using system = await start(data)
    await using shipping = await ship({ data, to, fileBytes: 500 })
    for (let by = 1; by <= 30; by++) {
      await add(system, by, by)
      if (by % 4 === 0) await shipping.catchUp()
    }
    const { lagRecords, position } = await shipping.catchUp()
    const all = await recordsOf(data)
    expect([lagRecords, position]).toEqual([0, all.length])
    const shipped = files().flatMap((name) => {
      const file = new SegmentFile(join(to, name))
      const batches = Array.from({ length: file.header.count }, (_, i) => Buffer.from(file.batch(i).bytes))
      file.close()
      return batches
    })
    expect(files().length).toBeGreaterThan(5)
    expect(shipped).toEqual(await batchesOf(data))
  })

  it('is restored to any position or moment, and goes on from there', async () => {
    await recorded(1, 40)
    await shipAll({ fileBytes: 300 })
    const all = await recordsOf(data)
    const at = Math.floor(all.length / 2)
    const { position, store, origin } = await restore({ from: to, to: home.dir('half'), at })
    expect(await recordsOf(home.dir('half'))).toEqual(all.slice(0, position))
    expect(store).not.toBe(origin)
    const moment = new Date(Number(all[at]!['timeMs']))
    await restore({ from: to, to: home.dir('then'), time: moment })
    const until = all.filter(({ timeMs }) => Number(timeMs) <= moment.getTime())
    expect(await recordsOf(home.dir('then'))).toEqual(until)
    await restore({ from: to, to: home.dir('all') })
    expect(await verified(home.dir('all'))).toMatchObject({ ok: true })
    await using system = await start(home.dir('all'))
    await using before = await start(data)
    expect(await total(system)).toBe(await total(before))
  })

  it('goes on where it ends, also when what it was shipping was killed, and changes no file that is there', async () => {
    await recorded(1, 10)
    await shipAll()
    const [first = ''] = files()
    const bytes = readFileSync(join(to, first))
    writeFileSync(join(to, `${first}.123.new`), 'half a file')
    writeFileSync(join(to, 'shipper.json'), JSON.stringify({ pid: 1, boot: 'before' }))
    await recorded(11, 20)
    const { position } = await shipAll()
    expect(position).toBe((await recordsOf(data)).length)
    expect(readFileSync(join(to, first))).toEqual(bytes)
    expect(readdirSync(to).filter((name) => name.endsWith('.new') || name === 'shipper.json')).toEqual([])
    await restore({ from: to, to: home.dir('all') })
    expect(await recordsOf(home.dir('all'))).toEqual(await recordsOf(data))
  })

  it('looks at the log every so often, and says how far behind it is', async () => {
    const authorities = new VirtualAuthorities()
    await recorded(1, 5)
    const heard: ShipProgress[] = []
    const options = { everyMs: 1_000, authorities, onShipped: (each: ShipProgress) => heard.push(each) }
    await using shipping = await ship({ data, to, ...options })
    const end = (await recordsOf(data)).length
    expect(shipping.progress).toMatchObject({ position: 0, lagRecords: end })
    await authorities.advance(999)
    expect(heard).toEqual([])
    await authorities.advance(1)
    while (heard.length === 0) await authorities.settle()
    expect(heard).toEqual([{ position: end, lagRecords: 0, lagMs: 0 }])
  })

  it('of an encrypted store is sealed, and restored with its keys', async () => {
    const keys = new KeyRing([randomBytes(32)])
    await recorded(1, 5, keys)
    await shipAll()
    await recorded(6, 10, keys)
    await shipAll()
    for (const name of readdirSync(to))
      expect(readFileSync(join(to, name)).includes('counter'), name).toBe(false)
    await restore({ from: to, to: home.dir('all'), keys })
    expect(await recordsOf(home.dir('all'), keys)).toEqual(await recordsOf(data, keys))
    const other = new KeyRing([randomBytes(32)])
    for (const wrong of [undefined, other])
      await expect(restore({ from: to, to: home.dir('no'), keys: wrong })).rejects.toMatchObject({
        code: 'HF_KEY',
      })
  })

  it('takes no other log, and no other history of the same', async () => {
    await recorded()
    await backup({ data, to: home.dir('backup') })
    await recorded(21, 25)
    await shipAll()
    await restore({ from: home.dir('backup'), to: home.dir('restored') })
    const other = { code: 'HF_OTHER_HISTORY', field: 'to' }
    // Another store, and one that is the same and shorter.
    for (const from of ['restored', 'backup'])
      await expect(ship({ data: home.dir(from), to })).rejects.toMatchObject(other)
    await expect(ship({ data, to }))
      .resolves.toBeDefined()
      .then(() => undefined)
  })

  it('has one shipper at a time', async () => {
    await recorded()
    await using _shipping = await ship({ data, to })
    await expect(ship({ data, to })).rejects.toMatchObject({ code: 'HF_STORE_IN_USE' })
  })

  it('with a gap is restored up to it, and not beyond', async () => {
    await recorded(1, 30)
    await shipAll({ fileBytes: 300 })
    const [, , , gone = ''] = files()
    rmSync(join(to, gone))
    const refused = restore({ from: to, to: home.dir('all') })
    await expect(refused).rejects.toMatchObject({
      code: 'HF_FILE_DAMAGED',
      message: expect.stringContaining(`positions ${Number(gone.slice(0, 16))} to`) as string,
    })
    expect(existsSync(home.dir('all'))).toBe(false)
    const at = Number(gone.slice(0, 16)) - 1
    expect(await restore({ from: to, to: home.dir('before'), at })).toMatchObject({ position: at })
  })

  it('with a file that was changed, or is of another log, is not restored', async () => {
    await recorded(1, 30)
    await shipAll({ fileBytes: 300 })
    const [, second = ''] = files()
    const bytes = readFileSync(join(to, second))
    for (const at of [10, 50, 200, bytes.byteLength - 30]) {
      const changed = Buffer.from(bytes)
      changed[at] = changed[at]! ^ 4
      writeFileSync(join(to, second), changed)
      const code = expect.stringMatching(/^HF_(STORE|FILE)_DAMAGED$/) as string
      await expect(restore({ from: to, to: home.dir('all') })).rejects.toMatchObject({ code })
    }
    expect(existsSync(home.dir('all'))).toBe(false)
  })

  it.each([
    ['everyMs', { everyMs: 0 }],
    ['everyMs', { everyMs: 3_600_001 }],
    ['fileBytes', { fileBytes: 0 }],
    ['to', { to: '' }],
  ])('is refused with its field: %s', async (field, options) => {
    await recorded(1, 2)
    await expect(ship({ data, to, ...options })).rejects.toMatchObject({ code: 'HF_INVALID', field })
  })
})
