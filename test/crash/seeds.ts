// How often a loop of faults is run, and from which seed. The short form runs with the other tests, from the same seed on
// every build; HOLDFAST_LONG=1 makes it long, and begins anywhere. HOLDFAST_ROUNDS says how long, and HOLDFAST_SEED repeats
// one. A failure names the seed of its round.

import { machineAuthorities } from '@holdfast/kernel'

const long = process.env['HOLDFAST_LONG'] === '1'

/** The first seed. */
export const SEED = Number(process.env['HOLDFAST_SEED'] ?? (long ? anySeed() : 20_261_121))

function anySeed(): number {
  return Math.floor(machineAuthorities().random() * 2 ** 31)
}

/** Milliseconds for one round, on a machine that does other things as well. */
export const ROUND_MS = 40_000

/** How many rounds to run. */
export function rounds(few: number, many: number): number {
  return Number(process.env['HOLDFAST_ROUNDS'] ?? (long ? many : few))
}

/** Writes what came of a test beside what the runner says of it. */
export function note(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Runs a round for each seed; a failure says how to repeat it. @returns what came of them, with the seeds */
export async function eachSeed<T>(
  count: number,
  file: string,
  round: (seed: number, index: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = []
  for (let index = 0; index < count; index++) {
    const seed = SEED + index
    try {
      results.push(await round(seed, index))
    } catch (error) {
      const again = `HOLDFAST_SEED=${seed} HOLDFAST_ROUNDS=1 npx vitest run --config .config/vitest.config.ts test/crash/${file}`
      throw new Error(`Round ${index} of ${count} failed. Repeat it with: ${again}`, { cause: error })
    }
  }
  note(`${file}: ${count} rounds, seeds ${SEED} to ${SEED + count - 1}`)
  return results
}
