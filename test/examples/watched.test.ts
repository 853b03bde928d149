import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import described, { hearStalls, pricing, watched } from './watched.js'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-watched-'))
})

afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

it('a system that is watched handles its messages, tells of a stall that was, and stops with its watchdog', async () => {
  const lines: string[] = []
  const threads = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
  const before = threads()
  const system = await watched(join(home, 'data'))
  hearStalls(system, (line) => lines.push(line))
  expect(await system.ref(pricing, '/pricing').ask('price', { cents: 100 })).toBe(119)
  // What else the machine has to do may take longer than a watchdog likes, here in the test itself.
  const until = performance.now() + 1_500
  const told = new Promise<void>((resolve) => {
    system.on('loop-stalled', () => {
      resolve()
    })
  })
  while (performance.now() < until);
  await told
  await system.stop()
  expect(lines.at(-1)).toMatch(/^The loop stood still for [\d.]+ ms outside of any actor\.$/)
  expect(threads()).toBe(before)
})

it('a swarm file says the same', () => {
  expect(described.watchdog).toEqual({ stallMs: 500, endAfterMs: 10_000 })
})
