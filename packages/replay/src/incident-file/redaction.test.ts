import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { readFileSync } from 'node:fs'
import { Codec, KeptRef, type Journal } from '@holdfast/journal'
import { HoldfastError, REF, type LogRecord } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Incident } from '../incident.js'
import { openIncident } from '../open-incident.js'
import { replay } from '../player.js'
import { bank, paid, SECRET } from './bank.fixture.js'
import { exportIncident } from './export-incident.js'
import { manifestOf, readFileHeader } from './open-file.js'
import { redactIn } from './redacted-value.js'
import { replacement } from './redactions.js'
import { rulesOf, type RedactionRule } from './redaction-rule.js'
import { Redactor } from './redactor.js'

let dir: string
let file: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-redaction-'))
  file = join(dir, 'incident.hfi')
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

async function redacted(journal: Journal, correlation: string, redact: readonly RedactionRule[]) {
  await exportIncident(new Incident(journal, correlation), { file, redact, force: true })
  const incident = await openIncident({ file })
  return { incident, redactions: incident.evidence.redactions!, records: [...incident.evidence.read(1)] }
}

/** All bytes of the file that are in it once it is decompressed. */
function contents(): string {
  const bytes = readFileSync(file)
  let at = 20 + bytes.readUInt32LE(8)
  return readFileHeader(file)
    .sections.map(({ stored }) => brotliDecompressSync(bytes.subarray(at, (at += stored))).toString('latin1'))
    .join('')
}

function messages(records: readonly LogRecord[], type: string) {
  return records.flatMap((record) => (record.kind === 'message' && record.type === type ? [record] : []))
}

function valueOf(text: string, value: unknown): unknown {
  const [rule] = rulesOf([`payload.${text}`])
  const progress = [{ steps: rule!.steps.slice(1), at: 0 }]
  return redactIn(value, progress, (path, field) => replacement('payload', path, field))
}

describe('a redaction', () => {
  it('replaces what its rule leads to and leaves the rest as it was', async () => {
    const journal = await paid([10])
    const { records } = await redacted(journal, 'payment-0', ['payload.card.number'])
    const [pay] = messages(records, 'pay')
    expect(pay!.payload()).toEqual({
      amount: 10,
      card: { number: '[redacted]', holder: 'HOLDER-ANA', cvc: 123 },
    })
    const [note] = messages(records, 'note')
    expect(note!.payload()).toMatchObject({ number: SECRET })
  })

  it('leaves nothing of what is named everywhere: payloads, answers, results, states, arguments, errors', async () => {
    const journal = await paid(
      [10, 500],
      Array.from({ length: 200 }, () => 1),
    )
    const rules = ['**.number', 'state.seen', 'args.iban', 'state.iban', 'error.message']
    for (const name of ['payment-0', 'payment-1']) {
      await redacted(journal, name, [])
      expect(contents()).toContain(SECRET)
      await redacted(journal, name, rules)
      expect(contents()).not.toContain(SECRET)
    }
  })

  it('is listed with its rule and its hits, and with every field, but with no value', async () => {
    const journal = await paid([10])
    const rules = ['payload.card.number', 'payload.nowhere']
    const { incident, redactions, records } = await redacted(journal, 'payment-0', rules)
    const hits = manifestOf(incident)!.redactions
    expect(hits).toEqual([
      { rule: 'payload.card.number', hits: 2 },
      { rule: 'payload.nowhere', hits: 0 },
    ])
    const [pay] = messages(records, 'pay')
    expect(redactions.of(pay!.position)).toEqual([
      { position: pay!.position, snapshotOf: 0, place: 'payload', path: ['card', 'number'] },
    ])
    expect(redactions.isRedacted(pay!.position, 'payload')).toBe(true)
    expect(redactions.isRedacted(pay!.position, 'payload', ['card'])).toBe(true)
    expect(redactions.isRedacted(pay!.position, 'payload', ['card', 'number', 'length'])).toBe(true)
    expect(redactions.isRedacted(pay!.position, 'payload', ['amount'])).toBe(false)
    expect(redactions.isRedacted(pay!.position, 'answer')).toBe(false)
    expect(JSON.stringify(manifestOf(incident))).not.toContain(SECRET)
  })

  it('gives another value the same look, so that the two can be compared', async () => {
    const journal = await paid([10])
    const { redactions, records } = await redacted(journal, 'payment-0', ['**.number'])
    const [note] = messages(records, 'note')
    const replayedOne = { text: 'paid 10, 990 left', number: 'another' }
    expect(redactions.likeRecorded(note!.position, 'payload', replayedOne)).toEqual(note!.payload())
    expect(redactions.likeRecorded(1, 'payload', { number: 'another' })).toEqual({ number: 'another' })
  })

  it('may be for some actors only', async () => {
    const journal = await paid([10])
    const { records } = await redacted(journal, 'payment-0', [{ actor: '/bank/clerk', field: '**.number' }])
    expect(messages(records, 'take')[0]!.payload()).toMatchObject({ card: { number: SECRET } })
    const again = await redacted(journal, 'payment-0', [
      '/bank/ledger:payload.card.number',
      '/*/clerk:payload.*',
    ])
    expect(messages(again.records, 'take')[0]!.payload()).toMatchObject({ card: { number: '[redacted]' } })
    expect(messages(again.records, 'pay')[0]!.payload()).toMatchObject({ card: { number: SECRET } })
    expect(messages(again.records, 'note')[0]!.payload()).toEqual({
      text: '[redacted]',
      number: '[redacted]',
    })
  })

  it('of an answer holds also where it stands with who asked', async () => {
    const journal = await paid([10])
    const { records } = await redacted(journal, 'payment-0', ['/bank/ledger:answer.number'])
    const reply = records.find((record) => record.kind === 'reply')
    expect(reply?.data().value).toEqual({ left: 990, number: '[redacted]' })
  })

  it('takes the digests of the states of its actors along, which would prove a guess right', async () => {
    const journal = await paid([10])
    const digests = (records: readonly LogRecord[]): number[] =>
      records.flatMap((record) => (record.kind === 'turn' && record.digest !== -1 ? [record.digest] : []))
    expect(digests((await redacted(journal, 'payment-0', [])).records).length).toBeGreaterThan(0)
    expect(digests((await redacted(journal, 'payment-0', ['payload.card.number'])).records)).toEqual([])
  })

  it('of the message of an error takes its stack along, and leaves its class', async () => {
    const journal = await paid([500])
    const { records } = await redacted(journal, 'payment-0', ['error.message'])
    const failed = records.find((record) => record.kind === 'failed')
    expect(failed?.data().error).toMatchObject({
      name: 'Declined',
      message: '[redacted]',
      stack: '[redacted]',
    })
    const whole = await redacted(journal, 'payment-0', ['error'])
    const bare = whole.records.find((record) => record.kind === 'failed')?.data().error
    expect(bare).toEqual({ name: 'Declined', message: '[redacted]' })
  })

  it('lets the incident be replayed', async () => {
    const journal = await paid([10, 20])
    const { incident } = await redacted(journal, 'payment-1', ['**.number', 'state.seen'])
    const report = await replay(incident, { swarm: bank() })
    expect(report.identical).toBe(true)
  })

  it('is no difference where what was redacted comes out of the replay', async () => {
    const journal = await paid([10, 500])
    for (const [correlation, rules] of [
      ['payment-0', ['answer.number']],
      ['payment-1', ['error.message']],
      ['payment-1', ['error']],
    ] as const) {
      const { incident } = await redacted(journal, correlation, [...rules])
      const { divergences } = await replay(incident, { swarm: bank() })
      expect(divergences).toEqual([])
    }
  })

  it('stays when the file is exported again, with others added', async () => {
    const journal = await paid([10])
    await redacted(journal, 'payment-0', ['payload.card.number'])
    const again = join(dir, 'again.hfi')
    await exportIncident(await openIncident({ file }), { file: again, redact: ['payload.card.cvc'] })
    const { evidence } = await openIncident({ file: again })
    const [pay] = messages([...evidence.read(1)], 'pay')
    expect(pay!.payload()).toMatchObject({ card: { number: '[redacted]', cvc: 0 } })
    const paths = evidence.redactions!.of(pay!.position).map(({ path }) => path.join('.'))
    expect(paths).toEqual(['card.number', 'card.cvc'])
  })
})

describe('what takes the place of a value', () => {
  it.each([
    ['a text', 'x', '[redacted]'],
    ['a number', 3, 0],
    ['a bigint', 3n, 0n],
    ['a flag', true, false],
    ['nothing', null, null],
    ['a list', [1], []],
    ['an object', { a: 1 }, {}],
    ['a map', new Map([['a', 1]]), new Map()],
    ['a set', new Set([1]), new Set()],
    ['bytes', Buffer.from('x'), Buffer.alloc(0)],
    ['a typed array', new Float32Array([1]), new Float32Array()],
    ['a date', new Date(5), new Date(0)],
  ])('is of its kind: %s', (_what, before, after) => {
    expect(valueOf('a', { a: before })).toEqual({ a: after })
  })

  it('is found in maps, lists and errors, and under a key that is none', () => {
    expect(valueOf('m.k', { m: new Map([['k', 'x']]) })).toEqual({ m: new Map([['k', '[redacted]']]) })
    expect(valueOf('l.1', { l: ['a', 'b'] })).toEqual({ l: ['a', '[redacted]'] })
    expect(valueOf('e.message', { e: new Error('x') })).toMatchObject({
      e: { message: '[redacted]', stack: '[redacted]' },
    })
    const odd = JSON.parse('{"__proto__": {"polluted": "x"}, "a.b": "x"}') as object
    const after = valueOf('__proto__.polluted', odd) as object
    expect(JSON.stringify(after)).toBe('{"__proto__":{"polluted":"[redacted]"},"a.b":"x"}')
    expect(Object.getPrototypeOf(after)).toBe(Object.prototype)
    expect(valueOf('a\\.b', odd)).toMatchObject({ 'a.b': '[redacted]' })
  })

  it('is found however deep with **, also at no depth', () => {
    expect(valueOf('**.p', { p: 1, a: [{ p: 1, b: { p: 1 } }], q: 1 })).toEqual({
      p: 0,
      a: [{ p: 0, b: { p: 0 } }],
      q: 1,
    })
  })
})

describe('a ref beside what is redacted', () => {
  it('is kept as one, and is replaced by one', () => {
    const codec = new Codec()
    codec.ref = (path) => new KeptRef(path)
    const packed = codec.bytes({ to: new KeptRef('/bank'), card: '4000', other: new KeptRef('/bank/teller') })
    const redactor = new Redactor(rulesOf(['state.card', 'state.other']), () => '/bank')
    const head = { actor: 1, position: 1, version: 1, turns: 1, timeMs: 0, digest: 0 }
    const open = redactor.snapshot({ ...head, packed }).packed
    const state = codec.unpack(open, 0, open.byteLength) as Record<'to' | 'other', KeptRef>
    expect([state.to[REF], state.other[REF]]).toEqual(['/bank', '/[redacted]'])
  })
})

describe('a rule that cannot be understood is refused with its number:', () => {
  it.each([
    [['password']],
    [['payload', 'payload..number']],
    [['']],
    [['payload.card*']],
    [['/bank/le*:payload']],
    [[{ actor: 'bank', field: 'payload' }]],
    [[7 as unknown as string]],
    [Array.from({ length: 257 }, () => 'payload')],
  ])('%#', (rules) => {
    expect(() => rulesOf(rules)).toThrow(HoldfastError)
    expect(() => rulesOf(rules)).toThrow(/redact/)
  })
})
