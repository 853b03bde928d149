// Breaker states
// ==============
// The states of a circuit breaker as a statechart. It is evaluated on rare events only, never for a call that passes,
// and each step of it is computed by XState once and then looked up: there are few states and few events.
//
//   closed --failures--> open --due--> halfOpen --trial-succeeded--> closed
//                          ^              |
//                          +-- trial-failed, trial-lost              (`trip` leads to open and `reset` to closed
//                                                                     from everywhere)
//
// There is no arrow from open to closed but `reset`: nobody's success closes a breaker that is open.

import { createMachine, transition, type AnyStateMachine } from 'xstate'
import { HoldfastError } from './errors.js'

/** Whether calls pass: all of them, none, or one to try. */
export type BreakerState = 'closed' | 'open' | 'halfOpen'

/** What moves a breaker on. */
export type BreakerEvent =
  'failures' | 'due' | 'trial-succeeded' | 'trial-failed' | 'trial-lost' | 'trip' | 'reset'

/** The statechart itself, for drawings and for whoever wants to check it. */
export const breakerMachine: AnyStateMachine = createMachine({
  id: 'breaker',
  initial: 'closed',
  states: {
    closed: { on: { failures: 'open', trip: 'open', reset: 'closed' } },
    open: { on: { due: 'halfOpen', trip: 'open', reset: 'closed' } },
    halfOpen: {
      on: {
        'trial-succeeded': 'closed',
        'trial-failed': 'open',
        'trial-lost': 'open',
        trip: 'open',
        reset: 'closed',
      },
    },
  },
})

const steps: Record<BreakerState, Partial<Record<BreakerEvent, BreakerState>>> = {
  closed: {},
  open: {},
  halfOpen: {},
}

/**
 * The state after an event.
 *
 * @throws {HoldfastError} `HF_INVARIANT` when the event has no meaning in that state
 */
export function nextBreakerState(state: BreakerState, event: BreakerEvent): BreakerState {
  const known = steps[state][event]
  if (known !== undefined) return known
  const from = breakerMachine.resolveState({ value: state, context: {} })
  if (!from.can({ type: event })) {
    throw new HoldfastError('HF_INVARIANT', `A breaker that is ${state} cannot take "${event}".`, {
      hint: 'This is a bug in Holdfast: please report it.',
    })
  }
  const next = transition(breakerMachine, from, { type: event })[0].value as BreakerState
  steps[state][event] = next
  return next
}
