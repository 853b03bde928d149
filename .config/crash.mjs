// Runs the crash tests and scores them. `npm run crash` runs the short forms, as `npm test` does; with `--long` each fault is
// met hundreds of times, which takes hours. What stands behind `--only` is part of the name of a file.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
    seed: { type: 'string' },
  },
})

/** What is scored: points, and the faults that they are for. Where one loss is too many, one failure takes all points. */
const PARTS = [
  { name: 'durability', points: 30, faults: ['R1', 'R2', 'R3', 'R4', 'R7', 'R8'], isRed: true },
  { name: 'integrity', points: 15, faults: ['R9', 'R10'], isRed: true },
  { name: 'containment', points: 15, faults: ['R13', 'R14', 'R15'], isRed: true },
  { name: 'resources', points: 15, faults: ['R6', 'R11', 'R12', 'R22'], isRed: false },
  { name: 'pause', points: 5, faults: ['R5'], isRed: true },
]

const place = mkdtempSync(join(tmpdir(), 'holdfast-crash-'))
const file = join(place, 'report.json')
const env = { ...process.env, HOLDFAST_LONG: values.long ? '1' : '' }
if (values.rounds !== undefined) env.HOLDFAST_ROUNDS = values.rounds
if (values.seed !== undefined) env.HOLDFAST_SEED = values.seed
try {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  // One file after the other: nothing else is to take the time of a fault.
  const args = [vitest, 'run', '--config', '.config/vitest.config.ts', '--no-file-parallelism', ...reporters]
  const { status } = spawnSync(process.execPath, [...args, `test/crash/${values.only}`], {
    cwd: root,
    env,
    stdio: 'inherit',
  })
  score(JSON.parse(readFileSync(file, 'utf8')))
  process.exitCode = status ?? 1
} finally {
  rmSync(place, { recursive: true, force: true })
}

function score(report) {
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  let sum = 0
  let most = 0
  for (const { name, points, faults, isRed } of PARTS) {
    const mine = tests.filter(({ fullName }) =>
      faults.some((fault) => new RegExp(`\\b${fault}\\b`).test(fullName)),
    )
    const ran = mine.filter(({ status }) => status === 'passed' || status === 'failed')
    const failed = ran.filter(({ status }) => status === 'failed')
    const skipped = mine.length - ran.length
    const share = ran.length === 0 || (isRed && failed.length > 0) ? 0 : 1 - failed.length / ran.length
    // What could not run here earns nothing, and is not counted against it either.
    const possible = ran.length === 0 ? 0 : points
    sum += points * share
    most += possible
    const verdict = isRed && failed.length > 0 ? ', red' : ''
    const left = skipped === 0 ? '' : `, ${skipped} could not run here`
    console.log(
      `${name.padEnd(12)} ${(points * share).toFixed(1)} of ${possible}: ${ran.length - failed.length} of ${ran.length} tests${left}${verdict}`,
    )
  }
  console.log(`score        ${sum.toFixed(1)} of ${most}`)
}
