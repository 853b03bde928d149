// What the commands of supervisors take and answer.

import type { ArgsOf, Definition, HandlersOf } from '../definition.js'
import type { LifecycleState } from '../lifecycle.js'
import type { StopReason } from '../records.js'
import type { ActorRef } from '../ref.js'
import type { BackoffOptions } from './backoff.js'
import type { ChildBudgetOptions, ChildTerms, RestartType } from './child-terms.js'

/** One child, as `which` lists it. */
export interface ChildStatus {
  readonly id: string
  readonly path: string
  readonly definition: string
  readonly kind: 'actor' | 'supervisor'
  readonly restart: RestartType
  readonly status: LifecycleState
  /** Why it has ended, if it has. */
  readonly stopped: StopReason | undefined
}

/** How many children there are (after OTP's `count_children`). */
export interface ChildCounts {
  /** Specs: a dynamic supervisor has one for all its children. */
  readonly specs: number
  /** Children that run. */
  readonly active: number
  readonly supervisors: number
  readonly workers: number
}

/** How many virtual actors there are. */
export interface VirtualCounts extends ChildCounts {
  /** Those that were ever awake. */
  readonly known: number
}

/** What a home of virtual actors can be asked for. */
export interface VirtualProtocol {
  /** Lists those that are awake, in the order in which they woke. */
  which(ctx: never, page?: ChildPage): readonly ChildStatus[]
  /** Counts those that are awake, and those that are known. */
  count(ctx: never): VirtualCounts
}

/** A part of a listing. */
export interface ChildPage {
  /** Begins behind this child. */
  readonly after?: string
  /** @default 1,000, which is also the most */
  readonly limit?: number
}

/** Names one child. */
export interface ChildId {
  readonly id: string
}

/** A child that is added to a supervisor whose spec names its children; as data, because it goes through the log. */
export interface AddedChild {
  /** Name of a definition that the system knows. */
  readonly definition: string
  /** @default the definition's name */
  readonly id?: string
  readonly args?: unknown
  readonly restart?: RestartType
  readonly shutdown?: ChildTerms['shutdown']
  readonly backoff?: BackoffOptions
  readonly budget?: ChildBudgetOptions
  readonly significant?: boolean
}

/** What every supervisor can be asked for. */
export interface CommonProtocol {
  /** Stops a child for good; answers when it has ended. A child that the spec names keeps its place. */
  terminate(ctx: never, order: ChildId): void
  /** Lists children in start order. */
  which(ctx: never, page?: ChildPage): readonly ChildStatus[]
  /** Counts children. */
  count(ctx: never): ChildCounts
}

/** What a supervisor can be asked for whose spec names its children. */
export interface SupervisorProtocol extends CommonProtocol {
  /** Adds a child behind the others and starts it. Answers when it is up; `undefined` when it answered `ignore`. */
  start(ctx: never, order: AddedChild): ActorRef | undefined
  /** Starts a child that has ended and kept its place. Answers when it is up. */
  restart(ctx: never, order: ChildId): ActorRef | undefined
  /** Forgets a child that has ended, and its place. */
  delete(ctx: never, order: ChildId): void
}

/** A child of a dynamic supervisor. */
export type DynamicChild<D> = { readonly id?: string } & (undefined extends ArgsOf<D>
  ? { readonly args?: ArgsOf<D> }
  : { readonly args: ArgsOf<D> })

/** What a dynamic supervisor can be asked for. */
export type DynamicProtocol<D extends Definition> = CommonProtocol & {
  /** Starts a child. Answers when it is up; `undefined` when it answered `ignore`. */
  start(ctx: never, order: DynamicChild<D>): ActorRef<HandlersOf<D>> | undefined
} & (HandlersOf<D> extends { readonly run: infer R } ? { readonly run: R } : unknown)

/** What a partition supervisor can be asked for. */
export interface PartitionsProtocol extends CommonProtocol {
  /** Starts a partition that has ended. */
  restart(ctx: never, order: ChildId): ActorRef | undefined
  /** Has so many partitions run; keys are spread over those that do. Answers when it is done. */
  resize(ctx: never, order: { readonly count: number }): void
}
