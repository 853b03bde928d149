// What a machine may say, checked where it is written. XState does nothing about an action, a delay or a logic that is
// not there; here a name without an implementation is refused, because it would be missed when it is needed.

import { refuse } from '../errors.js'
import { isFields, type Fields } from './fields.js'
import { kindOf } from './logic-kind.js'
import { statesOf, type MachineLogic, type StateNode } from './xstate.js'

/**
 * Checks that all is there that a machine names.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field
 */
export function checkMachine(name: string, machine: MachineLogic): void {
  const check = new Check(name, machine)
  for (const state of statesOf(machine.root)) check.state(state)
}

/** The logics that a machine may start, by the names that it has for them. */
export function logicsOf(name: string, machine: MachineLogic): ReadonlyMap<string, unknown> {
  const logics = new Map<string, unknown>(Object.entries(machine.implementations.actors))
  for (const state of statesOf(machine.root)) {
    const configs = [state.config['invoke'] ?? []].flat() as unknown as readonly Fields[]
    for (const [i, { src }] of state.invoke.entries()) {
      const inline = configs[i]?.['src']
      if (typeof inline !== 'string') logics.set(src, inline)
      else if (!logics.has(src)) refuse(`actors.${src}`, undefined, LOGIC, name)
    }
  }
  for (const [src, logic] of logics)
    if (kindOf(logic) === undefined) refuse(`actors.${src}`, logic, LOGIC, name)
  return logics
}

const LOGIC =
  'a machine or what fromPromise, fromTransition, fromCallback, fromObservable or fromEventObservable gives back'

class Check {
  readonly #name: string
  readonly #machine: MachineLogic

  constructor(name: string, machine: MachineLogic) {
    this.#name = name
    this.#machine = machine
  }

  state(state: StateNode): void {
    for (const { systemId } of state.invoke) this.#systemId(systemId)
    const transitions = [...[...state.transitions.values()].flat(), ...(state.always ?? [])]
    const initial = state.initial?.actions ?? []
    const actions = [
      ...state.entry,
      ...state.exit,
      ...initial,
      ...transitions.flatMap((each) => each.actions),
    ]
    actions.forEach((action) => {
      this.#action(action)
    })
    transitions.forEach(({ guard }) => {
      this.#guard(guard)
    })
  }

  // Those of XState are functions with a type and what they were made from.
  #action(action: unknown): void {
    const named = this.#named('actions', action)
    const { type, delay, src, systemId } = fieldsOf(named)
    if (type === 'xstate.raise' || type === 'xstate.sendTo') this.#delay(delay)
    if (type !== 'xstate.spawnChild') return
    this.#systemId(systemId)
    if (typeof src !== 'string')
      refuse('spawnChild', src, 'the name of a logic under `actors` of setup()', this.#name)
    const isInvoked = src.startsWith('xstate.invoke.')
    if (!isInvoked) this.#named('actors', src)
  }

  #guard(guard: unknown): void {
    if (guard === undefined) return
    const { guards } = fieldsOf(this.#named('guards', guard))
    if (Array.isArray(guards)) for (const each of guards) this.#guard(each)
  }

  #delay(delay: unknown): void {
    if (typeof delay === 'string') this.#named('delays', delay)
  }

  #systemId(systemId: unknown): void {
    if (systemId !== undefined)
      refuse('systemId', systemId, 'left out: actors of Holdfast are found by their path', this.#name)
  }

  // What a name stands for: itself, or what the machine has under it.
  #named(kind: 'actions' | 'guards' | 'delays' | 'actors', named: unknown): unknown {
    if (typeof named === 'function') return named
    const name = typeof named === 'string' ? named : String(fieldsOf(named)['type'])
    const found = this.#machine.implementations[kind][name]
    if (found === undefined) refuse(`${kind}.${name}`, undefined, `there: the machine names it`, this.#name)
    return found
  }
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) || typeof value === 'function' ? (value as Fields) : {}
}
