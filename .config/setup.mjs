// Makes a fresh clone ready to run: installs what the lockfile names, then builds.
// It runs before `npm start`, `npm test` and `npm run bench`, so it uses nothing but Node itself, does
// nothing when nothing changed, and writes to stderr only: stdout belongs to the command that follows.

import { spawnSync } from 'node:child_process'
import { existsSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
// npm writes this file last, so an install that was cut short does not count as one.
const installed = join(root, 'node_modules', '.package-lock.json')
const lockfile = join(root, 'package-lock.json')

const quiet = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(1)
}

function isInstalled() {
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs
}

/** npm tells its scripts where it lies; started by hand, the one on the path is taken. */
function npmCommand() {
  const npm = process.env.npm_execpath
  if (npm !== undefined && /npm-cli\.[cm]?js$/.test(npm)) return [process.execPath, npm]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm']
}

/** Runs a command and answers whether it succeeded; what it printed is shown only when it did not. */
function succeeds([command, ...args]) {
  const result = spawnSync(command, args, {
    cwd: root,
    env: quiet,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32' && command.endsWith('.cmd'),
  })
  if (result.status === 0) return true
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  if (result.error !== undefined) say(`${command}: ${result.error.message}`)
  return false
}

function install() {
  if (isInstalled()) return
  say('installing dependencies (npm ci), this happens once')
  const command = [...npmCommand(), 'ci', '--no-audit', '--no-fund', '--loglevel=error']
  if (!succeeds(command)) {
    fail('npm ci failed. The lines above say why; the first install needs the npm registry.')
  }
  // A lockfile with a later time than the install would make every run install again.
  const now = new Date()
  utimesSync(installed, now, now)
}

function build() {
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo')
  if (!existsSync(turbo)) fail('turbo is missing. Remove node_modules and run this again.')
  const started = performance.now()
  if (!succeeds([process.execPath, turbo, 'run', 'build', '--output-logs=errors-only'])) {
    fail('the build failed. The lines above say where; `npm run build` repeats it.')
  }
  say(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node ${process.versions.node} is too old, Holdfast needs 20.19 or later.`)
}
install()
build()
