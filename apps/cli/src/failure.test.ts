import { HoldfastError } from '@holdfast/kernel'
import { expect, it } from 'vitest'
import { failureJson, failureLines, failureOf } from './failure.js'
import { paintFor } from './paint.js'

const plain = { side: paintFor(false), verbose: false }

it('an error of Holdfast says what, why, what to do, and its code', () => {
  const error = new HoldfastError('HF_STORE_FULL', 'The disk is full.', {
    hint: 'Make room.',
    cause: new Error('ENOSPC'),
  })
  expect(failureLines(failureOf(error), plain)).toEqual([
    'error The disk is full.',
    '  why   ENOSPC',
    '  hint  Make room.',
    '  code  HF_STORE_FULL',
  ])
})

it('a reason that the message already holds is not said twice', () => {
  const error = new HoldfastError('HF_STORE_FAILED', 'It failed: ENOSPC', { cause: new Error('ENOSPC') })
  expect(failureLines(failureOf(error), plain)).toEqual([
    'error It failed: ENOSPC',
    '  code  HF_STORE_FAILED',
  ])
})

it('any other error says its class, and its stack only when somebody asks', () => {
  const error = new TypeError('x is not a function')
  expect(failureLines(failureOf(error), plain)).toEqual(['error TypeError: x is not a function'])
  expect(failureLines(failureOf(error), { ...plain, verbose: true }).length).toBeGreaterThan(2)
})

it('a thrown text is told too', () => {
  expect(failureLines(failureOf('no\u001b[2J'), plain)).toEqual(['error no\\u{1b}[2J'])
})

it('as JSON it has the schema, the code, the field, the actor and the hint', () => {
  const error = new HoldfastError('HF_NO_SUCH_ACTOR', 'Nobody there.', {
    actor: '/x',
    field: 'path',
    hint: 'Look.',
  })
  expect(JSON.parse(JSON.stringify(failureJson(failureOf(error), false)))).toEqual({
    schema: 'holdfast.error/1',
    code: 'HF_NO_SUCH_ACTOR',
    name: 'HoldfastError',
    message: 'Nobody there.',
    actor: '/x',
    field: 'path',
    hint: 'Look.',
  })
})
