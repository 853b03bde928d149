// A log of which only some records came along: they stand where they stood, and what is read between them is nothing.

import { machineAuthorities, type LogRecord } from '@holdfast/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headerOf, isBlank } from '../../batch-format.js'
import { Journal } from '../../journal.js'
import { MemoryStore } from '../../memory-store.js'
import { verifyStore } from '../../verify.js'
import { SparseLog } from './sparse-log.js'

function messageAt(position: number, timeMs: number): LogRecord {
  const head = { position, timeMs, actor: (position % 5) + 1, correlation: position, cause: 0 }
  const rest = { sender: 0, type: 'note', version: 1, correlationName: undefined, ask: undefined }
  const more = { outside: false, timer: undefined, notice: false, bytes: 0, isStoredAs: () => false }
  return { kind: 'message', ...head, ...rest, ...more, payload: () => ({ position }) }
}

async function written(positions: readonly number[], end: number): Promise<MemoryStore> {
  const store = new MemoryStore()
  const log = new SparseLog(store)
  for (const position of positions) await log.add(messageAt(position, 1_000 + Math.floor(position / 10)), 20)
  await log.end(end, 1_000 + Math.floor(end / 10), [])
  return store
}

describe('a sparse log', () => {
  it('SL1 SL2 has its records where they were, and nothing between them, and is sound', async () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 0, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(some, fc.nat(2 ** 33), async (unordered, beyond) => {
        const positions = unordered.sort((a, b) => a - b)
        const end = (positions.at(-1) ?? 1) + beyond
        const store = await written(positions, end)
        const journal = new Journal(store, machineAuthorities())
        expect([journal.next, journal.floor]).toEqual([end + 1, positions[0] ?? end])
        const read = [...journal.read(1)]
        expect(read.map(({ position, timeMs }) => [position, timeMs])).toEqual(
          positions.map((position) => [position, 1_000 + Math.floor(position / 10)]),
        )
        for (const position of positions) {
          expect(journal.messageAt(position)?.payload()).toEqual({ position })
          if (!positions.includes(position + 1)) expect(journal.at(position + 1)).toBeUndefined()
        }
        expect([...journal.readActor(1, 1)].map(({ position }) => position)).toEqual(
          positions.filter((position) => position % 5 === 0),
        )
        const report = verifyStore(store)
        expect(report).toMatchObject({ ok: true, records: positions.length, next: end + 1 })
      }),
      { numRuns: 60 },
    )
  })

  it('takes no more room for a gap that is long', async () => {
    const [short, long] = [await written([5], 7), await written([5], 2 ** 31)]
    expect(long.size()).toBe(short.size())
    const blank = headerOf(long.last()!.bytes)!
    expect([isBlank(blank), blank.first, blank.count]).toEqual([true, 6, 2 ** 31 - 5])
  })
})
