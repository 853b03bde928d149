import type { LogRecord } from '@holdfast/kernel'
import { expect, it } from 'vitest'
import { failureIn } from './failure-report.js'

const error = { name: 'Broke', message: 'no', stack: 'Broke: no\n at x' }
const report = {
  supervisor: '/bank',
  context: 'message',
  reason: { name: 'Broke', message: 'no' },
  offender: '/bank/reserve',
}
const record = (kind: string, data: object): LogRecord =>
  ({ kind, actor: 3, data: () => data }) as unknown as LogRecord
const path = (id: number): string => (id === 3 ? '/bank/reserve' : '/bank')

it.each([
  ['failed', { attempt: 1, context: 'message', error, parked: true }],
  ['stopped', { reason: 'failed', context: 'message', error }],
  ['directive', { ...report, reason: error, directive: 'restart', affected: [] }],
  ['quarantined', { ...report, reason: error }],
  ['gave-up', { ...report, reason: error }],
])('a record of the kind %s has the four keys of a failure', (kind, data) => {
  expect(failureIn(record(kind, data), path)).toEqual(report)
})

it('the root is under nobody, and an old record of an end does not say where it failed', () => {
  const stopped = record('stopped', { reason: 'failed', error: { ...error, code: 'HF_GAVE_UP' } })
  expect(failureIn(stopped, () => '/bank')).toEqual({
    supervisor: '/',
    context: 'stop',
    reason: { name: 'Broke', code: 'HF_GAVE_UP', message: 'no' },
    offender: '/bank',
  })
})

it('what tells of no failure has none', () => {
  expect(failureIn(record('stopped', { reason: 'normal' }), path)).toBeUndefined()
  expect(failureIn(record('restarted', { incarnation: 2, fresh: false }), path)).toBeUndefined()
})
