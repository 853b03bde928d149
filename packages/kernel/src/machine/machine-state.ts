// What the log and the snapshots hold of a machine: plain data, which JSON gives back as it was when the context does.

import type { AnyRef } from '../ref.js'
import type { MachineEvent, StateValue } from './xstate.js'
import type { Fields } from './fields.js'

/** A child of a machine, by the id that the machine knows it by. */
export interface MachineChild {
  /** The logic that it runs, as the machine names it. */
  readonly src: string
  /** Which of the children it is, counted from 1: what refs in the context know it by. */
  readonly nth: number
  /** Its name in the tree: the id and a number, so that no two actors ever have the same. A new life has a new one. */
  readonly name: string
  /** `done`: its output is here and is about to be told to the machine. `over`: it has ended. */
  readonly status: 'live' | 'done' | 'over'
  readonly input?: unknown
  readonly output?: unknown
  /** The machine wants to hear of every change of it. */
  readonly sync?: true
}

/** Whom a delayed event is for; without one it is for the machine itself. */
export type DelayTarget = { readonly child: number } | { readonly parent: true } | { readonly ref: AnyRef }

/** An event that waits for its time. */
export interface MachineTimer {
  readonly dueMs: number
  readonly event: MachineEvent
  /** The timer that runs now ends before that, because the delay is longer than a timer may be. */
  readonly isLong?: true
  readonly to?: DelayTarget
}

/** The state of a machine actor. */
export interface MachineState<C = Fields, V = StateValue, O = unknown> {
  /** `new` until its start hook has run. */
  readonly status: 'new' | 'active' | 'done'
  readonly value: V
  readonly context: C
  readonly historyValue: Readonly<Record<string, readonly { readonly id: string }[]>>
  readonly children: Readonly<Record<string, MachineChild>>
  readonly timers: Readonly<Record<string, MachineTimer>>
  /** The incarnation that children and timers belong to. */
  readonly incarnation: number
  /** Actors started so far: names are counted on. */
  readonly spawned: number
  /** What it was spawned with, for a life that begins anew. */
  readonly input?: unknown
  readonly output?: O
  /** The id that its parent knows it by, when a machine started it. */
  readonly id?: string
  /** Its parent wants to hear of every change. */
  readonly sync?: true
}

/** What an ask of a machine answers. */
export interface MachineAnswer<C = Fields, V = StateValue, O = unknown> {
  readonly value: V
  readonly context: C
  readonly status: 'active' | 'done'
  /** What it has made of its work, once it is done. */
  readonly output?: O
}

/** What a machine or another logic is spawned with by the machine above it. */
export interface ChildArgs {
  readonly id: string
  readonly input?: unknown
  readonly sync?: true
}

/** A state while a turn works on it. */
export type Draft = { -readonly [K in keyof MachineState]: MachineState[K] } & {
  children: Record<string, MachineChild>
  timers: Record<string, MachineTimer>
}

/** The state before the start hook. */
export function newState(args: ChildArgs | { readonly input: unknown }): MachineState {
  return {
    status: 'new',
    value: {},
    context: {},
    historyValue: {},
    children: {},
    timers: {},
    incarnation: 0,
    spawned: 0,
    ...('id' in args ? { id: args.id } : {}),
    ...('sync' in args && args.sync === true ? { sync: true } : {}),
    ...(args.input === undefined ? {} : { input: args.input }),
  }
}

/** A copy that a turn may change. */
export function draftOf(state: MachineState): Draft {
  return { ...state, children: { ...state.children }, timers: { ...state.timers } }
}

/** What a machine answers in a state. */
export function answerOf({ value, context, status, output }: MachineState): MachineAnswer {
  const seen = { value, context, status: status === 'done' ? 'done' : 'active' } as const
  return output === undefined ? seen : { ...seen, output }
}
