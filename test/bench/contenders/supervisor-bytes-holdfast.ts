import { child, createSystem, dynamicSupervisor, supervisor } from 'holdfast'
import { contend } from '../contender.js'
import { benchRoot } from '../holdfast-root.js'
import { measureIdleBytes } from '../idle/population.js'

const STARTS_AT_A_TIME = 1_000

await contend(async ({ dataDirectory }) => {
  const team = supervisor({ name: 'team', children: [] })
  const teams = dynamicSupervisor({ name: 'teams', of: team })
  // On a disk, because a log in memory would count as well: it holds the start of each.
  const system = await createSystem({ name: 'bench', data: dataDirectory, root: benchRoot([child(teams)]) })
  const ref = system.ref(teams, '/bench/teams')
  return measureIdleBytes({
    count: 50_000,
    async spawn(count) {
      for (let left = count; left > 0; left -= STARTS_AT_A_TIME) {
        const starts = Array.from({ length: Math.min(left, STARTS_AT_A_TIME) }, () => ref.ask('start', {}))
        await Promise.all(starts)
      }
    },
    alive: async () => (await ref.ask('count')).active,
  })
})
