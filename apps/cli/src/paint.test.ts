import { expect, it } from 'vitest'
import { paintFor, takesColour } from './paint.js'
import type { Sink } from './terminal.js'

const sink = (isTTY: boolean): Sink => ({ isTTY, write: () => Promise.resolve() })

it.each([
  ['a terminal', true, {}, true, true],
  ['a pipe', false, {}, true, false],
  ['--no-color', true, { FORCE_COLOR: '1' }, false, false],
  ['NO_COLOR', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['an empty NO_COLOR', true, { NO_COLOR: '' }, true, true],
  ['FORCE_COLOR into a pipe', false, { FORCE_COLOR: '1' }, true, true],
  ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, true, false],
  ['a dumb terminal', true, { TERM: 'dumb' }, true, false],
])('%s', (_name, isTTY, env, isWanted, isOn) => {
  expect(takesColour(sink(isTTY), env, isWanted)).toBe(isOn)
})

it('without colours the text is left as it is', () => {
  expect(paintFor(false).bad('failed')).toBe('failed')
  expect(paintFor(true).bad('failed')).toBe('\u001b[31mfailed\u001b[39m')
  expect(paintFor(true).bad('')).toBe('')
})
