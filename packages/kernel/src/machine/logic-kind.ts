// XState's logics carry no name of what they are, so each is asked what it does with an event that only its kind
// knows. Nothing is started by that: a transition is a pure function of the snapshot that it is given.

import { isFields, type Fields } from './fields.js'
import { isMachine, type Logic, type LogicSnapshot, type Scope } from './xstate.js'

/**
 * What a logic is. A `reducer` is whatever has nothing to start: `fromTransition`, and logic that was written by hand.
 * `observable` tells its values as snapshots, `events` tells them as events.
 */
export type LogicKind = 'machine' | 'promise' | 'reducer' | 'callback' | 'observable' | 'events'

/** The kind of a logic; `undefined` when it is none that Holdfast can run. */
export function kindOf(logic: unknown): LogicKind | undefined {
  if (isMachine(logic)) return 'machine'
  if (!isLogic(logic)) return undefined
  if (logic.start === undefined) return 'reducer'
  if (typeof logic.start !== 'function' || typeof logic.config !== 'function') return undefined
  const first = asked(() => logic.getInitialSnapshot(INERT, undefined))
  if (first === undefined) return undefined
  const after = (type: string): Fields | undefined => {
    return asked(() => logic.transition(first as unknown as LogicSnapshot, { type, data: PROBE }, INERT))
  }
  if (after('xstate.promise.resolve')?.['output'] === PROBE) return 'promise'
  if ('_subscription' in first) {
    return after('xstate.observable.next')?.['context'] === PROBE ? 'observable' : 'events'
  }
  // Callbacks keep who listens apart from the snapshot, and nobody was started here.
  return 'input' in first && after('xstate.probe') === undefined ? 'callback' : undefined
}

function isLogic(value: unknown): value is Logic {
  if (!isFields(value)) return false
  return typeof value['transition'] === 'function' && typeof value['getInitialSnapshot'] === 'function'
}

function asked(ask: () => unknown): Fields | undefined {
  try {
    const answer = ask()
    return isFields(answer) ? answer : undefined
  } catch {
    return undefined
  }
}

const PROBE = { isProbe: true }

const nothing = (): void => undefined

const INERT: Scope = {
  self: {},
  id: '',
  sessionId: '',
  system: {},
  logger: nothing,
  defer: nothing,
  emit: nothing,
  stopChild: nothing,
  actionExecutor: nothing,
}
