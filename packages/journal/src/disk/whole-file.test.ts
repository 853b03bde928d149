import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../log.fixture.js'
import { nameWhole, putNew, putWhole } from './whole-file.js'

describe('a file that is written whole', () => {
  let dir: string
  let file: string

  beforeEach(() => {
    dir = temporaryDirectory()
    file = join(dir, 'one.json')
  })

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true })
  })

  it('is put in the place of another one, belongs to its owner alone, and leaves nothing beside it', () => {
    writeFileSync(file, 'what was there', { mode: 0o644 })
    putWhole(file, 'a text', { field: 'to' })
    expect([readFileSync(file, 'utf8'), readdirSync(dir)]).toEqual(['a text', ['one.json']])
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('holds bytes of any length', () => {
    const bytes = Buffer.alloc(3_000_000, 'held fast')
    putWhole(file, bytes, { field: 'to', made: dir })
    expect(Buffer.compare(readFileSync(file), bytes)).toBe(0)
  })

  it.each([undefined, true])('is new only where there is none (mayRename: %s)', (mayRename) => {
    expect(putNew(file, 'first', { field: 'to', mayRename })).toBe(true)
    expect(putNew(file, 'second', { field: 'to', mayRename })).toBe(false)
    expect([readFileSync(file, 'utf8'), readdirSync(dir)]).toEqual(['first', ['one.json']])
  })

  it.each([
    ['putWhole', () => putWhole(join(dir, 'none', 'one'), 'text', { field: 'to' })],
    ['putNew', () => putNew(join(dir, 'none', 'one'), 'text', { field: 'to' })],
    ['nameWhole', () => nameWhole(join(dir, 'none', 'draft'), join(dir, 'none', 'one'), { field: 'to' })],
  ])('that cannot be made is told with its path, what the system said, and the option (%s)', (_, put) => {
    expect(put).toThrow(
      expect.objectContaining({
        code: 'HF_STORE_UNWRITABLE',
        field: 'to',
        message: expect.stringMatching(/none.one cannot be written: ENOENT/) as unknown,
        cause: expect.objectContaining({ code: 'ENOENT' }) as unknown,
      }) as Error,
    )
    expect(readdirSync(dir)).toEqual([])
  })

  it('whose name is that of a folder leaves the folder, and no draft', () => {
    mkdirSync(join(file, 'inner'), { recursive: true })
    expect(() => putWhole(file, 'text', { field: 'to' })).toThrow(/one.json cannot be written/)
    expect(putNew(file, 'text', { field: 'to' })).toBe(false)
    expect(readdirSync(dir)).toEqual(['one.json'])
  })
})
