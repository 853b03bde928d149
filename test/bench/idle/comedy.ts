import { createSystem } from 'comedy'
import { quietComedy } from '../comedy-system.js'
import { packageVersion } from '../package-version.js'
import { type Population } from './population.js'

class Idle {
  #n = 0

  add({ amount }: { amount: number }): void {
    this.#n += amount
  }
}

/** Comedy gives each actor its own class instance. Children are made in groups, so that none waits alone. */
export async function comedyPopulation(): Promise<Population> {
  const root = await createSystem(quietComedy).rootActor()
  let alive = 0
  return {
    async spawn(count) {
      for (let made = 0; made < count; made += 1_000) {
        const group = Array.from({ length: Math.min(1_000, count - made) }, () => root.createChild(Idle))
        alive += (await Promise.all(group)).length
      }
    },
    alive: () => alive,
    count: 20_000,
    version: packageVersion('comedy'),
  }
}
