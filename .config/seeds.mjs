// Runs whatever tries random values from other seeds than on every build: `npm run seeds -- 20` does so twenty times. What
// stands behind the number is part of the name of a file. It ends at the first failure, which says how to repeat it.

import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROUNDS = 10

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [rounds = String(ROUNDS), part = ''] = process.argv.slice(2)

/** @type {Map<string, boolean>} */
const known = new Map()

/** Whether a file, or one that it imports from beside it, draws random values. */
function draws(file) {
  const before = known.get(file)
  if (before !== undefined) return before
  known.set(file, false)
  // What stands in a text of a test is no file.
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const beside = [...text.matchAll(/ from '(\.[^']+)\.js'/g)].map(
    ([, path]) => `${resolve(dirname(file), path)}.ts`,
  )
  const does = text.includes(" from 'fast-check'") || beside.some(draws)
  known.set(file, does)
  return does
}

const files = ['packages', 'apps', 'test']
  .flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((name) => join(root, top, name)),
  )
  .filter((file) => file.endsWith('.test.ts') && !/[\\/](?:node_modules|dist)[\\/]/.test(file))
  .filter((file) => relative(root, file).includes(part) && draws(file))

if (!(Number(rounds) > 0) || files.length === 0) {
  process.stderr.write(
    'seeds: give how many times, and behind it part of the name of a file that holds a property\n',
  )
  process.exit(2)
}

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const args = [vitest, 'run', '--config', '.config/vitest.config.ts', '--reporter=dot', '--silent=passed-only']
for (let round = 1; round <= Number(rounds); round++) {
  const seed = String(randomInt(2 ** 31))
  process.stdout.write(`seeds: round ${round} of ${rounds}, from ${seed}\n`)
  const env = { ...process.env, HOLDFAST_SEED: seed }
  const { status } = spawnSync(process.execPath, [...args, ...files.map((file) => relative(root, file))], {
    cwd: root,
    env,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
