// Everything that must hold before a change is done, apart from the tests themselves, in one command.
// Every step runs, also after one has failed, so that one run shows all there is to mend.
//
//   npm run verify                 all steps
//   npm run verify -- lint types   some of them

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** @type {[name: string, ...command: string[]][]} */
const steps = [
  ['setup', 'node', '.config/setup.mjs'],
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['lint', 'eslint', '--config', '.config/eslint.config.js', '--max-warnings', '0', '.'],
  // One pass over the solution: the sources, their tests and the type tests (`*.test-d.ts`).
  ['types', 'tsc', '-b'],
  ['unused', 'knip', '--config', '.config/knip.json', '--no-progress', '--no-config-hints'],
  ['packages', 'node', '.config/packages.mjs'],
  // Floors, tidiness and links of the pages. What is below in folders says how actors behave, and is a matter of the tests.
  ['conformance', 'vitest', 'run', '--config', '.config/vitest.config.ts', '--silent=true', ...rules()],
]

function rules() {
  const files = readdirSync(join(root, 'test', 'conformance')).filter((name) => name.endsWith('.test.ts'))
  return files.map((name) => `test/conformance/${name}`)
}

const environment = {
  ...process.env,
  PATH: `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !steps.some(([step]) => step === name))
if (unknown.length > 0) {
  process.stderr.write(
    `verify: no step named ${unknown.join(', ')}; there are ${steps.map(([name]) => name).join(', ')}\n`,
  )
  process.exit(2)
}

/** @type {string[]} */
const failed = []
for (const [name, command = '', ...args] of steps) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const started = performance.now()
  const windows = process.platform === 'win32'
  const result = spawnSync(command, args, { cwd: root, env: environment, stdio: 'inherit', shell: windows })
  if (result.error !== undefined) process.stderr.write(`${command}: ${result.error.message}\n`)
  const ok = result.status === 0
  if (!ok) failed.push(name)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`verify: ${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${seconds.padStart(6)} s\n`)
}

if (failed.length > 0) {
  process.stdout.write(`verify: ${failed.length} failed: ${failed.join(', ')}\n`)
  process.exit(1)
}
process.stdout.write('verify: all steps hold\n')
