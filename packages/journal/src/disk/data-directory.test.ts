import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LmdbStore } from './lmdb-store.js'

describe('a data directory', () => {
  let home: string
  let dir: string
  let mask: number

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'holdfast-rights-'))
    dir = join(home, 'a', 'data')
    mask = process.umask(0)
  })

  afterEach(() => {
    process.umask(mask)
    rmSync(home, { recursive: true, force: true })
  })

  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

  it("S-31 and everything in it is its owner's alone, whatever the umask is", async () => {
    const store = new LmdbStore({ dir })
    store.pin({ id: 1, correlation: 'c', from: 1, to: 2, actors: [] })
    await store.close()
    expect([modeOf(join(home, 'a')), modeOf(dir), modeOf(join(dir, 'pins'))]).toEqual(['700', '700', '700'])
    const names = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
    expect(names).toHaveLength(4)
    for (const { parentPath, name } of names) expect(modeOf(join(parentPath, name)), name).toBe('600')
  })

  it.each(['log.mdb', 'log.mdb-lock', 'last-use.json', 'pins'])(
    'S-31 is refused when %s is a link',
    async (name) => {
      await new LmdbStore({ dir }).close()
      mkdirSync(join(dir, 'pins'), { recursive: true })
      renameSync(join(dir, name), join(home, 'elsewhere'))
      symlinkSync(join(home, 'elsewhere'), join(dir, name))
      for (const readOnly of [true, false])
        expect(() => new LmdbStore({ dir, readOnly })).toThrow(
          expect.objectContaining({ code: 'HF_STORE_UNWRITABLE', field: 'data' }),
        )
    },
  )

  it('may be a link itself', async () => {
    await new LmdbStore({ dir }).close()
    symlinkSync(dir, join(home, 'link'))
    const store = new LmdbStore({ dir: join(home, 'link') })
    expect(store.epoch).toBe(2)
    await store.close()
  })
})
