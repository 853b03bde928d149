import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSafe, safe } from './encrypted.js'

describe('the guide to encryption', () => {
  let home: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'holdfast-encrypted-'))
  })

  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  it('S-27 opens a system whose files say nothing, and is refused with another key', async () => {
    const data = join(home, 'data')
    const [key, other] = [join(home, 'key'), join(home, 'other')]
    writeFileSync(key, 'ab'.repeat(32), { mode: 0o600 })
    writeFileSync(other, 'cd'.repeat(32), { mode: 0o600 })
    for (const count of [1, 2]) {
      await using system = await openSafe(data, key)
      expect(await system.ref(safe, '/safe').ask('put', 'the family silver')).toBe(count)
    }
    for (const name of readdirSync(data))
      expect(readFileSync(join(data, name)).includes('silver'), name).toBe(false)
    await expect(openSafe(data, other)).rejects.toMatchObject({ code: 'HF_KEY', field: 'keys' })
  })
})
