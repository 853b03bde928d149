import type { DataKind, LogRecord, MessageRecord, RecordData, TurnRecord } from '@holdfast/kernel'
import { describe, expect, it } from 'vitest'
import { paintFor } from './paint.js'
import { KINDS, sentenceOf } from './record-text.js'

const head = { position: 9, timeMs: 1_000, actor: 2, correlation: 5, cause: 5 }
const known = {
  paint: paintFor(false),
  path: (id: number) => (id === 0 ? 'outside' : id === 2 ? '/bank' : '/bank/reserve'),
  typeOf: (position: number) => (position === 5 ? 'withdraw' : undefined),
}

const message = (own: Partial<MessageRecord>): LogRecord => ({
  ...head,
  kind: 'message',
  sender: 0,
  type: 'deposit',
  version: 1,
  correlationName: undefined,
  ask: undefined,
  outside: false,
  timer: undefined,
  notice: false,
  bytes: 20,
  payload: () => ({ amount: 2n }),
  isStoredAs: () => false,
  ...own,
})

const turn = (own: Partial<TurnRecord>): LogRecord => ({
  ...head,
  kind: 'turn',
  message: 5,
  attempt: 1,
  told: 0,
  answered: false,
  digest: -1,
  isStoredAs: () => false,
  answer: () => undefined,
  ...own,
})

function data<K extends DataKind>(kind: K, carried: RecordData[K], actor = 2): LogRecord {
  return { ...head, actor, kind, data: () => carried } as unknown as LogRecord
}

const said = (record: LogRecord): string => sentenceOf(record, known)
const error = { name: 'Broke', message: 'only 3\nthere' }

describe('messages and turns', () => {
  it.each([
    [message({}), 'outside tells /bank  deposit { amount: 2n }'],
    [message({ outside: true, payload: () => undefined }), 'outside asks /bank  deposit'],
    [
      message({ sender: 3, ask: { attempt: 1, index: 0 } }),
      '/bank/reserve asks /bank  deposit { amount: 2n }',
    ],
    [message({ sender: 2, timer: 'tick\u0007' }), 'timer tick\\u{7} tells /bank  deposit { amount: 2n }'],
    [message({ type: 'gone', notice: true }), 'the runtime tells /bank  gone { amount: 2n }'],
    [turn({}), '/bank  handled withdraw'],
    [
      turn({ message: 6, attempt: 2, answered: true, answer: () => 3 }),
      '/bank  handled message 6, answered 3 (attempt 2)',
    ],
  ])('%# %o', (record, sentence) => {
    expect(said(record)).toBe(sentence)
  })
})

describe('everything else', () => {
  const reason = {
    supervisor: '/bank',
    context: 'message',
    reason: error,
    offender: '/bank/reserve',
  } as const
  it.each([
    [data('began', { attempt: 2 }), '/bank  waits in withdraw (attempt 2)'],
    [
      data('effect', { attempt: 1, index: 0, name: 'rate', ok: true, value: 1.5 }),
      '/bank  effect rate #0 gave 1.5',
    ],
    [
      data('effect', { attempt: 2, index: 1, name: 'rate', ok: false, error }),
      '/bank  effect rate #1 failed: Broke: only 3\\nthere (attempt 2)',
    ],
    [data('reply', { attempt: 1, index: 2, ok: true, value: null }), '/bank  reply #2 gave null'],
    [
      data('spawned', {
        parent: 1,
        name: 'r',
        definition: 'account',
        version: 2,
        args: { c: 'EUR' },
        restart: 'permanent',
        fixed: true,
        durable: false,
      }),
      '/bank  spawned as account version 2 from { c: "EUR" }, volatile',
    ],
    [data('stopped', { reason: 'normal' }), '/bank  stopped: normal'],
    [data('stopped', { reason: 'gave-up', error }), '/bank  stopped: gave-up, Broke: only 3\\nthere'],
    [
      data('failed', { attempt: 1, context: 'message', error, parked: true }),
      '/bank  failed at withdraw, attempt 1: Broke: only 3\\nthere; the message is given up',
    ],
    [
      data('failed', { attempt: 1, context: 'start', error, parked: true }),
      '/bank  failed at start, attempt 1: Broke: only 3\\nthere',
    ],
    [
      data('directive', { ...reason, directive: 'restart', affected: ['reserve', 'log'] }, 3),
      '/bank  decides: restart reserve, log, because /bank/reserve failed with Broke',
    ],
    [data('quarantined', { ...reason }, 3), '/bank/reserve  quarantined after Broke: only 3\\nthere'],
    [
      data(
        'quarantined',
        { ...reason, context: 'steered', reason: { name: 'Quarantined', message: 'by ana' } },
        3,
      ),
      '/bank/reserve  quarantined by ana',
    ],
    [
      data('restarted', { incarnation: 2, fresh: true }),
      '/bank  restarted as incarnation 2 with a fresh state',
    ],
    [data('dead', { message: 5, reason: 'stopped' }), '/bank  dead letter: withdraw, stopped'],
    [
      data('dead', { message: 0, reason: 'no-actor', to: '/gone', type: 'hello' }, 0),
      'dead letter for /gone: hello, no-actor',
    ],
    [
      data('timer', { key: 'k', type: 'tick', dueMs: 3_000, everyMs: 500, payload: 1 }),
      '/bank  sets timer k for tick in 2 s, then every 500 ms',
    ],
    [data('untimed', { key: 'k' }), '/bank  cancels timer k'],
    [data('watched', { target: 3, type: 'gone' }), '/bank  watches /bank/reserve as gone'],
    [data('watched', { target: 0, type: 'gone', path: '/no\u0007' }), '/bank  watches /no\\u{7} as gone'],
    [data('watched', { target: 3, type: '$pact', mutual: true }), '/bank  depends on /bank/reserve'],
    [data('unwatched', { target: 3 }), '/bank  no longer watches /bank/reserve'],
    [
      data('unwatched', { target: 0, path: '/gone', taken: [7, 8] }),
      '/bank  no longer watches /gone, and takes back message 7, 8',
    ],
    [data('unwatched', { target: 3, type: '$pact' }), '/bank  no longer depends on /bank/reserve'],
    [data('halting', { child: 3 }), '/bank  stops /bank/reserve'],
    [
      data('steered', { command: 'pause', by: 'ana', reason: 'looks wrong' }, 3),
      '/bank/reserve  pause, by ana: looks wrong',
    ],
    [data('gave-up', { ...reason, context: 'child' }), '/bank  gave up: Broke: only 3\\nthere'],
    [data('steered', { command: 'resume', by: 'ana', to: '/bank/x' }, 0), 'resume /bank/x, by ana'],
    [
      data('opened', { epoch: 2, engine: 1, definitions: {}, system: '/a/swarm.ts' }, 0),
      'the system is opened, run 2, by /a/swarm.ts',
    ],
    [data('stashed', {}), '/bank  puts withdraw aside'],
    [data('stashed', { refused: 'no room' }), '/bank  cannot put withdraw aside'],
    [data('unstashed', {}), '/bank  takes back what it had put aside'],
    [data('closed', {}, 0), 'the system is closed in order'],
  ])('%# %o', (record, sentence) => {
    expect(said(record)).toBe(sentence)
  })

  it('every kind has its sentence', () => {
    expect(KINDS).toHaveLength(new Set(KINDS).size)
    expect(KINDS).toEqual(expect.arrayContaining(['message', 'turn', 'effect', 'directive', 'closed']))
  })
})
