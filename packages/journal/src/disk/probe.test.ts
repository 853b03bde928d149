import {
  copyFileSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { journalOn, stored, tell, temporaryDirectory } from '../log.fixture.js'
import { LOG_FILE } from './data-directory.js'
import { isInGoodHands } from './last-use.js'
import { LmdbStore } from './lmdb-store.js'
import { metaPagesOf } from './meta-pages.js'

describe('a store that is opened', () => {
  let dir: string
  let file: string

  beforeEach(async () => {
    dir = temporaryDirectory()
    file = join(dir, LOG_FILE)
    const journal = journalOn(new LmdbStore({ dir }))
    for (let i = 0; i < 200; i++) {
      tell(journal, { to: i, payload: Buffer.alloc(i * 50, i) })
      journal.saveSnapshot(i, 1, 1, Buffer.alloc(i * 10, i))
      if (i % 5 === 0) await stored(journal)
    }
    await stored(journal)
    await journal.close()
  })

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true })
  })

  const transaction = (): number => metaPagesOf(readFileSync(file))!.transaction
  const isTrusted = (): boolean => isInGoodHands(dir, file, transaction())

  it('is trusted when it was left in order, and while a living writer has it open', async () => {
    expect(metaPagesOf(readFileSync(file))!.needs).toBeLessThanOrEqual(statSync(file).size)
    expect(isTrusted()).toBe(true)
    const store = new LmdbStore({ dir })
    expect(isTrusted()).toBe(true)
    await store.close()
    expect(isTrusted()).toBe(true)
  })

  it('is gone through first when its writer is gone without a word, and when it is another file by its time or transaction', async () => {
    const store = new LmdbStore({ dir })
    const use = join(dir, 'last-use.json')
    const writer = JSON.parse(readFileSync(use, 'utf8')) as { writer: { boot: string } }
    await store.close()
    const left = readFileSync(use)
    writeFileSync(use, JSON.stringify({ writer: { ...writer.writer, boot: 'another' } }))
    expect(isTrusted()).toBe(false)
    writeFileSync(use, left)
    expect(isInGoodHands(dir, file, transaction() - 1)).toBe(false)
    utimesSync(file, 1, 1)
    expect(isTrusted()).toBe(false)
    const healthy = new LmdbStore({ dir })
    expect([...healthy.firsts(1)].length).toBeGreaterThan(10)
    await healthy.close()
    rmSync(use)
    expect(isTrusted()).toBe(false)
  })

  it.each([true, false])(
    'is refused when it was cut off, before anybody maps it (readOnly %s)',
    (readOnly) => {
      truncateSync(file, statSync(file).size - 8_192)
      const before = readFileSync(file)
      const cut = { code: 'HF_STORE_DAMAGED', message: expect.stringContaining('cut off') as string }
      expect(() => new LmdbStore({ dir, readOnly })).toThrow(expect.objectContaining(cut))
      expect(Buffer.compare(readFileSync(file), before)).toBe(0)
    },
  )

  it('is opened, or refused by name, whichever page holds nonsense: this process goes on', async () => {
    const whole = join(dir, 'whole')
    copyFileSync(file, whole)
    const pages = statSync(file).size / 4_096
    let refused = 0
    for (let page = 2; page < pages; page += Math.ceil(pages / 12)) {
      const bytes = readFileSync(whole)
      bytes.fill(0x5a, page * 4_096, page * 4_096 + 4_096)
      writeFileSync(file, bytes)
      try {
        await new LmdbStore({ dir, readOnly: true }).close()
      } catch (error) {
        expect(error).toMatchObject({ code: 'HF_STORE_DAMAGED' })
        refused++
      }
    }
    expect(refused).toBeGreaterThan(0)
  })
})
