import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LmdbStore, openJournal, verifyStore } from '@holdfast/journal'
import { machineAuthorities, System, type LogRecord } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Program } from './process.js'
import { CUT, type receiver, root, STEPS, type Step } from './programs/spreading.js'

const STORED: readonly Step[] = ['behind the commit', 'behind the acknowledgement']

describe('J-4 a process that is killed in the middle of a turn that tells three messages', () => {
  let dir: string

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'holdfast-crash-'))
  })

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true })
  })

  it.each(STEPS)(
    '%s: all of the turn is there or nothing, and after recovery it has happened once or never',
    async (step) => {
      const program = new Program('spreading', [dir, step])
      const { signal, complaints } = await program.ended()
      expect([signal, complaints]).toEqual(['SIGKILL', ''])
      const acked = (await program.rest()).length
      expect(acked).toBe(step === 'behind the acknowledgement' ? CUT : CUT - 1)

      const told = await toldByTurn(dir)
      for (const messages of told.values()) expect(messages).toHaveLength(3)
      if (step !== 'during the commit') expect(told.has(CUT)).toBe(STORED.includes(step))
      for (let n = 1; n <= acked; n++) expect(told.has(n), `turn ${n} was acknowledged`).toBe(true)

      // What was stored as a message runs now; what was not stored was never asked.
      const expected = await recovered(dir)
      expect(expected.length).toBeGreaterThanOrEqual(told.size)
      expect(expected).toEqual(Array.from({ length: expected.length }, (_, i) => i + 1))
    },
  )

  /** The numbers that the stored turns of the spreader told, by the number that they were asked with. */
  async function toldByTurn(dir: string): Promise<Map<number, number[]>> {
    const store = new LmdbStore({ dir, readOnly: true })
    expect(verifyStore(store)).toMatchObject({ ok: true, findings: [] })
    await store.close()
    const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
    const records: LogRecord[] = [...journal.read(1)]
    const told = new Map<number, number[]>()
    for (const record of records) {
      if (record.kind !== 'turn' || record.told === 0) continue
      const before = records.slice(record.position - 1 - record.told, record.position - 1)
      const numbers = before.map((each) => (each.kind === 'message' ? (each.payload() as number) : 0))
      const asked = journal.messageAt(record.message)?.payload() as number
      expect(numbers).toEqual([asked, asked, asked])
      told.set(asked, numbers)
    }
    const heard = records.filter((record) => record.kind === 'message' && record.type === 'got')
    expect(heard).toHaveLength(3 * told.size)
    await journal.close()
    return told
  }

  /** What the three receivers got, which must be the same, once the system has recovered and settled. */
  async function recovered(dir: string): Promise<number[]> {
    const log = openJournal({ dir, authorities: machineAuthorities() })
    const system = await System.start({ name: 'spreading', root, log, authorities: machineAuthorities() })
    await system.flushed()
    await system.flushed()
    const got = ['a', 'b', 'c'].map((name) => {
      return (system.inspect(`/root/${name}`).state as ReturnType<NonNullable<typeof receiver.spec.state>>)
        .got
    })
    await system.stop()
    expect(got[1]).toEqual(got[0])
    expect(got[2]).toEqual(got[0])
    return got[0] ?? []
  }
})
