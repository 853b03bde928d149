import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StallEnd } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { forgetStallEnd, lastStallEnd, writeStallEnd } from './stall-file.js'

const end: StallEnd = {
  inHand: { actor: '/root/busy', actorId: 2, type: 'spin', position: 17, correlation: 12, attempt: 1 },
  stalledMs: 2_010,
  endAfterMs: 2_000,
  stack: '    at spin',
  epoch: 3,
  atMs: 1_767_225_600_000,
}
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-stall-'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

describe('the report of an end', () => {
  it('is read as it was written, by nobody but its owner, and leaves no draft', async () => {
    await writeStallEnd(dir, end)
    expect(lastStallEnd(dir)).toEqual(end)
    expect(readdirSync(dir)).toEqual(['stall.json'])
    if (process.platform !== 'win32') expect(statSync(join(dir, 'stall.json')).mode & 0o777).toBe(0o600)
  })

  it('is not there when there was none, and after it has served', async () => {
    expect(lastStallEnd(dir)).toBeUndefined()
    expect(lastStallEnd(join(dir, 'nowhere'))).toBeUndefined()
    await writeStallEnd(dir, end)
    forgetStallEnd(dir)
    forgetStallEnd(dir)
    expect(lastStallEnd(dir)).toBeUndefined()
  })

  it('of a stall outside of any actor is read too', async () => {
    await writeStallEnd(dir, { ...end, inHand: null })
    expect(lastStallEnd(dir)?.inHand).toBeNull()
  })

  it.each([
    ['empty', () => ''],
    ['cut short', (text: string) => text.slice(0, -20)],
    ['of another schema', (text: string) => text.replace('stall/1', 'stall/9')],
    ['without a number', (text: string) => text.replace('"epoch": 3', '"epoch": "3"')],
    ['without a position', (text: string) => text.replace('"position": 17', '"position": null')],
    ['no object', () => 'null'],
    ['longer than any report', (text: string) => text.replace('    at spin', 'x'.repeat(100_000))],
  ])('is none when it is %s', async (_what, change) => {
    await writeStallEnd(dir, end)
    const file = join(dir, 'stall.json')
    const changed = change(readFileSync(file, 'utf8'))
    writeFileSync(file, changed)
    expect(lastStallEnd(dir)).toBeUndefined()
  })
})
