import type { ActorImage } from '../actor-image.js'

/** Those that are out of service because what they live under is quarantined. */
export function heldActors(
  actors: ReadonlyMap<number, ActorImage>,
  quarantined: ReadonlySet<ActorImage>,
): ReadonlySet<ActorImage> {
  const held = new Set<ActorImage>()
  const waiting = [...quarantined]
  for (let above = waiting.pop(); above !== undefined; above = waiting.pop()) {
    for (const id of above.children) {
      const actor = actors.get(id)!
      if (held.has(actor)) continue
      held.add(actor)
      waiting.push(actor)
    }
  }
  return held
}
