// The states of the actors that failed, before and after: as the code gives them, or as the snapshots have them.

import { play, type Incident } from 'holdfast/replay'
import type { Swarm } from 'holdfast'
import type { FailureFact } from './incident-facts.js'

/** A state, with where it comes from. */
export interface StateFact {
  /** Position of the last turn that it holds; of the snapshot. */
  readonly position: number
  readonly state: unknown
}

/** What an actor was before its first failure, and at the end. */
export interface StatesFact {
  readonly actor: string
  readonly failedAt: number
  readonly before: StateFact | undefined
  readonly after: StateFact | undefined
}

/** Actors whose states are shown. */
const ACTORS_MAX = 20

/** The first failure of each actor, in the order of the log. */
function firstFailures(failures: readonly FailureFact[]): readonly FailureFact[] {
  const seen = new Set<string>()
  return failures.filter(({ actor }) => !seen.has(actor) && seen.add(actor)).slice(0, ACTORS_MAX)
}

/** The states as the snapshots have them: no code runs. */
export function snapshotStates(
  { evidence }: Incident,
  failures: readonly FailureFact[],
): readonly StatesFact[] {
  return firstFailures(failures).map(({ actor, actorId, position }) => {
    const [before, after] = [evidence.snapshot(actorId, position - 1), evidence.snapshot(actorId)]
    const fact = (found: typeof before): StateFact | undefined =>
      found === undefined ? undefined : { position: found.position, state: found.state }
    return { actor, failedAt: position, before: fact(before), after: fact(after) }
  })
}

/** The states as the code gives them, on the way through the incident. */
export async function playedStates(
  incident: Incident,
  swarm: Swarm,
  failures: readonly FailureFact[],
): Promise<readonly StatesFact[]> {
  const known = new Set(incident.slice.actors.map(({ path }) => path))
  const player = play(incident, { swarm })
  const before = new Map<string, StateFact>()
  const wanted = firstFailures(failures).filter(({ actor }) => known.has(actor))
  for (const { actor, position } of wanted) {
    await player.run({ to: position - 1 })
    before.set(actor, { position: player.position, state: player.state(actor) })
  }
  await player.run()
  return wanted.map(({ actor, position }) => {
    const after = { position: player.position, state: player.state(actor) }
    return { actor, failedAt: position, before: before.get(actor), after }
  })
}
