// Ensemble
// ========
// The actors of a slice, rebuilt: each with the state of its snapshot, or its first one, and with the code that is to be
// run. It runs one recorded turn after the other on them.
//
// Invariants
//   Z1  No effect is done, no message sent, no timer set, no actor started; what a handler does goes to the observer.
//   Z2  A turn that fails leaves the state as it was before.

import {
  RerunTurn,
  storedError,
  type Blueprint,
  type Blueprints,
  type RerunActor,
  type RerunObserver,
  type RerunWorld,
  type StoredError,
  type TurnRecord,
} from '@holdfast/kernel'
import type { Evidence } from './evidence.js'
import type { Focus } from './focus.js'
import { PathRef } from './path-ref.js'
import { ReplayGuard } from './replay-guard.js'
import type { Paths } from './paths.js'
import { Rewind } from './rewind.js'
import type { SliceActor } from './slice.js'
import type { Step } from './steps.js'

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
  readonly guard = new ReplayGuard()
  readonly #evidence: Evidence
  readonly #focus: Focus
  readonly #blueprints: Blueprints
  readonly #world: RerunWorld
  readonly #actors = new Map<number, Rebuilt>()

  constructor(evidence: Evidence, paths: Paths, focus: Focus, blueprints: Blueprints) {
    this.#evidence = evidence
    this.#focus = focus
    this.#blueprints = blueprints
    const ref = (path: string) => new PathRef(path)
    this.#world = {
      authorities: this.guard.authorities,
      ref,
      pathOf: (id) => paths.of(id),
      correlationName: (id) => evidence.correlationName(id),
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
          ? blueprint.firstState(born.args)
          : blueprint.migrateState(snapshot.state, snapshot.version, path),
      )
      this.#place(actor, blueprint, state)
      return undefined
    } catch (error) {
      this.#place(actor, undefined, undefined)
      return storedError(error)
    }
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

  /** Runs a recorded turn. @returns the turn, and a promise when it waits */
  run(step: Step, observer?: RerunObserver): { readonly turn: RerunTurn; readonly waits?: Promise<void> } {
    const actor = this.at(step.actor)
    const blueprint = actor.blueprint!
    const { message, rerun, refusals, markers } = step
    const payload = blueprint.upcastMessage(message.type, message.payload(), message.version, actor)
    const again = new RerunTurn(
      this.#world,
      actor,
      { message, turn: turnLike(step), rerun, refusals, markers },
      observer,
    )
    const entry = blueprint.entry(message.type)!
    const handler = this.guard.around(entry.run, entry.isAsync, actor.path, step, again)
    const waits = again.run(handler, payload)
    return waits === undefined ? { turn: again } : { turn: again, waits }
  }

  #place(actor: SliceActor, blueprint: Blueprint | undefined, state: unknown): void {
    const { id, path, parentPath } = actor
    const rewind = new Rewind(this.#evidence, this.#focus, actor)
    this.#actors.set(id, { path, parentPath, blueprint, state, rewind })
  }
}

// What a rerun asks of a turn record, for a step that has none because it failed.
function turnLike({ end, message, attempt }: Step): TurnRecord {
  if (end.kind === 'turn') return end
  const { position, timeMs, actor, correlation, cause } = end
  return {
    kind: 'turn',
    position,
    timeMs,
    actor,
    correlation,
    cause,
    message: message.position,
    attempt,
    told: 0,
    answered: false,
    digest: -1,
    answer: () => undefined,
    isStoredAs: () => false,
  }
}
