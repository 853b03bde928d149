// How something is held of random swarms: the same swarms on every build, and others, or more of them, by a variable.

import fc from 'fast-check'

const SEED = Number(process.env['HOLDFAST_SEED'] ?? 20_261_122)
const PATH = process.env['HOLDFAST_PATH']

/** How many swarms are tried; more of them by `HOLDFAST_PROGRAMS=20000`. */
export function triesOf(usual: number): number {
  return PATH === undefined ? Number(process.env['HOLDFAST_PROGRAMS'] ?? usual) : 1
}

/** @throws the smallest swarm of which it is not so, and how to repeat it */
export async function holdsFor<T>(
  swarms: fc.Arbitrary<T>,
  runs: number,
  property: (swarm: T) => Promise<void>,
  file: string,
): Promise<void> {
  const outcome = await fc.check(fc.asyncProperty(swarms, property), {
    seed: SEED,
    numRuns: runs,
    endOnFailure: process.env['HOLDFAST_SHRINK'] === '0',
    ...(PATH === undefined ? {} : { path: PATH }),
  })
  if (!outcome.failed) return
  const path = outcome.counterexamplePath ?? ''
  const again = `HOLDFAST_SEED=${SEED} HOLDFAST_PATH=${path} npx vitest run --config .config/vitest.config.ts ${file}`
  const error = outcome.errorInstance as Error | null
  throw new Error(
    `${JSON.stringify(outcome.counterexample)}\n\n${String(error?.stack)}\n\nTo repeat it: ${again}`,
  )
}
