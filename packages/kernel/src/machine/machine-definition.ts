// From a machine to the definition of an actor: what is known of it before it runs, a handler for each type of event,
// and a definition for each logic that it may start.

import { actor, type ActorDefinition, type AnyHandlers } from '../definition.js'
import { refuse } from '../errors.js'
import { MICROSTEPS_MAX } from '../limits.js'
import { checkMachine } from './check-machine.js'
import { childLogics } from './child-logics.js'
import { eventTypes } from './event-types.js'
import type { Fields } from './fields.js'
import { checkLoose, type LooseSpec } from './loose-spec.js'
import { handlersOf, schemasOf, SNAPSHOT } from './machine-handlers.js'
import type { CtxAction, MachinePlan, MachineTurn } from './machine-plan.js'
import { newState, type ChildArgs, type MachineState } from './machine-state.js'
import { start } from './machine-turns.js'
import { isMachine, RESERVED, ROUTE, type MachineLogic } from './xstate.js'

/** Defines the actor of a machine. `above` are the types of the machine that starts it, if one does. */
export function machineDefinition(
  spec: LooseSpec,
  above: ReadonlySet<string> | null,
  lineage: readonly unknown[] = [],
): ActorDefinition<MachineState, unknown, AnyHandlers> {
  checkLoose(spec)
  const plan = planOf(spec, above, lineage)
  const { version, migrate, upcast, snapshot, digestEvery } = spec
  const { durable, subject, onFailure, attempts, strategy, mailbox, messages, spawns = [] } = spec
  const passed = {
    version,
    migrate,
    upcast,
    snapshot,
    digestEvery,
    durable,
    subject,
    onFailure,
    attempts,
    strategy,
  }
  const definition = actor<MachineState, unknown, Record<string, never>>({
    ...passed,
    ...(mailbox === undefined ? {} : { mailbox }),
    name: spec.name,
    state: (args) => newState(above === null ? { input: args } : (args as ChildArgs)),
    output: (state) => state.output,
    spawns: [...spawns, ...[...plan.logics.values()].map((logic) => logic.definition)],
    messages: { ...schemasOf(plan), ...messages },
    onStart: (ctx: MachineTurn, incarnation) => start(plan, ctx, incarnation),
    on: handlersOf(plan) as Record<string, never>,
  })
  return definition
}

function planOf(
  spec: LooseSpec,
  above: ReadonlySet<string> | null,
  lineage: readonly unknown[],
): MachinePlan {
  const { name, onEmit, actions = {} } = spec
  if (!isMachine(spec.machine))
    refuse(
      'machine',
      spec.machine,
      'what createMachine() or setup().createMachine() of XState gives back',
      name,
    )
  const { config } = spec.machine
  if (lineage.includes(config)) refuse('machine', spec.machine, 'no part of itself', name)
  const own = new Map<unknown, CtxAction>()
  const standIns: Record<string, () => void> = {}
  for (const [type, run] of Object.entries(actions)) own.set((standIns[type] = () => undefined), run)
  const machine = bounded(spec.machine, standIns)
  checkMachine(name, machine)
  const known = knownTypes(spec, machine)
  const family = { spec, machine, known, lineage: [...lineage, config], define: machineDefinition }
  return { name, machine, known, above, logics: childLogics(family), own, onEmit }
}

// A cycle of transitions would hold the whole process, not only this machine. XState looks at the first state of a
// machine also where another one starts it.
function bounded(machine: MachineLogic, actions: Fields = {}, above: readonly unknown[] = []): MachineLogic {
  const chain = [...above, machine]
  const actors: Record<string, unknown> = {}
  for (const [src, logic] of Object.entries(machine.implementations.actors))
    if (isMachine(logic) && !chain.includes(logic)) actors[src] = bounded(logic, {}, chain)
  const copy = machine.provide({ actions, actors })
  if (!Number.isFinite(copy.options.maxIterations)) copy.options.maxIterations = MICROSTEPS_MAX
  return copy
}

function knownTypes({ name, events = [] }: LooseSpec, machine: MachineLogic): ReadonlySet<string> {
  const known = new Set([...eventTypes(machine), ...events])
  for (const type of known) {
    if (typeof type !== 'string' || type === '' || (type.startsWith(RESERVED) && type !== ROUTE))
      refuse('events', type, 'types that are not of XState', name)
    if (type === SNAPSHOT) refuse('events', type, 'another name: "snapshot" asks for the state', name)
  }
  return known
}
