// The handlers of a machine's actor: one for each type of event, and those for what its children and its timers say.

import type { StandardSchema } from '../standard-schema.js'
import type { TerminatedNotice } from '../watching.js'
import { isFields } from './fields.js'
import type { MachinePlan, MachineTurn } from './machine-plan.js'
import { sourceText } from './machine-source.js'
import { answerOf } from './machine-state.js'
import * as turns from './machine-turns.js'
import * as messages from './messages.js'
import type { FromChild } from './messages.js'
import type { MachineEvent } from './xstate.js'

/** The type of the message that asks for the state. */
export const SNAPSHOT = 'snapshot'

type On = Record<string, (ctx: MachineTurn, payload: never) => unknown>

/** The handlers by message type. */
export function handlersOf(plan: MachinePlan): On {
  const on: On = {}
  for (const type of plan.known)
    on[type] = (ctx, payload) => turns.take(plan, ctx, messages.eventOf(type, payload))
  // The code of these is the same for all machines: what the log is told of this one is its text.
  on[SNAPSHOT] = Object.assign((ctx: MachineTurn) => answerOf(ctx.state), {
    toString: () => sourceText(plan.machine),
  })
  return Object.assign(on, innerHandlers(plan))
}

function innerHandlers(plan: MachinePlan): On {
  return {
    [messages.EVENT]: (ctx, event: MachineEvent) => turns.takeAny(plan, ctx, event),
    [messages.DUE]: (ctx, { key }: { key: string }) => turns.due(plan, ctx, key),
    [messages.DONE]: (ctx, { child, output }: FromChild) => turns.childDone(plan, ctx, child, output),
    [messages.SETTLED]: (ctx, { child }: FromChild) => turns.childSettled(plan, ctx, child),
    [messages.FAILED]: (ctx, { child, error }: FromChild) => turns.childFailed(plan, ctx, child, error),
    [messages.CHANGED]: (ctx, { child, snapshot }: FromChild) =>
      turns.childChanged(plan, ctx, child, snapshot),
    [messages.REVIVE]: (ctx, { child }: FromChild) => turns.revive(plan, ctx, child),
    [messages.ENDED]: (ctx, notice: TerminatedNotice) => turns.childEnded(plan, ctx, notice),
  }
}

/** What comes from outside is checked: events carry fields, and the rest is not for others to send. */
export function schemasOf(plan: MachinePlan): Record<string, StandardSchema> {
  const events = [...plan.known].map((type) => [type, ANY_FIELDS] as const)
  const inner = Object.keys(innerHandlers(plan)).map((type) => [type, NOT_FROM_OUTSIDE] as const)
  return Object.fromEntries<StandardSchema>([...events, ...inner])
}

const ANY_FIELDS = schema('must be an object with the other fields of the event, or nothing', (value) => {
  return value === undefined || (isFields(value) && !Array.isArray(value))
})

const NOT_FROM_OUTSIDE = schema('is sent by the machine, its children and its timers only', () => false)

function schema(message: string, isRight: (value: unknown) => boolean): StandardSchema {
  const validate = (value: unknown) => (isRight(value) ? { value } : { issues: [{ message }] })
  return { '~standard': { version: 1, vendor: 'holdfast', validate } }
}
