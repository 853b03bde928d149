// F-17: a million events and no snapshot. They are read again in a heap that could not hold them, and somebody who waits
// hears how far it is. The short form has two hundred thousand; HOLDFAST_EVENTS says how many.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Program } from './process.js'

const EVENTS = Number(process.env['HOLDFAST_EVENTS'] ?? 200_000)

/** Megabytes of heap: a million objects of any kind do not fit. */
const HEAP_MB = 64

describe('F-17 a log of many events without a snapshot', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-long-'))

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true })
  })

  it(
    `is recovered from ${EVENTS} events in a small heap, and says how far it is`,
    { timeout: 600_000 },
    async () => {
      // The room for young objects comes on top, and is larger in some versions of Node than all the rest here.
      const limits = `--max-old-space-size=${HEAP_MB} --max-semi-space-size=${HEAP_MB / 8}`
      const env = { ...process.env, NODE_OPTIONS: limits }
      const run = async (count: number): Promise<string[]> => {
        const program = new Program('long-log', [dir, String(count)], { env })
        const { signal, complaints } = await program.ended()
        expect([signal, complaints]).toEqual(['SIGKILL', ''])
        return program.rest()
      }
      await run(EVENTS)
      const lines = await run(0)
      const read = lines.filter((line) => line.startsWith('read')).map((line) => line.split(' ').map(Number))
      const positions = read.map(([, position = 0]) => position)
      expect(positions.length).toBeGreaterThan(0)
      expect(positions).toEqual([...positions].sort((a, b) => a - b))
      // A message and its turn each, and the start of the system.
      for (const [, position = 0, end = 0] of read)
        expect([end, position <= end]).toEqual([2 * EVENTS + 3, true])
      const [, counted, , heapMb] = lines.at(-2)!.split(' ').map(Number)
      expect(counted).toBe(EVENTS)
      expect(heapMb).toBeLessThan(2 * HEAP_MB)
    },
  )
})
