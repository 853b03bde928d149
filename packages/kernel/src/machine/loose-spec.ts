// What `machine` was given, without its types: it may come from plain JavaScript.

import type { EffectOptions } from '../context.js'
import type { ActorSpec, Handlers } from '../definition.js'
import { refuse } from '../errors.js'
import { TIMER_MS_MAX } from '../limits.js'
import type { StandardSchema } from '../standard-schema.js'
import { isFields } from './fields.js'
import type { CtxAction, MachineContext } from './machine-plan.js'
import type { MachineState } from './machine-state.js'
import type { MachineEvent } from './xstate.js'

type AnyActorSpec = ActorSpec<
  MachineState,
  unknown,
  Handlers<MachineState>,
  Readonly<Record<string, StandardSchema>>
>

/** Fields of an actor that the machines a machine starts have too. */
export type PassedToAll = Pick<AnyActorSpec, 'version' | 'migrate' | 'upcast' | 'snapshot' | 'digestEvery'>

/** Fields of an actor that a machine has too. */
export type Passed = PassedToAll &
  Pick<
    AnyActorSpec,
    'durable' | 'subject' | 'messages' | 'onFailure' | 'attempts' | 'strategy' | 'spawns' | 'mailbox'
  >

/** What can be said of a machine, and of the machines and promises that it starts. */
export interface LooseOptions extends EffectOptions, PassedToAll {
  readonly events?: readonly string[]
  readonly actions?: Readonly<Record<string, CtxAction>>
  readonly onEmit?: (ctx: MachineContext, event: MachineEvent) => unknown
  readonly children?: Readonly<Record<string, LooseOptions>>
}

/** What `machine` was given. */
export interface LooseSpec extends LooseOptions, Passed {
  readonly name: string
  readonly machine: unknown
}

/**
 * Checks what a machine has and an actor has not.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field
 */
export function checkLoose(spec: LooseSpec): void {
  if (!isFields(spec)) refuse('spec', spec, 'an object')
  const { name, events, actions, children, onEmit, messages, spawns } = spec
  const wants = (field: string, value: unknown, isRight: boolean, what: string): void => {
    if (value !== undefined && !isRight) refuse(field, value, what, name)
  }
  wants('events', events, Array.isArray(events), 'an array of event types')
  wants('spawns', spawns, Array.isArray(spawns), 'an array of definitions')
  wants('onEmit', onEmit, typeof onEmit === 'function', 'a function')
  for (const [field, value] of Object.entries({ actions, children, messages }))
    wants(field, value, isFields(value), 'an object')
  for (const [type, run] of Object.entries(actions ?? {}))
    wants(`actions.${type}`, run, typeof run === 'function', 'a function')
}

/** Checks how a promise is to be done. */
export function checkEffect(name: string, src: string, { timeoutMs = 1, retry }: EffectOptions): void {
  const field = `children.${src}`
  if (!(timeoutMs > 0 && timeoutMs <= TIMER_MS_MAX))
    refuse(`${field}.timeoutMs`, timeoutMs, 'milliseconds above 0', name)
  if (retry === undefined || retry === 'default') return
  if (!isFields(retry)) refuse(`${field}.retry`, retry, '"default" or an object', name)
  const { attempts } = retry
  if (!(Number.isSafeInteger(attempts) && attempts >= 1))
    refuse(`${field}.retry.attempts`, attempts, 'a whole number from 1', name)
}
