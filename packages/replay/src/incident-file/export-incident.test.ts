import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Journal } from '@holdfast/journal'
import { HoldfastError } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Incident } from '../incident.js'
import { openIncident } from '../open-incident.js'
import { replay } from '../player.js'
import { bank, paid, SECRET } from './bank.fixture.js'
import { exportIncident, type ExportOptions } from './export-incident.js'
import { manifestOf, readFileHeader } from './open-file.js'

let dir: string
let file: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-export-'))
  file = join(dir, 'incident.hfi')
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

async function exported(journal: Journal, correlation: string, options: Partial<ExportOptions> = {}) {
  return exportIncident(new Incident(journal, correlation), { file, ...options })
}

// Where the code was called from is not what an incident is about.
async function replayed(incident: Incident): Promise<unknown> {
  const report = await replay(incident, { swarm: bank() })
  return JSON.parse(JSON.stringify(report, (key, value: unknown) => (key === 'stack' ? undefined : value)))
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'nothing was refused',
    (thrown: unknown) => thrown,
  )
  return error instanceof HoldfastError ? error.code : String(error)
}

describe('an exported incident', () => {
  it.each([['payment-0'], ['payment-1'], ['payment-2']])('%s replays as the original does', async (name) => {
    const journal = await paid([10, 500, 20])
    await exported(journal, name)
    const original = await replayed(new Incident(journal, name))
    const copy = await replayed(await openIncident({ file }))
    expect(original).toMatchObject({ identical: true })
    expect(copy).toEqual(original)
  })

  it('begins at the snapshots that the original begins at, and leaves out what was before them', async () => {
    const before = Array.from({ length: 200 }, () => 1)
    const journal = await paid([10], before)
    const incident = new Incident(journal, 'payment-0')
    const { records } = await exported(journal, 'payment-0')
    const from = incident.slice.actors.map((actor) => actor.from)
    expect(Math.max(...from)).toBeGreaterThan(0)
    expect(records).toBeLessThan(journal.next / 2)
    expect(await replayed(await openIncident({ file }))).toEqual(await replayed(incident))
  })

  it('holds nothing of what others were sent meanwhile, before or after', async () => {
    const journal = await paid([10, 20, 30])
    await exported(journal, 'payment-0')
    const { evidence, slice, records } = await openIncident({ file })
    const messages = [...evidence.read(1)].filter(({ kind }) => kind === 'message')
    const own = new Set(
      [...records, ...[...slice.steps()].map(({ message }) => message)].map(({ position }) => position),
    )
    expect(messages.filter(({ position }) => !own.has(position))).toEqual([])
    expect(messages.map((message) => evidence.correlationName(message.correlation))).not.toContain(
      'payment-1',
    )
  })

  it('says what it is without its records having to be read', async () => {
    const journal = await paid([10, 20])
    const report = await exported(journal, 'payment-1', { note: 'the second one' })
    const incident = await openIncident({ file })
    expect(manifestOf(incident)).toMatchObject({
      correlation: 'payment-1',
      system: 'swarm.ts',
      exportedBy: '0.1.0',
      note: 'the second one',
      redactions: [],
    })
    expect(Object.keys(manifestOf(incident)!.definitions).sort()).toEqual([
      'bank',
      'clerk',
      'ledger',
      'teller',
    ])
    expect(
      manifestOf(incident)!
        .actors.map(({ path }) => path)
        .sort(),
    ).toEqual(['/bank/clerk', '/bank/ledger', '/bank/teller'])
    expect(readFileHeader(file)).toMatchObject({ correlation: 'payment-1', records: report.records })
  })

  it('holds no path of the machine that it comes from', async () => {
    const journal = await paid([10])
    await exported(journal, 'payment-0')
    const { evidence } = await openIncident({ file })
    const opened = [...evidence.read(1)].filter((record) => record.kind === 'opened')
    expect(opened.map((record) => record.data().system)).toEqual(['swarm.ts'])
  })

  it('knows the supervisors and the siblings of who took part', async () => {
    const journal = await paid([10])
    await exported(journal, 'payment-0')
    const { paths, evidence } = await openIncident({ file })
    const born = [...evidence.read(1)].filter((record) => record.kind === 'spawned')
    expect(born.map(({ actor }) => paths.of(actor)).sort()).toEqual([
      '/bank',
      '/bank/clerk',
      '/bank/ledger',
      '/bank/teller',
    ])
  })

  it('can be exported again, out of the file', async () => {
    const journal = await paid([10, 20])
    await exported(journal, 'payment-1')
    const again = join(dir, 'again.hfi')
    await exportIncident(await openIncident({ file }), { file: again })
    const [first, second] = [await openIncident({ file }), await openIncident({ file: again })]
    expect(await replayed(second)).toEqual(await replayed(first))
    expect([...second.evidence.read(1)].map(({ position }) => position)).toEqual(
      [...first.evidence.read(1)].map(({ position }) => position),
    )
  })

  it('does not take the place of a file that is there, unless it shall', async () => {
    const journal = await paid([10])
    writeFileSync(file, 'mine')
    expect(await codeOf(exported(journal, 'payment-0'))).toBe('HF_FILE_EXISTS')
    expect(readFileSync(file, 'utf8')).toBe('mine')
    await exported(journal, 'payment-0', { force: true })
    expect((await openIncident({ file })).correlation).toBe('payment-0')
    expect(readdirSync(dir)).toEqual(['incident.hfi'])
  })

  it('is pinned when it shall be, and cannot be pinned out of a file', async () => {
    const journal = await paid([10])
    const report = await exported(journal, 'payment-0', { pin: true })
    const [pin] = journal.pins.list()
    expect(report.pinned).toBe(true)
    expect(pin).toMatchObject({ correlation: 'payment-0' })
    const { id, from } = pin!.actors.find(({ path }) => path === '/bank/ledger')!
    journal.flush()
    expect(await journal.deleteUpTo(id, journal.next)).toBe(from - 1)
    const opened = await openIncident({ file })
    expect(await codeOf(exportIncident(opened, { file: join(dir, 'b.hfi'), pin: true }))).toBe('HF_INVALID')
  })
})

describe('an encrypted incident', () => {
  const key = Buffer.alloc(32, 7)

  it.each([
    ['a key', key],
    ['a passphrase', 'correct horse'],
  ])('replays with %s as the original does', async (_what, secret) => {
    const journal = await paid([10])
    await exported(journal, 'payment-0', { key: secret })
    expect(await replayed(await openIncident({ file, key: secret }))).toEqual(
      await replayed(new Incident(journal, 'payment-0')),
    )
  })

  it('says nothing to whoever has no key, another one, or one of another kind', async () => {
    const journal = await paid([10])
    await exported(journal, 'payment-0', { key })
    for (const other of [undefined, Buffer.alloc(32, 8), 'correct horse', '', Buffer.alloc(31)])
      expect(await codeOf(openIncident({ file, key: other }))).toBe('HF_FILE_KEY')
    const error: unknown = await openIncident({ file, key: Buffer.alloc(32, 8) }).catch(
      (thrown: unknown) => thrown,
    )
    expect((error as Error).message).toBe('The key does not open the incident file.')
    expect((error as Error).cause).toBeUndefined()
  })

  it('holds no name, path, type or value that can be read', async () => {
    const journal = await paid([10, 500])
    await exported(journal, 'payment-1', { key, note: 'NOTE-MARK', redact: ['payload.card.cvc'] })
    const bytes = readFileSync(file)
    const marks = [SECRET, 'HOLDER-ANA', 'payment-1', 'ledger', 'teller', '/bank', 'pay-out', 'NOTE-MARK']
    for (const mark of [...marks, 'card', 'swarm', 'Declined']) expect(bytes.includes(mark)).toBe(false)
    expect(readFileHeader(file).correlation).toBeUndefined()
  })

  it('is another one each time', async () => {
    const journal = await paid([10])
    await exported(journal, 'payment-0', { key })
    const first = readFileSync(file)
    await exported(journal, 'payment-0', { key, force: true })
    const second = readFileSync(file)
    expect(first.subarray(-200).equals(second.subarray(-200))).toBe(false)
  })

  it('is not the one that was locked when it is open', async () => {
    const journal = await paid([10])
    await exported(journal, 'payment-0')
    expect(await codeOf(openIncident({ file, key }))).toBe('HF_FILE_KEY')
  })
})
