// What a machine does with each kind of message: one small function each, all of them turns of the actor.

import { revivedError } from '../records.js'
import type { TerminatedNotice } from '../watching.js'
import type { MachinePlan, MachineTurn } from './machine-plan.js'
import type { DelayTarget } from './machine-state.js'
import { nameOf, SETTLED, tellAny } from './messages.js'
import type { Place } from './refs.js'
import { Step } from './step.js'
import { RESERVED, type MachineEvent } from './xstate.js'

/** Enters the initial state, or goes on in a new life. In the life that it knows, all is still there. */
export function start(plan: MachinePlan, ctx: MachineTurn, incarnation: number): unknown {
  const { status, incarnation: known } = ctx.state
  if (status === 'active' && known === incarnation) return undefined
  const step = new Step(plan, ctx)
  step.draft.incarnation = incarnation
  // What had ended begins anew: somebody wants it to go on for ever.
  if (status !== 'active') return step.begin()
  step.revive()
  return undefined
}

/** A promise of the life before is begun anew. */
export function revive(plan: MachinePlan, ctx: MachineTurn, name: string): void {
  const step = new Step(plan, ctx)
  step.children.restart(name)
  step.keep()
}

/** Takes an event. */
export function take(plan: MachinePlan, ctx: MachineTurn, event: MachineEvent): unknown {
  return new Step(plan, ctx).take(event)
}

/** Takes an event of a type that is no message. XState's own are none for others to send. */
export function takeAny(plan: MachinePlan, ctx: MachineTurn, event: MachineEvent): unknown {
  const { type } = event
  const isForMachine = typeof type === 'string' && type !== '*' && !type.startsWith(RESERVED)
  return isForMachine ? take(plan, ctx, event) : undefined
}

/** A delayed event is due. */
export function due(plan: MachinePlan, ctx: MachineTurn, key: string): unknown {
  const step = new Step(plan, ctx)
  const timer = step.delays.take(key)
  if (timer !== undefined && timer.to === undefined) return step.take(timer.event)
  if (timer?.to !== undefined) step.send(placeOf(step, timer.to), timer.event)
  step.keep()
  return undefined
}

function placeOf(step: Step, to: DelayTarget): Place {
  if ('ref' in to) return { kind: 'ref', ref: to.ref }
  return 'parent' in to ? { kind: 'parent' } : step.children.placeAt(to.child)
}

/**
 * A child has reached its end. Its output is kept in a turn of its own before the machine hears of it: when what
 * follows from it fails, the work itself is not done again.
 */
export function childDone(plan: MachinePlan, ctx: MachineTurn, name: string, output: unknown): void {
  const step = new Step(plan, ctx)
  const known = step.children.named(name)
  if (known?.[1].status !== 'live') return
  const [id, child] = known
  step.children.mark(id, { ...child, status: 'done', ...(output === undefined ? {} : { output }) })
  tellAny(ctx, ctx.self, SETTLED, { child: name })
  step.keep()
}

/** The machine hears of an output that is kept. */
export function childSettled(plan: MachinePlan, ctx: MachineTurn, name: string): unknown {
  const step = new Step(plan, ctx)
  const known = step.children.named(name)
  if (known?.[1].status !== 'done') return undefined
  const [id, { output, ...child }] = known
  step.children.mark(id, { ...child, status: 'over' })
  return step.take({ type: `xstate.done.actor.${id}`, output, actorId: id })
}

/** A child has failed, and the machine hears of it; what it does not take fails the machine. */
export function childFailed(plan: MachinePlan, ctx: MachineTurn, name: string, error: unknown): unknown {
  const step = new Step(plan, ctx)
  const known = step.children.named(name)
  if (known?.[1].status !== 'live') return undefined
  const [id, child] = known
  step.children.mark(id, { ...child, status: 'over' })
  return step.take({ type: `xstate.error.actor.${id}`, error, actorId: id })
}

/** A child has changed, and the machine wants to hear of it. */
export function childChanged(plan: MachinePlan, ctx: MachineTurn, name: string, snapshot: unknown): unknown {
  const step = new Step(plan, ctx)
  const known = step.children.named(name)
  return known === undefined ? undefined : step.take({ type: `xstate.snapshot.${known[0]}`, snapshot })
}

/** A child has ended. Who ends well has said so before, and who was taken down by a restart is started again. */
export function childEnded(
  plan: MachinePlan,
  ctx: MachineTurn,
  { path, reason, error }: TerminatedNotice,
): unknown {
  const isFailure = reason === 'failed' || reason === 'gave-up' || reason === 'collateral'
  if (!isFailure) return undefined
  return childFailed(plan, ctx, nameOf(path), error === undefined ? undefined : revivedError(error))
}
