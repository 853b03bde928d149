import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { machineAuthorities } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Journal } from '../journal.js'
import { fill, sketches } from '../log.fixture.js'
import { place } from '../moving.fixture.js'
import { PINS_FOLDER } from './data-directory.js'
import { holdLog, holdsOf, releaseLog } from './hold-log.js'
import { LmdbStore } from './lmdb-store.js'

const SMALL = { tailBytes: 0, segmentBytes: 3_000 }

describe('a log that is held', () => {
  let home: ReturnType<typeof place>
  let data: string

  beforeEach(async () => {
    home = place()
    data = home.dir('data')
    const store = new LmdbStore({ dir: data, segments: SMALL })
    await fill(store, sketches(300))
    await store.close()
  })

  afterEach(() => {
    home.remove()
  })

  async function cut(): Promise<number> {
    const journal = new Journal(new LmdbStore({ dir: data, segments: SMALL }), machineAuthorities())
    const floor = await journal.cut(journal.next - 10)
    await journal.close()
    return floor
  }

  it('is not cut, whoever wants to, until it is let go', async () => {
    expect(await holdLog({ data, name: 'case 17' })).toEqual({ name: 'case 17', from: 1 })
    expect(await cut()).toBe(1)
    expect(await releaseLog({ data, name: 'case 17' })).toBe(true)
    expect(await cut()).toBeGreaterThan(1)
  })

  it('is held by each name apart, and the earlier moment of one name counts', async () => {
    await holdLog({ data, name: 'tax', since: new Date(8_640_000_000_000_000) })
    const { from } = await holdLog({ data, name: 'tax', since: '1970-01-01' })
    await holdLog({ data, name: 'tax', since: new Date(8_640_000_000_000_000) })
    await holdLog({ data, name: 'court' })
    const holds = await holdsOf({ data })
    expect([...holds].sort((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'court', from: 1 },
      { name: 'tax', from },
    ])
    await releaseLog({ data, name: 'tax' })
    expect(await cut()).toBe(1)
  })

  it.each([
    ['its checksum is wrong', (text: string) => text.replace('"from": 1,', '"from": 9,')],
    ['it is cut off', (text: string) => text.slice(0, 40)],
    ['it is empty', () => ''],
    ['it is the pin of another', (text: string) => text.replace(/"id": \d+/, '"id": 4503599627370497')],
  ])('is not held anew under a name whose hold cannot be read: %s', async (_, changed) => {
    await holdLog({ data, name: 'case 17' })
    const [name] = readdirSync(join(data, PINS_FOLDER))
    const file = join(data, PINS_FOLDER, name!)
    writeFileSync(file, changed(readFileSync(file, 'utf8')))
    const hurt = readFileSync(file, 'utf8')
    const late = holdLog({ data, name: 'case 17', since: new Date(8_640_000_000_000_000) })
    await expect(late).rejects.toMatchObject({ code: 'HF_STORE_DAMAGED', field: 'name' })
    await expect(late).rejects.toThrow('The hold "case 17" is there, and cannot be read.')
    expect([readFileSync(file, 'utf8'), await cut()]).toEqual([hurt, 1])
    expect(await holdLog({ data, name: 'case 17, again' })).toEqual({ name: 'case 17, again', from: 1 })
    expect(await releaseLog({ data, name: 'case 17' })).toBe(true)
    expect([existsSync(file), await cut()]).toEqual([false, 1])
    expect(await holdLog({ data, name: 'case 17' })).toEqual({ name: 'case 17', from: 1 })
  })

  it('keeps the records of every actor from being deleted', async () => {
    await holdLog({ data, name: 'case 17' })
    const journal = new Journal(new LmdbStore({ dir: data, segments: SMALL }), machineAuthorities())
    const [first] = [...journal.read(1)]
    expect(await journal.deleteUpTo(first!.actor, 100)).toBe(0)
    await journal.close()
  })

  it.each([
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(401) }, 'name'],
    [{ name: 'case', since: 'soon' }, 'since'],
  ])('is not held by %j', async (options, field) => {
    await expect(holdLog({ data, ...options })).rejects.toMatchObject({ code: 'HF_INVALID', field })
  })
})
