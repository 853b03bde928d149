import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

let dir: string
const before = process.cwd()

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-bank-'))
  process.chdir(dir)
})

afterEach(() => {
  process.chdir(before)
  rmSync(dir, { recursive: true, force: true })
})

it('the example of the front page says 3, and 6 when it is run again on the same data', async () => {
  const said: unknown[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line) => said.push(line))
  await import('./bank.js')
  vi.resetModules()
  await import('./bank.js')
  log.mockRestore()
  expect(said).toEqual([3, 6])
})
