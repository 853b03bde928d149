// Lifecycle
// =========
// The life of one actor as a statechart. It is evaluated on rare events only, never for a message, and each step of it
// is computed by XState once and then looked up: there are few states and few events.
//
//   starting --started--> running --fail--> failed --resume--> running
//                            |  ^              |
//                            |  +--started-- restarting <--restart-- (running, failed, starting, stopped)
//                            +--stop--> stopping --stopped--> stopped     (stop is heard in every state but the last)

import { createMachine, transition, type AnyStateMachine } from 'xstate'
import { HoldfastError } from './errors.js'

/** Where an actor stands in its life. */
export type LifecycleState = 'starting' | 'running' | 'failed' | 'restarting' | 'stopping' | 'stopped'

/** What moves it on. */
export type LifecycleEvent = 'started' | 'fail' | 'resume' | 'restart' | 'stop' | 'stopped'

/** The statechart itself, for drawings and for whoever wants to check it. */
export const lifecycleMachine: AnyStateMachine = createMachine({
  id: 'lifecycle',
  initial: 'starting',
  states: {
    starting: { on: { started: 'running', fail: 'failed', restart: 'restarting', stop: 'stopping' } },
    running: { on: { fail: 'failed', restart: 'restarting', stop: 'stopping' } },
    failed: { on: { resume: 'running', restart: 'restarting', stop: 'stopping', fail: 'failed' } },
    restarting: { on: { started: 'running', fail: 'failed', restart: 'restarting', stop: 'stopping' } },
    stopping: { on: { stopped: 'stopped', stop: 'stopping', fail: 'stopping' } },
    stopped: { on: { restart: 'restarting' } },
  },
})

type Steps = Partial<Record<LifecycleEvent, LifecycleState>>

const steps: Record<LifecycleState, Steps> = {
  starting: {},
  running: {},
  failed: {},
  restarting: {},
  stopping: {},
  stopped: {},
}

/**
 * The state after an event.
 *
 * @throws {HoldfastError} `HF_INVARIANT` when the event has no meaning in that state
 */
export function nextLifecycle(state: LifecycleState, event: LifecycleEvent): LifecycleState {
  const known = steps[state][event]
  if (known !== undefined) return known
  const from = lifecycleMachine.resolveState({ value: state, context: {} })
  if (!from.can({ type: event })) {
    throw new HoldfastError('HF_INVARIANT', `An actor that is ${state} cannot take "${event}".`, {
      hint: 'This is a bug in Holdfast: please report it.',
    })
  }
  const next = transition(lifecycleMachine, from, { type: event })[0].value as LifecycleState
  steps[state][event] = next
  return next
}
