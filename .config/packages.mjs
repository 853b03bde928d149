// Checks every public package as its users would get it: packed, then read by publint and by attw.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = join(root, 'node_modules', '.bin')
const shell = process.platform === 'win32'

/** Runs a command and answers its stdout; what a failing command printed is shown. */
function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell })
  if (result.status === 0) return result.stdout
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  process.stderr.write(`packages: failed: ${command} ${args.join(' ')}\n`)
  process.exitCode = 1
  return undefined
}

function manifest(folder) {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
}

/** Compiled files whose source is gone, which a published package would still carry. */
function stale(folder) {
  const files = readdirSync(join(root, folder, 'dist'), { recursive: true, encoding: 'utf8' })
  return files.filter(
    (file) => file.endsWith('.js') && !existsSync(join(root, folder, 'src', file.replace(/js$/, 'ts'))),
  )
}

function check(folder, into) {
  const { name, exports } = manifest(folder)
  const left = stale(folder)
  if (left.length > 0) {
    process.stderr.write(
      `packages: ${folder}/dist holds files without a source (${left.join(', ')}); remove it and build\n`,
    )
    process.exitCode = 1
  }
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', into, `./${folder}`])
  if (packed === undefined) return
  const listed = Object.values(JSON.parse(packed))[0]
  const strays = listed.files
    .map(({ path }) => path)
    .filter((path) => /\.(test|test-d)\.|tsbuildinfo$/.test(path))
  if (strays.length > 0) {
    process.stderr.write(`packages: ${name} would ship ${strays.join(', ')}\n`)
    process.exitCode = 1
  }
  run(join(bin, 'publint'), ['run', '--strict', '--pack', 'false', folder])
  // A package with a command and no import has no types that could be wrong.
  if (exports['.'] === undefined) return
  run(join(bin, 'attw'), ['--profile', 'esm-only', '--quiet', join(into, listed.filename)])
}

const folders = ['packages', 'apps'].flatMap((top) =>
  readdirSync(join(root, top)).map((name) => `${top}/${name}`),
)
const open = folders.filter(
  (folder) => existsSync(join(root, folder, 'package.json')) && !manifest(folder).private,
)
const into = mkdtempSync(join(tmpdir(), 'holdfast-packages-'))
try {
  for (const folder of open) check(folder, into)
} finally {
  rmSync(into, { recursive: true, force: true })
}
