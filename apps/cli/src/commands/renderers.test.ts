import type { DataRecord, LogRecord, MessageRecord, TreeNode } from '@holdfast/kernel'
import type { VerifyReport } from '@holdfast/journal'
import type { ReplayReport } from '@holdfast/replay'
import { describe, expect, it } from 'vitest'
import { paintFor } from '../paint.js'
import { inspectLines } from './inspect.js'
import { parkedLines } from './parked.js'
import { psLines } from './ps.js'
import { replayLines } from './replay-text.js'
import { Course, courseLine } from './trace.js'
import { treeLines } from './tree.js'
import { verifyLines } from './verify.js'

const paint = paintFor(false)

const node = (path: string, own: Partial<TreeNode> = {}): TreeNode => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  path,
  definition: 'account',
  status: 'running',
  strategy: undefined,
  mailbox: 0,
  turns: 0,
  restarts: 0,
  children: [],
  ...own,
})

describe('tree', () => {
  it('draws branches, and says of each actor what is not as always', () => {
    const leaf = node('/bank/tellers/anna', { definition: 'anna' })
    const tellers = node('/bank/tellers', { strategy: 'one-for-one (3 in 5000 ms)', children: [leaf] })
    const reserve = node('/bank/reserve', { status: 'failed', mailbox: 3, turns: 1, restarts: 2 })
    expect(treeLines(node('/bank', { children: [tellers, reserve] }), paint)).toEqual([
      '/bank (account)  running',
      '├─ tellers (account)  running  one-for-one (3 in 5000 ms)',
      '│  └─ anna  running',
      '└─ reserve (account)  failed  1 turn  3 waiting  2 restarts',
    ])
  })

  it('a tree of ten thousand levels does not overflow the stack', () => {
    let deep = node('/x')
    for (let i = 0; i < 10_000; i++) deep = node('/x', { children: [deep] })
    expect(treeLines(deep, paint)).toHaveLength(10_001)
  })
})

it('ps stands in columns', () => {
  const rows = [node('/bank', { turns: 1_200 }), node('/bank/\u001b[2J', { status: 'stopped', restarts: 1 })]
  expect(psLines(rows, paint)).toEqual([
    'STATUS   WAITING  TURNS  RESTARTS  DEFINITION  PATH',
    'running        0  1,200         0  account     /bank',
    'stopped        0      0         1  account     /bank/\\u{1b}[2J',
  ])
})

it('parked says of each message what it carried and what it came to', () => {
  const message = {
    position: 7,
    actor: '/bank/reserve',
    type: 'withdraw',
    atMs: 0,
    correlationId: 'i-1',
    attempts: 2,
    error: { name: 'Broke', message: 'no\u001b[2J' },
    payload: () => ({ amount: 9 }),
  }
  expect(parkedLines(message, paint)).toEqual([
    '7  /bank/reserve  withdraw { amount: 9 }',
    '    Broke: no\\u{1b}[2J after 2 attempts, 1970-01-01T00:00:00.000Z, correlation i-1',
  ])
  expect(parkedLines({ ...message, payload: () => undefined }, paint)[0]).toBe('7  /bank/reserve  withdraw')
})

describe('inspect', () => {
  const actor = {
    ...node('/bank/reserve', { mailbox: 2, turns: 3 }),
    id: 2,
    incarnation: 2,
    durable: true,
    waiting: ['deposit', 'deposit'],
    stashed: 0,
    timers: [{ key: 'tick', dueMs: 4_000, everyMs: 500 }],
    failures: [
      {
        position: 7,
        atMs: 0,
        correlationId: 'i-1',
        context: 'message' as const,
        error: { name: 'Broke', message: 'no' },
      },
    ],
    children: [],
    stopped: undefined,
    quarantined: undefined,
    restartDueMs: undefined,
  }

  it('says how the actor stands and what it last failed at', () => {
    expect(inspectLines(actor, { source: 'none', turnsSince: 3 }, 1_000, paint)).toEqual([
      '/bank/reserve',
      '  definition  account',
      '  status      running',
      '  life        incarnation 2, 0 restarts, 3 turns',
      '  mailbox     2 messages wait: deposit, deposit',
      '  timer       tick due in 3 s, every 500 ms',
      '  failure     Broke: no at message 7 of i-1, 1970-01-01T00:00:00.000Z',
      '  state       no snapshot yet, 3 turns since the start',
    ])
  })

  it('says how many messages are put aside, when there are any', () => {
    const lines = inspectLines({ ...actor, stashed: 2 }, { source: 'none', turnsSince: 3 }, 0, paint)
    expect(lines).toContain('  stash       2 messages put aside')
  })

  it('says why it is held', () => {
    const held = { ...actor, status: 'quarantined', quarantined: { name: 'Broke', message: 'no' } }
    const lines = inspectLines(held, { source: 'none', turnsSince: 3 }, 1_000, paint)
    expect(lines[2]).toBe('  status      quarantined: Broke: no')
  })

  it('shows a state with where it comes from', () => {
    const snapshot = { source: 'snapshot', position: 6, turnsSince: 1, state: { n: 1 } } as const
    expect(inspectLines(actor, snapshot, 0, paint).slice(-2)).toEqual([
      '  state       snapshot at position 6, 1 turn since',
      '    { n: 1 }',
    ])
    expect(inspectLines(actor, { source: 'fold', state: 1 }, 0, paint).slice(-2)).toEqual([
      '  state       as it is now',
      '    1',
    ])
  })
})

describe('trace', () => {
  const names = { path: (id: number) => `/${id}`, isDurable: (id: number) => id !== 9 }
  const message = (position: number, cause: number, actor = 1): LogRecord => {
    return { kind: 'message', position, cause, actor, timeMs: position } as MessageRecord
  }
  const turn = (position: number, cause: number): LogRecord => {
    return { kind: 'turn', position, cause, message: cause, actor: 1, timeMs: position } as LogRecord
  }
  const failed = (position: number, cause: number, parked: boolean): LogRecord => {
    return {
      kind: 'failed',
      position,
      cause,
      actor: 1,
      timeMs: position,
      data: () => ({ parked }),
    } as DataRecord<'failed'>
  }

  it('a record stands as far away as the message that caused it, and one step more', () => {
    const course = new Course(names)
    const records = [message(1, 0), message(2, 1), turn(3, 1), message(4, 2), turn(5, 2), message(6, 77)]
    expect(records.map((record) => course.add(record))).toEqual([0, 1, 1, 2, 2, 0])
  })

  it('a message that is put aside waits until the turn that handles it', () => {
    const course = new Course(names)
    const stashed = (position: number, cause: number, data: { refused?: string }): LogRecord =>
      ({
        kind: 'stashed',
        position,
        cause,
        actor: 1,
        timeMs: position,
        data: () => data,
      }) as DataRecord<'stashed'>
    course.add(message(1, 0))
    for (const record of [message(2, 1), stashed(3, 1, {}), turn(4, 1)]) course.add(record)
    expect(course.summary().waiting).toEqual([1, 2])
    for (const record of [stashed(5, 2, { refused: 'no room' }), turn(6, 2), turn(7, 1)]) course.add(record)
    expect(course.summary().waiting).toEqual([])
  })

  it('a message waits until its turn or its last attempt; of volatile actors nothing is known', () => {
    const course = new Course(names)
    for (const record of [message(1, 0), message(2, 1), message(3, 1), message(4, 1, 9)]) course.add(record)
    for (const record of [turn(5, 1), failed(6, 2, true), failed(7, 3, false)]) course.add(record)
    expect(course.summary()).toMatchObject({
      messages: 4,
      turns: 1,
      failures: 2,
      waiting: [3],
      durationMs: 6,
    })
    expect(courseLine(course.summary(), paint)).toBe(
      '2 actors, 4 messages, 1 turn, 2 failures, 0 decisions, 1 message not handled yet in 6 ms from 1970-01-01T00:00:00.001Z',
    )
  })
})

describe('verify', () => {
  const report: VerifyReport = {
    ok: true,
    batches: 2,
    records: 30,
    bytes: 1_500,
    floor: 1,
    cut: 0,
    segments: 0,
    next: 31,
    head: 'abc',
    findings: [],
    isShut: false,
    store: '',
    damaged: [],
  }

  it('says what was checked', () => {
    expect(verifyLines(report, 'data', paint)).toEqual([
      'ok  data: 30 records in 2 batches, 1.5 kB, next position 31',
      '    head of the chain abc',
    ])
  })

  it('says what was cut away, and what nobody can check any more', () => {
    const anchors = { count: 3, newest: undefined, cut: 2, unanchored: 30 }
    const lines = verifyLines({ ...report, floor: 101, cut: 100, next: 131, anchors }, 'data', paint)
    expect(lines).toContain('    begins at position 101: 100 records before it were cut away')
    expect(lines.at(-1)).toBe('    cut away  what 2 anchors vouched for: that can no longer be checked')
  })

  it('says where it is damaged', () => {
    const finding = { kind: 'checksum', position: 9, what: 'its bytes differ' } as const
    expect(verifyLines({ ...report, ok: false, findings: [finding] }, 'data', paint).at(-1)).toBe(
      '    checksum    batch at position 9: its bytes differ',
    )
  })
})

describe('replay', () => {
  const turn = { position: 3, message: 2, actor: '/a', kind: 'x', attempt: 1, told: [] } as const
  const ended = { ok: true, answer: 1 } as const
  const counts = { digests: 0, decisions: 0, divergences: 0, recordedCalls: 0, replayedCalls: 0 }
  const report: ReplayReport = {
    correlation: 'i-1',
    identical: true,
    divergences: [],
    firstCause: undefined,
    spread: [],
    turns: [
      { ...turn, isContext: false, recorded: ended, replayed: ended },
      { ...turn, isContext: true, recorded: ended, replayed: ended },
    ],
    counts: { ...counts, turns: 2, contextTurns: 1 },
    actors: ['/a'],
    unrecorded: [],
    pruned: [],
    supplied: [],
    shredded: [],
    stalled: [],
  }

  it('says that it is identical, and how much was compared', () => {
    expect(replayLines(report, paint)).toEqual([
      'identical  i-1: 2 turns (1 of other correlations), 1 actor, 0 state digests',
    ])
  })

  it('says which turns were not run again because they stood still', () => {
    const stalled = [{ position: 7, actor: '/a', message: 'spin' }]
    expect(replayLines({ ...report, stalled }, paint).at(-1)).toBe(
      '  stood still spin of /a at 7 not run again: it would not end',
    )
  })

  it('says of each difference what was recorded and what came now', () => {
    const divergence = {
      position: 3,
      actor: '/a',
      message: 'x',
      kind: 'payload',
      subject: 'answer',
      isContext: false,
      because: 0,
      recorded: 1,
      replayed: 2n,
      what: 'it answers 2n instead of 1',
    } as const
    const lines = replayLines(
      {
        ...report,
        identical: false,
        divergences: [divergence],
        counts: { ...report.counts, divergences: 1 },
        unrecorded: ['/v'],
      },
      paint,
    )
    expect(lines).toEqual([
      '3  /a  x  payload answer: it answers 2n instead of 1  (recorded 1, replayed 2n)',
      '1 divergence  i-1: 2 turns (1 of other correlations), 1 actor, 0 state digests, 1 volatile actor left out',
    ])
  })
})
