import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Journal, LmdbStore, openJournal, verifyStore } from '@holdfast/journal'
import { machineAuthorities } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AS_NOBODY, whyNotNobody } from './nobody.js'
import { Program } from './process.js'

const MAP_BYTES = 1_048_576

describe('J-34 two processes on one data directory', () => {
  let dir: string
  let programs: Program[]

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'holdfast-two-'))
    programs = []
  })

  afterEach(async () => {
    for (const program of programs) await program.kill()
    rmSync(dir, { recursive: true, force: true })
  })

  function start(...args: readonly string[]): Program {
    const program = new Program('writer', [dir, ...args])
    programs.push(program)
    return program
  }

  async function told(program: Program, line: string, answer: string): Promise<number> {
    program.say(line)
    return Number((await program.until(answer)).split(' ')[1])
  }

  it('F-12 the second writer is refused while the first lives, also while it is stopped, and let in after kill -9', async () => {
    const first = start()
    await first.until('ready')
    await told(first, 'tell 5', 'told')
    const durable = await told(first, 'store', 'stored')
    await told(first, 'tell 7', 'told')
    const open = (): Journal => openJournal({ dir, authorities: machineAuthorities() })
    const inUse = {
      code: 'HF_STORE_IN_USE',
      message: expect.stringContaining(`process ${first.pid} `) as string,
    }
    expect(open).toThrow(expect.objectContaining(inUse))
    first.signal('SIGSTOP')
    expect(open).toThrow(expect.objectContaining(inUse))
    first.signal('SIGCONT')
    // It did not notice: it goes on writing.
    expect(await told(first, 'tell 1', 'told')).toBe(durable + 8)
    await first.kill()
    const second = open()
    expect([second.epoch, second.next]).toEqual([2, durable])
    await second.close()
  })

  it('of two that start at the same time one is let in and the other refused, every time', async () => {
    for (let epoch = 1; epoch <= 2; epoch++) {
      const both = [start(), start()]
      const answers = await Promise.all(both.map((program) => program.line()))
      expect(answers.sort()).toEqual([`ready ${epoch}`, 'refused HF_STORE_IN_USE'])
      for (const program of both) await program.kill()
    }
  })

  it('a writer in another container is told from a dead one, although its pid says nothing here', async (test) => {
    const container = ['unshare', '--pid', '--fork', '--kill-child']
    const { status } = spawnSync('unshare', [...container.slice(1), 'true'])
    test.skip(status !== 0, 'a pid namespace of its own needs Linux and root')
    const program = new Program('writer', [dir], {}, container)
    programs.push(program)
    await program.until('ready 1')
    expect(() => openJournal({ dir, authorities: machineAuthorities() })).toThrow(
      expect.objectContaining({ code: 'HF_STORE_IN_USE' }),
    )
    await program.kill()
    const next = openJournal({ dir, authorities: machineAuthorities() })
    expect(next.epoch).toBe(2)
    await next.close()
  })

  it('a writer that has closed in order leaves the directory to the next one at once', async () => {
    const first = start()
    await first.until('ready 1')
    first.say('close')
    await first.until('closed')
    const second = start()
    await second.until('ready 2')
  })

  it('a reader sees what is committed, never what is only told, and goes on when the writer’s map grows', async () => {
    const writer = start(String(MAP_BYTES))
    await writer.until('ready')
    await told(writer, 'tell 3', 'told')
    const stored = await told(writer, 'store', 'stored')
    const reader = new LmdbStore({ dir, readOnly: true, mapBytes: MAP_BYTES })
    const seen = (): number => {
      const { ok, next } = verifyStore(reader)
      expect(ok).toBe(true)
      return next
    }
    expect(seen()).toBe(stored)
    await told(writer, 'tell 50', 'told')
    expect(seen()).toBe(stored)
    const later = await told(writer, 'store', 'stored')
    expect([later, seen()]).toEqual([stored + 50, later])
    for (let i = 0; i < 6; i++) {
      await told(writer, 'tell 100', 'told')
      expect(seen()).toBe(later + i * 100)
      expect(await told(writer, 'store', 'stored')).toBe(later + (i + 1) * 100)
      expect(seen()).toBe(later + (i + 1) * 100)
    }
    expect(reader.size()).toBeGreaterThan(4 * MAP_BYTES)
    await writer.kill()
    expect(seen()).toBe(later + 600)
    await reader.close()
  })

  it('a journal that only reads shows one log, the one it was opened on, while another process writes', async () => {
    const writer = start()
    await writer.until('ready')
    await told(writer, 'tell 3', 'told')
    await told(writer, 'store', 'stored')
    const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
    const positions = (): number[] => [...journal.read(1)].map(({ position }) => position)
    expect(positions()).toEqual([1, 2, 3])
    const reading = journal.read(1)
    reading.next()
    await told(writer, 'tell 300', 'told')
    await told(writer, 'store', 'stored')
    expect([...reading].map(({ position }) => position)).toEqual([2, 3])
    expect(positions()).toEqual([1, 2, 3])
    expect(journal.query({ actor: 1 })).toMatchObject({ highest: 3 })
    await journal.close()
    const again = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
    expect(again.next).toBe(304)
    await again.close()
  })

  it('a directory that this user may not write is refused by name', async (test) => {
    const isRoot = process.getuid?.() === 0
    const why = whyNotNobody()
    test.skip(isRoot && why !== undefined, `root may write anywhere, and ${why}`)
    const nobody = isRoot ? AS_NOBODY : {}
    chmodSync(dir, 0o555)
    const program = new Program('writer', [dir], nobody)
    programs.push(program)
    expect(await program.line()).toBe('refused HF_STORE_UNWRITABLE')
    const below = new Program('writer', [join(dir, 'below')], nobody)
    programs.push(below)
    expect(await below.line()).toBe('refused HF_STORE_UNWRITABLE')
    chmodSync(dir, 0o755)
  })
})
