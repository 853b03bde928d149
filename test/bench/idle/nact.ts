import { spawn, start } from 'nact'
import { packageVersion } from '../package-version.js'
import { type Population } from './population.js'

/** Nact keeps no list of its actors that can be read, so each name is counted when it was taken. */
export function nactPopulation(): Population {
  const system = start()
  let alive = 0
  return {
    spawn(count) {
      for (let i = 0; i < count; i++) {
        spawn(system, (state: number, { amount }: { amount: number }) => state + amount, `idle-${alive++}`, {
          initialState: 0,
        })
      }
    },
    alive: () => alive,
    version: packageVersion('nact'),
  }
}
