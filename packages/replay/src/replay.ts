// Replay
// ======
// Runs the turns of an incident again, in the order of the log, on actors rebuilt from their snapshots, with the record
// in place of the world: what time it was, what chance said, what effects returned and others answered. Nothing leaves,
// the original is never written. Each turn is compared with what was recorded, and the replay goes on after a
// difference, so that the report says where it began and how far it spread.
//
// Invariants
//   Z1  No effect is done, no message sent, no timer set, no actor started.
//   Z2  The journal is only read.
//   Z3  A turn that differs does not end the replay; the actor goes on with the state that the new code gave it.

import {
  Blueprints,
  HoldfastError,
  machineAuthorities,
  REF,
  RerunTurn,
  storedError,
  type Blueprint,
  type Definition,
  type RerunActor,
  type RerunWorld,
  type StoredError,
} from '@holdfast/kernel'
import type { Journal } from '@holdfast/journal'
import { compareDeeds, isEqual, shown, type Difference } from './compare.js'
import { givenUp, stillWaits } from './given-up.js'
import type { Incident } from './incident.js'
import { Observed } from './observed.js'
import { recordedDeeds } from './recorded.js'
import type { Divergence, Outcome, ReplayedTurn, ReplayReport } from './report.js'
import { Rewind } from './rewind.js'
import type { Paths, SliceActor, Step } from './slice.js'

/** What is run: a swarm as the swarm file exports it, or a root and further definitions. */
export interface ReplayOptions {
  readonly swarm: { readonly root: Definition; readonly definitions?: readonly Definition[] }
}

interface Rebuilt extends RerunActor {
  readonly blueprint: Blueprint | undefined
  readonly rewind: Rewind
}

/**
 * Replays an incident and compares every turn.
 *
 * @throws {HoldfastError} `HF_DUPLICATE_NAME` when two definitions of the swarm have one name
 *
 * @example
 * const incident = await openIncident({ data: './data', correlation: 'incident-123' })
 * const report = await replay(incident, { swarm })
 */
export async function replay(incident: Incident, options: ReplayOptions): Promise<ReplayReport> {
  return new Replay(incident, new Blueprints(options.swarm.root, options.swarm.definitions)).run()
}

class Replay {
  readonly #incident: Incident
  readonly #journal: Journal
  readonly #paths: Paths
  readonly #blueprints: Blueprints
  readonly #world: RerunWorld
  readonly #actors = new Map<number, Rebuilt>()
  readonly #divergences: Divergence[] = []
  readonly #turns: ReplayedTurn[] = []
  #digests = 0

  constructor(incident: Incident, blueprints: Blueprints) {
    this.#incident = incident
    this.#journal = incident.journal
    this.#paths = incident.paths
    this.#blueprints = blueprints
    this.#world = {
      authorities: machineAuthorities(),
      ref: (path) => new PathRef(path),
      pathOf: (id) => this.#paths.of(id),
      correlationName: (id) => this.#journal.correlationName(id),
    }
    this.#journal.codec.ref = (path) => new PathRef(path)
  }

  async run(): Promise<ReplayReport> {
    const { slice, correlation } = this.#incident
    for (const actor of slice.actors) this.#actors.set(actor.id, this.#rebuild(actor))
    for (const step of slice.steps) await this.#step(step)
    return {
      correlation,
      identical: this.#divergences.length === 0,
      divergences: this.#divergences,
      turns: this.#turns,
      actors: slice.actors.map((actor) => actor.path),
      unrecorded: slice.unrecorded,
      digests: this.#digests,
    }
  }

  #rebuild(actor: SliceActor): Rebuilt {
    const { path, parentPath, born, from } = actor
    const blueprint = this.#blueprints.has(born.definition)
      ? this.#blueprints.named(born.definition, path)
      : undefined
    if (blueprint === undefined || blueprint.isSupervisor)
      return this.#actor(path, parentPath, blueprint, undefined)
    const snapshot = from === 0 ? undefined : this.#journal.snapshot(actor.id, from)
    try {
      const state =
        snapshot === undefined
          ? blueprint.firstState(born.args)
          : blueprint.migrateState(snapshot.state, snapshot.version, path)
      return this.#actor(path, parentPath, blueprint, state)
    } catch (error) {
      const position = actor.steps[0]?.position ?? from
      const what = `its first state cannot be made: ${storedError(error).message}`
      this.#diverge({ position, isContext: false }, path, '', {
        kind: 'state',
        subject: 'state',
        recorded: 'a state',
        replayed: storedError(error),
        what,
      })
      return this.#actor(path, parentPath, undefined, undefined)
    }
  }

  #actor(path: string, parentPath: string, blueprint: Blueprint | undefined, state: unknown): Rebuilt {
    const actor = { path, parentPath, blueprint, state }
    return Object.assign(actor, { rewind: new Rewind(this.#journal, actor) })
  }

  async #step(step: Step): Promise<void> {
    const actor = this.#actors.get(step.actor)!
    const { type } = step.message
    const entry = actor.blueprint?.entry(type)
    if (actor.blueprint === undefined || entry === undefined) {
      const what =
        actor.blueprint === undefined
          ? 'its definition is not in this code'
          : `it has no handler for "${type}"`
      this.#diverge(step, actor.path, type, {
        kind: 'definition',
        subject: 'definition',
        recorded: type,
        replayed: undefined,
        what,
      })
      return
    }
    const { blueprint, rewind } = actor
    const recorded = outcomeOf(step)
    rewind.before(!recorded.ok)
    const observed = new Observed((value) => this.#journal.encode(value))
    const replayed = await this.#handle(actor, blueprint, step, observed)
    // When the new code ends a turn well that was recorded as failed, its state is what it goes on with (Z3).
    if (replayed.ok) rewind.passed(() => this.#run(actor, blueprint, step))
    else await rewind.back()
    const told = recordedDeeds(this.#journal, this.#paths, step)
    // What a supervisor does for those who ask it follows from who was there, and no code of the user has a part in it.
    const isOurs = blueprint.isSupervisor
    this.#compare(
      step,
      actor,
      recorded,
      replayed,
      recorded.ok && replayed.ok && !isOurs ? compareDeeds(told, observed.deeds) : [],
    )
    const { position, message, isContext, attempt } = step
    this.#turns.push({
      position,
      message: message.position,
      actor: actor.path,
      kind: type,
      isContext,
      attempt,
      recorded,
      replayed,
      told,
    })
  }

  async #handle(actor: Rebuilt, blueprint: Blueprint, step: Step, observed: Observed): Promise<Outcome> {
    const reason = givenUp(step)
    try {
      const running = this.#run(actor, blueprint, step, observed)
      if (reason !== undefined && !(await endsBefore(running, stillWaits(this.#world.authorities, step))))
        return { ok: false, error: reason }
      return { ok: true, answer: this.#journal.encode(await running).copy }
    } catch (error) {
      const stored = storedError(error)
      // It asks for what was never recorded, as it did then.
      return { ok: false, error: reason !== undefined && stored.code === 'HF_DIVERGED' ? reason : stored }
    }
  }

  async #run(actor: Rebuilt, blueprint: Blueprint, step: Step, observed?: Observed): Promise<unknown> {
    const { message, rerun, refusals, markers } = step
    const turn = { ...turnLike(step), position: step.position }
    const payload = blueprint.upcastMessage(message.type, message.payload(), message.version, actor)
    const again = new RerunTurn(this.#world, actor, { message, turn, rerun, refusals, markers }, observed)
    await again.run(blueprint.entry(message.type)!.run, payload)
    return again.answer
  }

  #compare(
    step: Step,
    actor: Rebuilt,
    recorded: Outcome,
    replayed: Outcome,
    differences: readonly Difference[],
  ): void {
    const all = [...compareOutcomes(step, recorded, replayed), ...differences]
    const { end } = step
    if (end.kind === 'turn' && end.digest !== -1 && replayed.ok) {
      this.#digests++
      const digest = this.#journal.digest(actor.state)
      if (digest !== end.digest) {
        all.push({
          kind: 'state',
          subject: 'state',
          recorded: end.digest,
          replayed: digest,
          what: `its state is ${shown(actor.state)}, which is not what was recorded`,
        })
      }
    }
    for (const difference of all) this.#diverge(step, actor.path, step.message.type, difference)
  }

  #diverge(
    step: Pick<Step, 'position' | 'isContext'>,
    actor: string,
    message: string,
    difference: Difference,
  ): void {
    this.#divergences.push({
      position: step.position,
      actor,
      message,
      isContext: step.isContext,
      ...difference,
    })
  }
}

async function endsBefore(running: Promise<unknown>, waits: Promise<void>): Promise<boolean> {
  const ended = running.then(() => true)
  return Promise.race([ended, waits.then(() => false)])
}

function outcomeOf(step: Step): Outcome {
  const { end } = step
  if (end.kind === 'turn') return { ok: true, answer: end.answered ? end.answer() : undefined }
  return { ok: false, error: end.data().error }
}

function compareOutcomes(step: Step, recorded: Outcome, replayed: Outcome): Difference[] {
  if (recorded.ok && replayed.ok) {
    if (step.end.kind !== 'turn' || !step.end.answered || isEqual(recorded.answer, replayed.answer)) return []
    const what = `it answers ${shown(replayed.answer)} instead of ${shown(recorded.answer)}`
    return [
      { kind: 'payload', subject: 'answer', recorded: recorded.answer, replayed: replayed.answer, what },
    ]
  }
  if (recorded.ok)
    return [outcome(recorded, replayed, `it fails with ${named(replayed)} and was recorded as handled`)]
  if (replayed.ok)
    return [outcome(recorded, replayed, `it is handled and was recorded as failed with ${named(recorded)}`)]
  const isSame =
    recorded.error.name === replayed.error.name && recorded.error.message === replayed.error.message
  return isSame
    ? []
    : [outcome(recorded, replayed, `it fails with ${named(replayed)} instead of ${named(recorded)}`)]
}

function outcome(recorded: Outcome, replayed: Outcome, what: string): Difference {
  return { kind: 'outcome', subject: 'error', recorded, replayed, what }
}

function named(failed: Outcome): string {
  const error: StoredError | undefined = failed.ok ? undefined : failed.error
  return `${error?.name ?? ''}: ${error?.message ?? ''}`
}

// What a rerun asks of a turn record, for a step that has none because it failed.
function turnLike(step: Step) {
  const { end, message, attempt } = step
  if (end.kind === 'turn') {
    const { kind, timeMs, actor, correlation, cause, told, answered, digest } = end
    return {
      kind,
      timeMs,
      actor,
      correlation,
      cause,
      message: message.position,
      attempt,
      told,
      answered,
      digest,
      answer: () => end.answer(),
    }
  }
  const { timeMs, actor, correlation, cause } = end
  return {
    kind: 'turn' as const,
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
  }
}

/** A ref in a replay: it has a path, and it reaches nobody. */
class PathRef {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  get [REF](): string {
    return this.path
  }

  tell(): never {
    throw this.#outside()
  }

  ask(): never {
    throw this.#outside()
  }

  #outside(): HoldfastError {
    return new HoldfastError(
      'HF_TELL_INSIDE_TURN',
      `A handler sent to ${this.path} through a ref instead of ctx.`,
      {
        actor: this.path,
        hint: 'Use ctx.tell or ctx.ask: what goes past ctx cannot be replayed.',
      },
    )
  }
}
