// A promise of a machine, as an actor of its own: an effect whose result is a record. After a crash it is read from
// the log, and done again only when it is not there.

import type { EffectOptions } from '../context.js'
import { actor, type ActorDefinition, type AnyHandlers } from '../definition.js'
import type { Fields } from './fields.js'
import type { Common } from './machine-plan.js'
import type { ChildArgs } from './machine-state.js'
import { DONE, EVENT, FAILED, nameOf, RUN, tellAny } from './messages.js'
import type { Logic } from './xstate.js'

/** The definition of a promise logic. */
export function promiseActor(
  name: string,
  src: string,
  logic: Logic,
  options: EffectOptions,
  common: Common,
): ActorDefinition<unknown, ChildArgs, AnyHandlers> {
  const create = logic.config as (args: Fields) => unknown
  const { timeoutMs, retry } = options
  const definition = actor({
    ...common,
    name,
    state: (args: ChildArgs) => args,
    on: {
      async [RUN](ctx) {
        const { id, input } = ctx.state
        const child = nameOf(ctx.self.path)
        const begin = (signal: AbortSignal): unknown => create({ input, signal, ...surroundings(id) })
        try {
          const output = await ctx.effect(src, begin, { timeoutMs, retry })
          tellAny(ctx, ctx.parent, DONE, output === undefined ? { child } : { child, output })
        } catch (error) {
          tellAny(ctx, ctx.parent, FAILED, { child, error })
        }
        ctx.stop(ctx.self)
      },
      // XState has events to a promise come to nothing.
      [EVENT]: () => undefined,
    },
  })
  return definition as unknown as ActorDefinition<unknown, ChildArgs, AnyHandlers>
}

// What XState gives beside input and signal. There is nobody to talk to: what it has to say is its result.
function surroundings(id: string): Fields {
  const nothing = (): void => undefined
  const self = { id, sessionId: id, send: nothing }
  return { self, system: { get: nothing, getAll: () => ({}) }, emit: nothing }
}
