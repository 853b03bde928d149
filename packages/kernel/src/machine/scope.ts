// What XState's code is given of its surroundings while a transition runs. It is all of a turn: ids come from `ctx`,
// actions are collected, and whatever would start or schedule something does nothing.

import { HoldfastError, refuse } from '../errors.js'
import type { MachineContext } from './machine-plan.js'
import { MachineRef } from './refs.js'
import type { Fields } from './fields.js'
import type { MachineAction, Scope } from './xstate.js'

const nothing = (): void => undefined

/** The system of a turn, as far as transitions and the making of refs ask for one. */
export function systemOf(ctx: MachineContext): Fields {
  return {
    _bookId: () => `x:${ctx.id()}`,
    _set: (systemId: unknown) =>
      refuse('systemId', systemId, 'left out: actors of Holdfast are found by their path', ctx.self.path),
    _register: (id: unknown) => id,
    _unregister: nothing,
    _sendInspectionEvent: nothing,
    _logger: nothing,
    get: nothing,
    getAll: () => ({}),
  }
}

/** The scope of a transition; what is to be done goes to `actions`. */
export function scopeOf(self: MachineRef, ctx: MachineContext, actions: MachineAction[]): Scope {
  return {
    self,
    id: self.id,
    sessionId: self.id,
    system: self.system,
    logger: (...args) => ctx.log.info(args.map(String).join(' ')),
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: (action) => {
      actions.push(action)
    },
  }
}

/**
 * The `ctx` of the turn in which code of a machine runs, for whatever is given a `self`: assignments, actions, delays,
 * inputs. Use it when such code needs the time, chance or an id that is the same in every replay.
 *
 * @throws {HoldfastError} `HF_INVALID` when `self` is not a machine that Holdfast runs
 *
 * @example
 * entry: assign({ openedAt: ({ self }) => ctxOf(self).now() })
 */
export function ctxOf(self: unknown): MachineContext {
  if (self instanceof MachineRef && self.place.kind === 'self') return self.ctx
  throw new HoldfastError('HF_INVALID', 'ctxOf was given a self that Holdfast does not run.', {
    field: 'self',
    hint: 'Run the machine with machine(), and give ctxOf the self that XState hands to the code.',
  })
}
