// Those that are out of service because what they live under is quarantined. The children of one that keeps them go on.

import type { ActorImage } from '../actor-image.js'
import type { SystemImage } from '../image.js'
import type { Fold } from '../fold.js'

/** Those who are held, as far as the log says. */
export function heldInLog(image: SystemImage): ReadonlySet<ActorImage> {
  return heldBelow(image, ({ quarantine }) => quarantine?.keepsChildren === true)
}

/** Those who are held, by the code of cells that stand. */
export function heldInSystem(image: SystemImage): ReadonlySet<ActorImage> {
  return heldBelow(image, ({ tag }) => (tag as Fold).cell.blueprint.keepsChildren)
}

function heldBelow(
  { actors, quarantined }: SystemImage,
  keepsChildren: (actor: ActorImage) => boolean,
): ReadonlySet<ActorImage> {
  const held = new Set<ActorImage>()
  const waiting = [...quarantined]
  for (let above = waiting.pop(); above !== undefined; above = waiting.pop()) {
    if (keepsChildren(above)) continue
    for (const id of above.children) {
      const actor = actors.get(id)!
      if (held.has(actor)) continue
      held.add(actor)
      waiting.push(actor)
    }
  }
  return held
}
