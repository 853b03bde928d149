import { dumpActors, load } from 'holdfast/data'
import type { Swarm } from 'holdfast'

// region: move
/** Takes some actors out of a system; it says whom they know that stays. */
export async function takenOut(
  data: string,
  actors: readonly string[],
  swarm: Swarm,
  file: string,
): Promise<readonly string[]> {
  const { leftBehind } = await dumpActors({ data, actors, swarm, file })
  return leftBehind
}

/** Puts them into a data directory of their own. */
export async function putIn(file: string, to: string): Promise<readonly string[]> {
  const { actors = [] } = await load({ file, to })
  return actors
}
// end: move
