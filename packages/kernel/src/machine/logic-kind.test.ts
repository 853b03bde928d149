import { describe, expect, it } from 'vitest'
import {
  createMachine,
  fromCallback,
  fromEventObservable,
  fromObservable,
  fromPromise,
  fromTransition,
} from 'xstate'
import { kindOf } from './logic-kind.js'

const never = (): never => {
  throw new RangeError('nothing is started to find out')
}

describe('the kind of a logic', () => {
  it.each([
    ['machine', createMachine({})],
    ['machine', createMachine({ context: never })],
    ['promise', fromPromise(never)],
    ['reducer', fromTransition(never, 0)],
    ['callback', fromCallback(never)],
    ['observable', fromObservable(never)],
    ['events', fromEventObservable(never)],
    ['reducer', { transition: never, getInitialSnapshot: never }],
    [undefined, { transition: never, getInitialSnapshot: never, start: never }],
    [undefined, { ...fromPromise(never), transition: (snapshot: unknown) => snapshot }],
    [undefined, {}],
    [undefined, () => undefined],
    [undefined, undefined],
  ])('is %s', (kind, logic) => {
    expect(kindOf(logic)).toBe(kind)
  })
})
