// Where properties begin, in every file of tests: at the same values on every build, so that what fails has to do with what was
// changed. Other values are one command, `npm run seeds`. A property that does not hold says how to repeat it.

import fc, { type RunDetails } from 'fast-check'
import { expect } from 'vitest'

const SEED = 20_261_121

const { HOLDFAST_SEED: seed = SEED, HOLDFAST_PATH: path = '', HOLDFAST_SHRINK: shrink = '1' } = process.env

// A path is that of one property: the command that gives it runs one.
const parameters = { seed: Number(seed), path, endOnFailure: shrink === '0' }
fc.configureGlobal(parameters)
fc.installGlobalPlugin(() => ({ onAllRunsComplete: report }))

/** @throws what does not hold, and for what, with the command that repeats it */
function report(details: RunDetails<unknown>): void {
  if (!details.failed) return
  const said = `${fc.defaultReportMessage(details)}\n\nTo repeat it: ${again(details)}`
  throw new Error(said, { cause: details.errorInstance })
}

function again({ seed, counterexamplePath }: RunDetails<unknown>): string {
  const { testPath = '', currentTestName = '' } = expect.getState()
  const file = testPath.replace(/^.*[\\/](?=(?:packages|apps|test)[\\/])/, '')
  const name = currentTestName.split(' > ').at(-1)!
  const pattern = name.replace(/[\\^$.*+?()[\]{}|'"`]/g, '.')
  const given = `HOLDFAST_SEED=${seed} HOLDFAST_PATH=${counterexamplePath ?? ''}`
  return `${given} npx vitest run --config .config/vitest.config.ts ${file} -t '${pattern}'`
}
