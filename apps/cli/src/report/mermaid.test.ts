// Mermaid itself needs a browser and is large; here stands the part of its grammar that a diagram of ours uses.

import type { LogRecord } from '@holdfast/kernel'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DIAGRAM_LINES_MAX, mermaidText, sequenceDiagram } from './mermaid.js'

// Text that ends no statement and begins nothing: an entity is a number between # and ;.
const TEXT = '(?:[\\p{L}\\p{N} /_.,()+=-]|#\\d+;)+'
const STATEMENTS = [
  new RegExp(`^ {2}participant p\\d+ as ${TEXT}$`, 'u'),
  new RegExp(`^ {2}p\\d+(?:->>|-->>|-x)p\\d+: ${TEXT}$`, 'u'),
  new RegExp(`^ {2}Note over p\\d+: ${TEXT}$`, 'u'),
]

const head = { position: 1, timeMs: 0, actor: 2, correlation: 1, cause: 1 }
const error = (name: string) => ({ name, message: name })

const recordsOf = (name: string): LogRecord[] => {
  const data = (kind: string, body: object) => ({ ...head, kind, data: () => body }) as unknown as LogRecord
  const reason = { supervisor: name, context: 'message', reason: error(name), offender: name }
  return [
    { ...head, kind: 'message', sender: 0, type: name, timer: undefined } as unknown as LogRecord,
    { ...head, kind: 'message', sender: 2, type: name, timer: name } as unknown as LogRecord,
    data('effect', { name, ok: true }),
    data('effect', { name, ok: false, error: error(name) }),
    { ...head, kind: 'turn', message: 1, answered: true } as unknown as LogRecord,
    data('failed', { error: error(name) }),
    data('directive', { ...reason, directive: 'restart', affected: [name] }),
    data('restarted', { incarnation: 2 }),
    data('quarantined', reason),
    data('dead', { message: 1, reason: 'stopped' }),
    data('gave-up', reason),
  ]
}

it('a diagram keeps to the grammar, whatever names there are', () => {
  const odd = fc.constantFrom(
    'end',
    'wrap:',
    'a;b',
    'a\nb',
    '%%{init}%%',
    '#',
    '<br/>',
    '',
    ' ',
    'as',
    '->>',
    '\u202e',
  )
  fc.assert(
    fc.property(fc.oneof(odd, fc.string({ unit: 'binary' })), (name) => {
      const [first, ...lines] = sequenceDiagram(recordsOf(name), () => name)
      expect(first).toBe('sequenceDiagram')
      expect(lines.filter((line) => !STATEMENTS.some((statement) => statement.test(line)))).toEqual([])
      const named = new Set(lines.flatMap((line) => /^ {2}participant (p\d+) /.exec(line)?.[1] ?? []))
      const used = lines.flatMap((line) => line.replace(/:.*/, '').match(/\bp\d+\b/g) ?? [])
      expect(used.every((id) => named.has(id))).toBe(true)
    }),
  )
})

it('a name is shown as it is, and what Mermaid would take for its own is an entity', () => {
  expect(mermaidText('a;b#c:d')).toBe('a#59;b#35;c#58;d')
  expect(mermaidText('größe 1')).toBe('größe 1')
  expect(mermaidText(' ')).toBe('#45;')
})

it('a diagram has a bound, and says what it leaves out', () => {
  const many = Array.from({ length: 20 }, () => recordsOf('x')).flat()
  const lines = sequenceDiagram(many, () => '/x')
  expect(lines.filter((line) => !/participant|sequenceDiagram/.test(line))).toHaveLength(
    DIAGRAM_LINES_MAX + 1,
  )
  expect(lines.at(-1)).toBe(`  Note over p1: ${many.length - DIAGRAM_LINES_MAX} more lines are left out`)
})

it('a diagram of nothing has no participants', () => {
  expect(sequenceDiagram([], () => '/x')).toEqual(['sequenceDiagram'])
})
