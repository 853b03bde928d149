import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bounded, heldFor, ledger, letGo, watchLog } from './bounded.js'

describe('the guide to logs that stay small', () => {
  let home: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'holdfast-bounded-'))
  })

  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  it('runs a system that wants a part of its log, and keeps all that is wanted', async () => {
    const lines: string[] = []
    for (const sum of [5, 10]) {
      await using system = await bounded(join(home, 'data'))
      watchLog(system, (line) => lines.push(line))
      expect(await system.ref(ledger, '/ledger').ask('book', 5)).toBe(sum)
    }
    expect(lines).toEqual([])
  })

  it('holds the log of a running system for a court, and lets it go', async () => {
    const data = join(home, 'data')
    await using system = await bounded(data)
    await system.ref(ledger, '/ledger').ask('book', 5)
    expect(await heldFor(data, 'case 17', '2020-01-01')).toBe(1)
    expect(await letGo(data, 'case 17')).toBe(true)
    expect(await letGo(data, 'case 17')).toBe(false)
  })
})
