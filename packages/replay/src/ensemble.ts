// Ensemble
// ========
// The actors of a slice, rebuilt: each with the state of its snapshot, or its first one, and with the code that is to be
// run. It runs one recorded turn after the other on them.
//
// Invariants
//   Z1  No effect is done, no message sent, no timer set, no actor started; what a handler does goes to the observer.
//   Z2  A turn that fails leaves the state as it was before.

import {
  readable,
  RerunTurn,
  SealedValue,
  storedError,
  type Authorities,
  type Blueprint,
  type Blueprints,
  type RerunActor,
  type RerunObserver,
  type RerunWorld,
  type StoredError,
} from '@holdfast/kernel'
import type { Evidence } from './evidence.js'
import type { Focus } from './focus.js'
import { PathRef } from './path-ref.js'
import { ReplayGuard } from './replay-guard.js'
import type { Paths } from './paths.js'
import { Rewind } from './rewind.js'
import { isOfSubject } from './shredded.js'
import type { SliceActor } from './slice.js'
import type { Step } from './steps.js'
import { outside } from './traps/scope.js'

/** An actor that was rebuilt. */
export interface Rebuilt extends RerunActor {
  readonly path: string
  readonly parentPath: string
  /** Nothing when the code has no such definition, or its first state cannot be made. */
  readonly blueprint: Blueprint | undefined
  readonly rewind: Rewind
  state: unknown
}

/** The actors of one replay. */
export class Ensemble {
  /** Catches what handlers do past `ctx`. */
  readonly guard: ReplayGuard
  /** What the turn that was run last waits for; nothing when it has ended. */
  waits: Promise<void> | undefined = undefined
  readonly #evidence: Evidence
  readonly #focus: Focus
  readonly #blueprints: Blueprints
  readonly #world: RerunWorld
  readonly #actors = new Map<number, Rebuilt>()

  constructor(
    evidence: Evidence,
    paths: Paths,
    focus: Focus,
    blueprints: Blueprints,
    authorities?: Authorities,
  ) {
    this.guard = new ReplayGuard(authorities)
    this.#evidence = evidence
    this.#focus = focus
    this.#blueprints = blueprints
    const ref = (path: string) => new PathRef(path)
    this.#world = {
      authorities: this.guard.authorities,
      ref,
      // A handler asks, and the reading of the log is none of its doing.
      pathOf: (id) => outside(() => paths.of(id)),
      correlationName: (id) => outside(() => evidence.correlationName(id)),
    }
    evidence.codec.ref = ref
  }

  /** Brings an actor to where the slice begins for it. @returns why its state cannot be made, if it cannot */
  rebuild(actor: SliceActor): StoredError | undefined {
    const { id, path, born, from } = actor
    const blueprint = this.#blueprints.has(born.definition)
      ? this.#blueprints.named(born.definition, path)
      : undefined
    if (blueprint === undefined || blueprint.isSupervisor) {
      this.#place(actor, blueprint, undefined)
      return undefined
    }
    const snapshot = from === 0 ? undefined : this.#evidence.snapshot(id, from)
    try {
      const state = this.guard.make(path, () =>
        snapshot === undefined
          ? blueprint.firstState(readable(born.args, path, 'what it was started with'))
          : blueprint.migrateState(snapshot.state, snapshot.version, path),
      )
      this.#place(actor, blueprint, state)
      return undefined
    } catch (error) {
      const stored = storedError(error)
      // Its state may be known later.
      this.#place(actor, isOfSubject(stored) ? blueprint : undefined, undefined)
      return stored
    }
  }

  /** Gives an actor the state of its newest snapshot between two positions. @returns whether there was one to be read */
  restore(id: number, from: number, until: number): boolean {
    const actor = this.at(id)
    const snapshot = this.#evidence.snapshot(id, until)
    if (snapshot === undefined || snapshot.position < from || actor.blueprint === undefined) return false
    const { state, version } = snapshot
    if (state instanceof SealedValue) return false
    actor.state = this.guard.make(actor.path, () => actor.blueprint!.migrateState(state, version, actor.path))
    actor.rewind.before(actor.state, true)
    return true
  }

  /** The actor of an id. */
  at(id: number): Rebuilt {
    return this.#actors.get(id)!
  }

  /** The actor at a path. */
  named(path: string): Rebuilt | undefined {
    for (const actor of this.#actors.values()) if (actor.path === path) return actor
    return undefined
  }

  /** Runs a recorded turn; `waits` is what it waits for, if it does. */
  run(step: Step, observer?: RerunObserver): RerunTurn {
    const actor = this.at(step.actor)
    const blueprint = actor.blueprint!
    const { message } = step
    const payload = blueprint.upcastMessage(message.type, message.payload(), message.version, actor)
    const again = new RerunTurn(this.#world, actor, step, observer)
    again.ranAhead = blueprint.runsIn === 'thread'
    const handler = this.guard.around(blueprint.entry(message.type)!.run, actor.path, step, again)
    this.waits = undefined
    this.waits = again.run(handler, payload)
    return again
  }

  #place(actor: SliceActor, blueprint: Blueprint | undefined, state: unknown): void {
    const { id, path, parentPath } = actor
    const rewind = new Rewind(this.#evidence, this.#focus, actor)
    this.#actors.set(id, { path, parentPath, blueprint, state, rewind })
  }
}
