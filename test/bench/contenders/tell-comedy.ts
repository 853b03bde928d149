import { createSystem } from 'comedy'
import { Goal, measureTells } from '../bursts.js'
import { quietComedy } from '../comedy-system.js'
import { contend } from '../contender.js'
import { packageVersion } from '../package-version.js'

await contend(async (assignment) => {
  const goal = new Goal()
  class Counter {
    #n = 0

    add({ amount }: { amount: number }): void {
      this.#n += amount
      if (this.#n === goal.total) goal.reached()
    }

    total(): number {
      return this.#n
    }
  }
  const system = createSystem(quietComedy)
  const counter = await (await system.rootActor()).createChild(Counter)
  const tells = await measureTells(
    assignment,
    goal,
    (amount) => void counter.send('add', { amount }),
    async () => (await counter.sendAndReceive('total')) as number,
  )
  return { ...tells, version: packageVersion('comedy') }
})
