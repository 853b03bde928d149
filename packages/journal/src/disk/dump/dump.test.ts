import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { HoldfastError, machineAuthorities } from '@holdfast/kernel'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { add, keep, place, recordsOf, start, total, verified, withStore } from '../../moving.fixture.js'
import { samples } from '../../values.fixture.js'
import { Journal } from '../../journal.js'
import { KeyRing } from '../sealing/key-ring.js'
import { dump } from './dump.js'
import type { DumpForm } from './dump-file.js'
import { load } from './load.js'

const FORMS: readonly DumpForm[] = ['frames', 'lines']

describe.each(FORMS)('a dump in %s', (form) => {
  let home: ReturnType<typeof place>
  let data: string
  let file: string

  beforeEach(() => {
    home = place()
    data = home.dir('data')
    file = home.dir('file')
  })

  afterEach(() => {
    home.remove()
  })

  async function recorded(keys?: KeyRing): Promise<void> {
    await using system = await start(data, keys)
    await add(system, 1, 30)
  }

  it('is loaded as the same log at the same positions, with its snapshots and names, and goes on', async () => {
    await recorded()
    const made = await dump({ data, file, form, nowMs: 0 })
    const loaded = await load({ file, to: home.dir('loaded') })
    const all = await recordsOf(data)
    expect(await recordsOf(home.dir('loaded'))).toEqual(all)
    expect(made).toMatchObject({ position: all.length, records: all.length })
    const dumpedAt = '1970-01-01T00:00:00.000Z'
    expect(loaded).toMatchObject({ position: all.length, records: all.length, origin: made.store, dumpedAt })
    expect(loaded.store).not.toBe(made.store)
    const beside = (dir: string): Promise<unknown> =>
      withStore(dir, undefined, (store) => ({
        names: [...store.names()],
        snapshots: [1, 2, 3].flatMap((actor) => [...store.snapshots(actor, Infinity)]),
      }))
    expect(await beside(home.dir('loaded'))).toEqual(await beside(data))
    expect(made.snapshots).toBeGreaterThan(0)
    expect(await verified(home.dir('loaded'))).toMatchObject({ ok: true, store: loaded.store })
    await using system = await start(home.dir('loaded'))
    await using before = await start(data)
    expect(await total(system)).toBe(await total(before))
  })

  it('brings every value through that the log keeps', async () => {
    const values = samples().map(({ value }) => value)
    await (async () => {
      await using system = await start(data)
      await keep(system, values)
    })()
    await dump({ data, file, form })
    await load({ file, to: home.dir('loaded') })
    expect(await recordsOf(home.dir('loaded'))).toEqual(await recordsOf(data))
  })

  it('has references come back as references', async () => {
    await (async () => {
      await using system = await start(data)
      await keep(system, [{ to: system.ref('/root/counter'), all: [system.ref('/root')] }])
    })()
    await dump({ data, file, form })
    await load({ file, to: home.dir('loaded') })
    await withStore(home.dir('loaded'), undefined, (store) => {
      const journal = new Journal(store, machineAuthorities())
      journal.codec.ref = (path) => `ref to ${path}`
      const sent = [...journal.read(1)].find((record) => record.kind === 'message' && record.type === 'keep')
      const read = sent?.kind === 'message' ? sent.payload() : undefined
      expect(read).toEqual({ to: 'ref to /root/counter', all: ['ref to /root'] })
    })
  })

  it('ends with its position, and never within a turn', async () => {
    await recorded()
    const all = await recordsOf(data)
    for (const at of [5, 8, all.length - 2]) {
      const { position } = await dump({ data, file, form, at, force: true })
      await load({ file, to: home.dir(`loaded-${at}`) })
      expect(await recordsOf(home.dir(`loaded-${at}`))).toEqual(all.slice(0, position))
      expect(position).toBeLessThanOrEqual(at)
    }
  })

  it('of an encrypted store is in the open, and what is loaded can be encrypted again', async () => {
    const keys = new KeyRing([randomBytes(32)])
    await recorded(keys)
    await expect(dump({ data, file, form })).rejects.toMatchObject({ code: 'HF_KEY' })
    await dump({ data, file, form, keys })
    const others = new KeyRing([randomBytes(32)])
    await load({ file, to: home.dir('loaded'), keys: others })
    expect(await recordsOf(home.dir('loaded'), others)).toEqual(await recordsOf(data, keys))
  })

  it('is not put in the place of a file unless somebody says so', async () => {
    await recorded()
    writeFileSync(file, 'mine')
    await expect(dump({ data, file, form })).rejects.toMatchObject({ code: 'HF_FILE_EXISTS', field: 'file' })
    expect(readFileSync(file, 'utf8')).toBe('mine')
    await dump({ data, file, form, force: true })
    expect(readdirSync(dirname(file)).sort()).toEqual(['data', 'file'])
  })

  it('that was cut or changed anywhere is refused with a code, or is right, and leaves nothing', async () => {
    await (async () => {
      await using system = await start(data)
      await add(system, 1, 4)
    })()
    await dump({ data, file, form })
    const bytes = readFileSync(file)
    const changes = fc.record({ at: fc.nat(bytes.byteLength - 1), bit: fc.nat(7), cut: fc.boolean() })
    let run = 0
    const check = async ({ at, bit, cut }: { at: number; bit: number; cut: boolean }): Promise<void> => {
      const changed = cut ? bytes.subarray(0, at) : Buffer.from(bytes)
      if (!cut) changed[at] = changed[at]! ^ (1 << bit)
      const hostile = home.dir(`hostile-${run}`)
      const to = home.dir(`loaded-${run++}`)
      writeFileSync(hostile, changed)
      const error = await load({ file: hostile, to }).then(
        () => undefined,
        (failure: unknown) => failure,
      )
      if (error === undefined) expect(await verified(to)).toMatchObject({ ok: true })
      else expect([error instanceof HoldfastError, existsSync(to)]).toEqual([true, false])
      if (form === 'frames' || cut) expect(error).toBeDefined()
    }
    await fc.assert(fc.asyncProperty(changes, check), { numRuns: 60 })
    expect(readdirSync(dirname(file)).filter((name) => name.includes('unfinished'))).toEqual([])
  }, 120_000)

  it('is no dump when it is something else', async () => {
    for (const text of ['', '{', '[]', '{}\n', 'HFD1', '{"is":"header"}\n', `${'['.repeat(100_000)}\n`]) {
      writeFileSync(file, text)
      await expect(load({ file, to: home.dir('loaded') })).rejects.toMatchObject({ code: 'HF_FILE_DAMAGED' })
    }
    await expect(load({ file: home.dir('none'), to: home.dir('loaded') })).rejects.toMatchObject({
      code: 'HF_FILE_DAMAGED',
    })
  })
})

describe('a hostile dump', () => {
  let home: ReturnType<typeof place>

  beforeEach(() => {
    home = place()
  })

  afterEach(() => {
    home.remove()
  })

  const header = {
    is: 'header',
    schema: 'holdfast.dump/1',
    store: '0'.repeat(32),
    position: 2,
    at: 'now',
  }
  const message = {
    is: 'message',
    position: 1,
    actor: 1,
    correlation: 1,
    cause: 0,
    type: 'add',
    version: 1,
    sender: 0,
  }
  const turn = {
    is: 'turn',
    position: 2,
    actor: 1,
    correlation: 1,
    cause: 1,
    message: 1,
    attempt: 1,
    told: 0,
    answered: false,
    digest: -1,
  }
  const batch = { is: 'batch', timeMs: 5 }
  const end = { is: 'end', records: 2, snapshots: 0 }
  const deep = JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`) as unknown

  async function loaded(entries: readonly unknown[]): Promise<unknown> {
    const file = home.dir('file')
    writeFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    return load({ file, to: home.dir('loaded') }).then(
      ({ position }) => position,
      (error: unknown) => (error as HoldfastError).code,
    )
  }

  it('is loaded when there is nothing wrong with it', async () => {
    expect(await loaded([header, batch, message, turn, end])).toBe(2)
  })

  it.each([
    ['no end', [header, batch, message, turn]],
    ['an end that says another number', [header, batch, message, turn, { ...end, records: 3 }]],
    ['two headers', [header, header, batch, message, turn, end]],
    ['no header', [batch, message, turn, end]],
    ['no mark of a batch', [header, message, turn, end]],
    ['a position that is missing', [header, batch, { ...message, position: 2 }, end]],
    ['a position that comes twice', [header, batch, message, message, turn, end]],
    ['less than the header says', [header, batch, message, { ...end, records: 1 }]],
    ['time that goes back', [header, batch, message, { ...batch, timeMs: 4 }, turn, end]],
    ['a cause that is not there yet', [header, batch, { ...message, cause: 9 }, turn, end]],
    ['an actor that is none', [header, batch, { ...message, actor: -1 }, turn, end]],
    ['a position that is none', [header, batch, { ...message, position: 1.5 }, turn, end]],
    ['a turn that tells too much', [header, batch, message, { ...turn, told: 2 }, end]],
    ['a turn of no message', [header, batch, message, { ...turn, message: 2 }, end]],
    ['a kind that is none', [header, batch, { ...message, is: 'data', kind: '__proto__' }, turn, end]],
    ['an entry that is none', [header, batch, { is: 'constructor' }, message, turn, end]],
    ['a name that is too long', [header, batch, { ...message, correlationName: 'x'.repeat(401) }, turn, end]],
    ['a version that is none', [header, batch, { ...message, version: 2 ** 40 }, turn, end]],
    ['a tag that holds nothing', [header, batch, { ...message, value: { $date: 'x' } }, turn, end]],
    ['a tag that is none', [header, batch, { ...message, value: { $eval: '1' } }, turn, end]],
    [
      'bytes that are none',
      [header, batch, { ...message, value: { $bytes: ['Function', 'AA=='] } }, turn, end],
    ],
    ['nesting without an end', [header, batch, { ...message, value: deep }, turn, end]],
    ['a snapshot ahead of its records', [header, batch, message, turn, snapshot(9), end]],
    ['a batch behind the snapshots', [header, batch, message, turn, snapshot(2), batch, end]],
  ])('is refused with %s', async (_what, entries) => {
    expect(await loaded(entries)).toMatch(/^HF_(FILE_DAMAGED|NOT_STORABLE)$/)
    expect(existsSync(home.dir('loaded'))).toBe(false)
  })
})

function snapshot(position: number): unknown {
  return { is: 'snapshot', actor: 1, position, version: 1, turns: 1, timeMs: 5, value: {} }
}
