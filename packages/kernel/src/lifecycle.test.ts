import { describe, expect, it } from 'vitest'
import { lifecycleMachine, nextLifecycle, type LifecycleEvent, type LifecycleState } from './lifecycle.js'

const STATES: readonly LifecycleState[] = [
  'starting',
  'running',
  'failed',
  'restarting',
  'stopping',
  'stopped',
]
const EVENTS: readonly LifecycleEvent[] = ['started', 'fail', 'resume', 'restart', 'stop', 'stopped']

const TABLE: Readonly<Record<LifecycleState, Partial<Record<LifecycleEvent, LifecycleState>>>> = {
  starting: { started: 'running', fail: 'failed', restart: 'restarting', stop: 'stopping' },
  running: { fail: 'failed', restart: 'restarting', stop: 'stopping' },
  failed: { resume: 'running', restart: 'restarting', stop: 'stopping', fail: 'failed' },
  restarting: { started: 'running', fail: 'failed', restart: 'restarting', stop: 'stopping' },
  stopping: { stopped: 'stopped', stop: 'stopping', fail: 'stopping' },
  stopped: { restart: 'restarting' },
}

describe('the lifecycle', () => {
  it.each(STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)))(
    'an actor that is %s hears "%s"',
    (state, event) => {
      const next = TABLE[state][event]
      if (next === undefined) {
        expect(() => nextLifecycle(state, event)).toThrow(expect.objectContaining({ code: 'HF_INVARIANT' }))
      } else {
        expect(nextLifecycle(state, event)).toBe(next)
        expect(nextLifecycle(state, event)).toBe(next)
      }
    },
  )

  it('is a statechart of exactly these states', () => {
    expect(Object.keys(lifecycleMachine.states).sort()).toEqual([...STATES].sort())
  })
})
