import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machineAuthorities } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Journal } from './journal.js'
import { MemoryStore } from './memory-store.js'
import { openJournal } from './open-journal.js'
import type { Pin } from './pins.js'

const ACTOR = 7

function pinOf(id: number, from: number, snapshots: readonly number[] = []): Pin {
  return {
    id,
    correlation: `incident-${id}`,
    from,
    to: 9,
    actors: [{ id: ACTOR, path: '/a', from, snapshots }],
  }
}

async function filled(journal: Journal): Promise<void> {
  for (let i = 0; i < 9; i++) {
    journal.mark()
    journal.record('restarted', ACTOR, 0, 0, { incarnation: i, fresh: false })
    journal.keep()
    if (i % 2 === 1) journal.saveSnapshot(ACTOR, 1, i, { i })
    if (i % 2 === 1) await flushed(journal)
  }
  await flushed(journal)
}

async function flushed(journal: Journal): Promise<void> {
  journal.flush()
  while (journal.durable < journal.next) await new Promise((resolve) => setImmediate(resolve))
}

describe('a pin', () => {
  let journal: Journal

  beforeEach(async () => {
    journal = new Journal(new MemoryStore(), machineAuthorities())
    await filled(journal)
  })

  it('keeps the records of its actor from its position on, and no others', async () => {
    journal.pins.add(pinOf(3, 4))
    expect(await journal.deleteUpTo(ACTOR, 8)).toBe(3)
    expect(await journal.deleteUpTo(ACTOR + 1, 8)).toBe(8)
  })

  it('keeps them until it is taken away', async () => {
    journal.pins.add(pinOf(3, 4))
    expect(journal.pins.remove(3)).toBe(true)
    expect(journal.pins.remove(3)).toBe(false)
    expect(await journal.deleteUpTo(ACTOR, 8)).toBe(8)
  })

  it('never brings back what was deleted before it came', async () => {
    await journal.deleteUpTo(ACTOR, 6)
    journal.pins.add(pinOf(3, 4))
    expect(await journal.deleteUpTo(ACTOR, 8)).toBe(6)
  })

  it('keeps its snapshots, and lets those beside them go', async () => {
    const [old, young] = [journal.snapshot(ACTOR, 7)!.position, journal.snapshot(ACTOR)!.position]
    journal.pins.add(pinOf(3, 4, [old]))
    expect(await journal.deleteSnapshots(ACTOR, 0, Infinity)).toBe(1)
    expect(old).not.toBe(young)
    expect(journal.snapshot(ACTOR)?.position).toBe(old)
  })

  it('keeps its snapshots also when newer ones are taken', async () => {
    const { position } = journal.snapshot(ACTOR, 7)!
    journal.pins.add(pinOf(3, 4, [position]))
    await filled(journal)
    expect(journal.snapshot(ACTOR, position)?.position).toBe(position)
    expect(journal.snapshot(ACTOR, journal.snapshot(ACTOR, 9)!.position)?.position).toBe(position)
  })
})

describe('the pins of a data directory', () => {
  let dir: string

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'holdfast-pins-'))
  })

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true })
  })

  it('are left by a reader, and seen by the writer at once', async () => {
    const authorities = machineAuthorities()
    const journal = openJournal({ dir, authorities })
    await filled(journal)
    const reader = openJournal({ dir, authorities, readOnly: true })
    reader.pins.add(pinOf(3, 4))
    await reader.close()
    expect(await journal.deleteUpTo(ACTOR, 8)).toBe(3)
    expect(journal.pins.list()).toEqual([pinOf(3, 4)])
    expect(readdirSync(join(dir, 'pins'))).toEqual(['3.json'])
    await journal.close()
  })

  it('I-12 of which any bit is another cannot be read', async () => {
    const journal = openJournal({ dir, authorities: machineAuthorities() })
    journal.pins.add(pinOf(3, 4, [5, 6]))
    const file = join(dir, 'pins', '3.json')
    const whole = readFileSync(file)
    expect(journal.pins.firstKept()).toBe(4)
    const missed: string[] = []
    for (let at = 0; at < whole.byteLength; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(whole)
        changed[at]! ^= 1 << bit
        writeFileSync(file, changed)
        if (journal.pins.list().length > 0) missed.push(`byte ${at}, bit ${bit}`)
      }
    }
    expect([missed, journal.pins.firstKept()]).toEqual([[], 1])
    await journal.close()
  })

  it('from before they had a checksum are read as they are', async () => {
    const journal = openJournal({ dir, authorities: machineAuthorities() })
    mkdirSync(join(dir, 'pins'))
    const file = join(dir, 'pins', '3.json')
    writeFileSync(file, `${JSON.stringify(pinOf(3, 4), null, 2)}\n`)
    expect(journal.pins.list()).toEqual([pinOf(3, 4)])
    writeFileSync(file, `${JSON.stringify({ ...pinOf(3, 4), chequesum: '01234567' }, null, 2)}\n`)
    expect([journal.pins.list(), journal.pins.firstKept()]).toEqual([[], 1])
    await journal.close()
  })

  it('that cannot be read keep everything', async () => {
    const journal = openJournal({ dir, authorities: machineAuthorities() })
    await filled(journal)
    mkdirSync(join(dir, 'pins'))
    writeFileSync(join(dir, 'pins', '3.json'), '{"id": 3')
    expect(journal.pins.list()).toEqual([])
    expect(await journal.deleteUpTo(ACTOR, 8)).toBe(0)
    expect(await journal.deleteSnapshots(ACTOR, 0, Infinity)).toBe(0)
    await journal.close()
  })
})
