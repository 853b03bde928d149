// Blueprint
// =========
// What the runtime makes of a definition, once per system: handlers behind entries that the hot path can hold on to,
// bounds with their defaults filled in, and the name under which the log knows each message type.

import type { Around, MakerKind } from './around.js'
import type { ActorSpec, AnyHandlers, Definition, FailurePolicy, Migrations, Overflow } from './definition.js'
import type { Context } from './context.js'
import { HoldfastError } from './errors.js'
import type { IdleEntry, IdleSpec } from './idle.js'
import {
  CHILDREN_MAX,
  DIGEST_EVERY_TURNS,
  MAILBOX_CAPACITY,
  SNAPSHOT_WEIGHT_MIN,
  STASH_CAPACITY,
} from './limits.js'
import type { MessageName } from './log.js'
import { breakPact, PACT } from './pact.js'
import type { StandardSchema } from './standard-schema.js'
import { oneForOne } from './strategy/one-for-one.js'
import { readable } from './subjects/sealed-value.js'
import type { Strategy } from './strategy/strategy.js'
import { administering, commandsOf } from './supervision/commands.js'
import type { AutoShutdown, ChildSpec, SupervisorDefinition } from './supervision/supervisor-definition.js'

/** A handler as the runtime calls it. */
export type RunHandler = (ctx: Context<unknown>, payload: unknown) => unknown

/** One message type of one definition. */
export interface HandlerEntry {
  readonly type: string
  readonly run: RunHandler
  /** The handler as the definition has it, whatever stands around it. */
  readonly written: RunHandler
  /** True when the handler is an async function: its turn is buffered from the start. */
  readonly isAsync: boolean
  /** True for the start, the restart and the stop hook. */
  readonly isHook: boolean
  /** True when it is neither async nor a hook. */
  readonly isPlain: boolean
  /** True when it overtakes the others that wait. */
  readonly isUrgent: boolean
  readonly schema: StandardSchema | undefined
  readonly name: MessageName
}

type ErasedSpec = ActorSpec<unknown, unknown, AnyHandlers, Readonly<Record<string, StandardSchema>>>

/** Message type of the start hook in the log. */
export const START = '$start'
/** Message type of the restart hook in the log. */
export const RESTART = '$restart'
/** Message type of the stop hook in the log. */
export const STOP = '$stop'

/** Whether a message type is that of a hook. */
export function isHook(type: string): boolean {
  return type === START || type === RESTART || type === STOP
}

const NO_CHILDREN: readonly ChildSpec[] = []

/** A definition as the runtime holds it. */
export class Blueprint {
  readonly definition: Definition
  readonly name: string
  readonly version: number
  readonly durable: boolean
  /** Where its handlers run. */
  readonly runsIn: 'main' | 'thread'
  /** The pool whose threads run them. */
  readonly pool: string
  readonly isSupervisor: boolean
  readonly capacity: number
  readonly overflow: Overflow
  /** Message types that overtake the others that wait. */
  readonly urgent: readonly string[]
  /** Messages that may be put aside. */
  readonly stashCapacity: number
  readonly attempts: number
  readonly turnTimeoutMs: number | undefined
  readonly digestEvery: number
  readonly snapshotEvery: number
  /** How long what it does is kept in the log, in milliseconds. */
  readonly keepMs: number
  readonly onFailure: FailurePolicy | undefined
  readonly strategy: Strategy
  readonly children: readonly ChildSpec[]
  readonly keepsChildren: boolean
  readonly autoShutdown: AutoShutdown
  readonly template: ChildSpec | undefined
  readonly maxChildren: number
  readonly isPartitioned: boolean
  /** How long its children may be idle, when they are virtual. */
  readonly idleMs: number | undefined
  readonly migrate: Migrations | undefined
  /** Whom an actor belongs to, from its arguments and its name. */
  readonly subjectOf: ((args: unknown, name: string) => string | undefined) | undefined
  /** What its watchers are told when it has ended by itself. */
  readonly output: ((state: unknown) => unknown) | undefined
  readonly start: HandlerEntry | null
  /** What an incarnation that follows another one starts with. */
  readonly startAgain: HandlerEntry | null
  readonly stop: HandlerEntry | null
  /** Handles the break of a link. */
  readonly pact: HandlerEntry
  readonly idle: IdleEntry | null
  readonly #entries = new Map<string, HandlerEntry>()
  readonly #specs: ReadonlyMap<string, ChildSpec>
  /** The one that was asked for last: messages of one type come in rows. */
  #last: HandlerEntry | undefined = undefined
  readonly #makeState: ((args: unknown) => unknown) | undefined
  readonly #upcast: Readonly<Record<string, Migrations>> | undefined
  readonly #around: Around | undefined

  constructor(definition: Definition, around?: Around) {
    const isSupervisor = definition.kind === 'supervisor'
    const spec = isSupervisor ? undefined : (definition as unknown as { readonly spec: ErasedSpec }).spec
    const supervisor = isSupervisor ? (definition as SupervisorDefinition) : undefined
    this.definition = definition
    this.name = definition.name
    this.version = definition.version
    this.isSupervisor = isSupervisor
    this.durable = spec?.durable ?? true
    this.runsIn = spec?.runsIn ?? 'main'
    this.pool = spec?.pool ?? 'default'
    // What is not run again need not be the same, and what is ours is.
    this.#around = this.durable && !isSupervisor ? around : undefined
    this.capacity = spec?.mailbox?.capacity ?? MAILBOX_CAPACITY
    this.overflow = spec?.mailbox?.overflow ?? 'reject'
    this.urgent = spec?.mailbox?.urgent ?? []
    this.stashCapacity = spec?.mailbox?.stash ?? STASH_CAPACITY
    this.attempts = spec?.attempts ?? 1
    this.turnTimeoutMs = spec?.turnTimeoutMs
    // A supervisor has no state of its own: what it knows are its children, and they are in the log.
    this.digestEvery = isSupervisor ? 0 : (spec?.digestEvery ?? DIGEST_EVERY_TURNS)
    this.snapshotEvery = isSupervisor ? Infinity : (spec?.snapshot?.everyBytes ?? SNAPSHOT_WEIGHT_MIN)
    this.keepMs = spec?.retention?.keepMs ?? 0
    this.onFailure = supervisor?.onFailure ?? spec?.onFailure
    this.strategy = supervisor?.strategy ?? spec?.strategy ?? oneForOne()
    this.children = supervisor?.children ?? NO_CHILDREN
    this.keepsChildren = spec?.keepChildren ?? false
    this.autoShutdown = supervisor?.autoShutdown ?? 'never'
    this.template = supervisor?.template
    this.maxChildren = supervisor?.maxChildren ?? CHILDREN_MAX
    this.idleMs = supervisor?.idleMs
    this.isPartitioned = supervisor?.isPartitioned ?? false
    this.#specs = new Map(this.children.map((child) => [child.id, child]))
    this.migrate = this.#steps('migrate', spec?.migrate)
    this.output = spec?.output
    this.subjectOf = spec?.subject
    this.#makeState = spec?.state && this.#maker('state', spec.state)
    this.#upcast = spec?.upcast && mapped(spec.upcast, (steps) => this.#steps('upcast', steps) as Migrations)
    for (const [type, run] of Object.entries(spec?.on ?? {})) {
      this.#entries.set(type, this.#entry(type, run, spec?.messages?.[type]))
    }
    if (supervisor !== undefined) {
      for (const command of commandsOf(supervisor))
        this.#entries.set(command, this.#entry(command, administering(command)))
    }
    this.start = spec?.onStart === undefined ? null : this.#entry(START, spec.onStart as RunHandler)
    this.startAgain =
      spec?.onRestart === undefined ? this.start : this.#entry(RESTART, spec.onRestart as RunHandler)
    this.stop = spec?.onStop === undefined ? null : this.#entry(STOP, spec.onStop)
    this.pact = this.#entry(PACT, breakPact)
    this.idle = this.#idleOf(spec?.idle)
  }

  /** The entry of a message type, or `undefined` when the definition does not know it. */
  entry(type: string): HandlerEntry | undefined {
    if (this.#last?.type === type) return this.#last
    const entry = this.#entries.get(type)
    if (entry !== undefined) return (this.#last = entry)
    if (type === PACT) return this.pact
    return [this.start, this.startAgain, this.stop].find((hook) => hook?.type === type) ?? undefined
  }

  /** The child that its spec names so. */
  childSpec(id: string): ChildSpec | undefined {
    return this.#specs.get(id)
  }

  /** The types that it knows, for messages to humans. */
  types(): readonly string[] {
    return [...this.#entries.keys()]
  }

  /** The first state, from the arguments of spawn. A supervisor has none. */
  firstState(args: unknown): unknown {
    if (this.#makeState === undefined) return this.isSupervisor ? undefined : {}
    return this.#makeState(args)
  }

  /** Brings a snapshot's state up to this version, step by step, each step once. */
  migrateState(state: unknown, from: number, actor: string): unknown {
    readable(state, actor, 'its state')
    return upcast(state, from, this.version, this.migrate, `the state of ${actor}`, actor)
  }

  /** Brings a recorded payload up to this version, step by step, each step once. */
  upcastMessage(type: string, payload: unknown, from: number, actor: { readonly path: string }): unknown {
    readable(payload, actor.path, `message "${type}"`)
    if (from === this.version) return payload
    return upcast(
      payload,
      from,
      this.version,
      this.#upcast?.[type],
      `message "${type}" to ${actor.path}`,
      actor.path,
    )
  }

  #idleOf(spec: IdleSpec | undefined): IdleEntry | null {
    const entry = spec === undefined ? undefined : this.#entries.get(spec.type)
    return spec === undefined || entry === undefined ? null : { afterMs: spec.afterMs, entry: { ...entry } }
  }

  #entry(type: string, written: RunHandler, schema?: StandardSchema): HandlerEntry {
    const name: MessageName = { type, version: this.version, batch: -1, slot: 0 }
    const isAsync = written.constructor.name === 'AsyncFunction'
    const isUrgent = this.urgent.includes(type)
    const isPlain = !isAsync && !isHook(type)
    const around = type === PACT ? undefined : this.#around
    // What stands around it is given turns and nothing else.
    const run =
      around === undefined ? written : (around.handler(this.definition, type, written) as RunHandler)
    return { type, run, written, isAsync, isHook: isHook(type), isPlain, isUrgent, schema, name }
  }

  #steps(what: MakerKind, steps: Migrations | undefined): Migrations | undefined {
    if (this.#around === undefined || steps === undefined) return steps
    return mapped(steps, (step) => this.#maker(what, step as (from: unknown) => unknown))
  }

  #maker(what: MakerKind, make: (from: unknown) => unknown): (from: unknown) => unknown {
    return this.#around?.maker(this.definition, what, make) ?? make
  }
}

function mapped<T, U>(from: Readonly<Record<string, T>>, to: (each: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([key, each]) => [key, to(each)]))
}

function upcast(
  value: unknown,
  from: number,
  to: number,
  steps: Migrations | undefined,
  what: string,
  actor: string,
): unknown {
  if (from > to) {
    throw new HoldfastError('HF_VERSION_NEWER', `${what} has version ${from}, and the code knows ${to}.`, {
      actor,
      hint: 'Run the code that wrote it, or a later one. Holdfast never guesses what a newer version means.',
    })
  }
  for (let version = from + 1; version <= to; version++) {
    const step = steps?.[version] as ((old: unknown) => unknown) | undefined
    if (step !== undefined) value = step(value)
  }
  return value
}
