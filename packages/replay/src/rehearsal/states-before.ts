// The states that the actors of an incident had when it began, made by the code that was recorded: other code need not
// come to them, and is to begin from them all the same.

import { Blueprints } from '@holdfast/kernel'
import { Ensemble } from '../ensemble.js'
import type { Incident } from '../incident.js'
import type { Definitions } from '../policy.js'

/** A state, and how many turns it is from a snapshot of the log. */
export interface StateBefore {
  readonly version: number
  readonly turns: number
  /** Nothing for a state that is undefined. */
  readonly bytes: Uint8Array | undefined
}

/** The states by actor. One whose state cannot be made is left out. */
export async function statesBefore(
  { evidence, paths, focus, slice }: Incident,
  swarm: Definitions,
): Promise<ReadonlyMap<number, StateBefore>> {
  const ensemble = new Ensemble(evidence, paths, focus, new Blueprints(swarm.root, swarm.definitions))
  const turns = new Map<number, number>()
  const broken = new Set<number>()
  ensemble.guard.raise()
  try {
    for (const actor of slice.actors) if (ensemble.rebuild(actor) !== undefined) broken.add(actor.id)
    for (const step of slice.steps()) {
      const { actor, position, end, message } = step
      if (position >= focus.from) break
      if (end.kind !== 'turn' || broken.has(actor)) continue
      if (ensemble.at(actor).blueprint?.entry(message.type) === undefined) continue
      try {
        ensemble.run(step)
        await ensemble.waits
      } catch {
        broken.add(actor)
      }
      turns.set(actor, (turns.get(actor) ?? 0) + 1)
    }
  } finally {
    ensemble.guard.lower()
  }
  const states = new Map<number, StateBefore>()
  for (const { id, from } of slice.actors) {
    const { blueprint, state } = ensemble.at(id)
    if (broken.has(id) || blueprint === undefined || blueprint.isSupervisor) continue
    const before = (from === 0 ? undefined : evidence.snapshot(id, from)?.turns) ?? 0
    states.set(id, {
      version: blueprint.version,
      turns: before + (turns.get(id) ?? 0),
      bytes: state === undefined ? undefined : evidence.codec.bytes(state),
    })
  }
  return states
}
