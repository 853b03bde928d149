import type { LogRecord } from '@holdfast/kernel'
import { describe, expect, it } from 'vitest'
import { paintFor } from './paint.js'
import { phasesOf } from './report/phases.js'
import { Spans } from './spans.js'
import { waterfallLines } from './waterfall.js'

const record = (kind: string, position: number, timeMs: number, cause: number, own: object): LogRecord =>
  ({ kind, position, timeMs, actor: 1, correlation: 1, cause, ...own }) as unknown as LogRecord
const message = (position: number, timeMs: number, cause: number, own: object = {}) =>
  record('message', position, timeMs, cause, { type: 'work', sender: 0, ask: undefined, ...own })
const data = (kind: string, position: number, timeMs: number, cause: number, body: object) =>
  record(kind, position, timeMs, cause, { data: () => body })
const turn = (position: number, timeMs: number, of: number, actor = 1) =>
  record('turn', position, timeMs, of, { message: of, attempt: 1, actor })

const COURSE = [
  message(1, 0, 0),
  data('began', 2, 100, 1, { attempt: 1 }),
  data('effect', 3, 400, 1, { attempt: 1, index: 0, name: 'fetch', ok: true }),
  message(4, 400, 1, { actor: 2, type: 'take', sender: 1, ask: { attempt: 1, index: 1 } }),
  turn(5, 600, 4, 2),
  data('reply', 6, 600, 1, { attempt: 1, index: 1, ok: false }),
  data('failed', 7, 1_000, 1, { attempt: 1, context: 'message' }),
]

const spansOf = (records: readonly LogRecord[]): Spans => {
  const spans = new Spans()
  for (const each of records) spans.add(each)
  return spans
}

const lines = (records: readonly LogRecord[], width = 60) =>
  waterfallLines(spansOf(records), { width, paint: paintFor(false), path: (id) => `/a${id}` })

describe('a waterfall', () => {
  it('has a bar for when each was and how long it took, the wait in the mailbox before it', () => {
    expect(lines(COURSE).map((line) => line.trimEnd())).toEqual([
      `${' '.repeat(17)}0           500 ms         1 s`,
      '/a1 work         ···███████████████████████████     900 ms ✗',
      '  effect fetch      ▒▒▒▒▒▒▒▒▒                       300 ms',
      '  asks /a2 take              ░░░░░░                 200 ms ✗',
      '  /a2 take                   ······█                  0 ms',
      '█ turn  ▒ effect  ░ question  · in the mailbox',
    ])
  })

  it('shows a turn that still waits up to the end of the records', () => {
    expect(lines(COURSE.slice(0, 4))[1]).toMatch(/^\/a1 work +·+█+ +>300 ms$/)
  })

  it('keeps to its width, and obeys nothing that stands in a name', () => {
    const odd = [message(1, 0, 0, { type: `\u001b[2J${'x'.repeat(200)}` }), turn(2, 0, 1)]
    expect(lines(odd, 80).every((line) => line.length <= 80 && !line.includes('\u001b'))).toBe(true)
  })

  it('of many spans says how many more there are', () => {
    const many = Array.from({ length: 600 }, (_, i) => [
      message(2 * i + 1, i, 0),
      turn(2 * i + 2, i, 2 * i + 1),
    ])
    expect(lines(many.flat()).at(-2)).toBe('… 100 more; --json lists them')
    expect(lines([])).toEqual(['no turn has ended or begun to wait'])
  })

  it('a chain of ten thousand messages does not overflow the stack', () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => [
      message(2 * i + 1, i, 2 * i - 1),
      turn(2 * i + 2, i, 2 * i + 1),
    ])
    expect([...spansOf(chain.flat()).all()].at(-1)).toMatchObject({ depth: 9_999 })
  })
})

it('where the time went is told without counting any of it twice for a turn', () => {
  const phases = phasesOf(spansOf(COURSE), [{ position: 9, ms: 50 }])
  expect(phases.map(({ name, times, totalMs }) => [name, times, totalMs])).toEqual([
    ['in mailboxes', 2, 300],
    ['in turns', 2, 400],
    ['in effects', 1, 300],
    ['in questions', 1, 200],
    ['before restarts', 1, 50],
  ])
})
