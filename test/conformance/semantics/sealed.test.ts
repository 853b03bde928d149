// A process that is sealed before it loads a swarm file, as one that replays is. It runs what is built, because a loader
// that is there before the seal would hide what the loader does.

import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
let dir: string

beforeAll(() => {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc')
  const built = spawnSync(process.execPath, [tsc, '-b', 'apps/cli'], { cwd: repository, encoding: 'utf8' })
  expect(built.stdout).toBe('')
}, 240_000)

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-sealed-')))
  symlinkSync(join(repository, 'node_modules'), join(dir, 'node_modules'))
  mkdirSync(join(dir, 'scratch'))
  mkdirSync(join(dir, 'temporary'))
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

interface Ran {
  readonly name?: string
  readonly error?: string
}

/** Loads `file` in a sealed process of its own. */
function loaded(file: string, type: 'module' | 'commonjs', source: string): Ran {
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ type }))
  writeFileSync(join(dir, file), source)
  const sealed = join(repository, 'apps', 'cli', 'dist', 'sealed.js')
  const program = `
    import { loadSealed } from ${JSON.stringify(sealed)}
    const said = await loadSealed(${JSON.stringify(file)}, ${JSON.stringify(dir)}, { files: [${JSON.stringify(join(dir, 'scratch'))}] })
      .then(({ loaded }) => ({ name: loaded.swarm.name }), (error) => ({ error: error.message }))
    console.log(JSON.stringify(said))`
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', TMPDIR: join(dir, 'temporary') },
    timeout: 60_000,
  })
  expect(run.stderr).toBe('')
  return JSON.parse(run.stdout) as Ran
}

const swarmOf = (more: string): string => `
import { writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { actor, swarm } from 'holdfast'
const name: string = 'bank'
${more}
export default swarm({ name, root: actor({ name, on: {} }) })
`

describe('a swarm file that is loaded in a sealed process', () => {
  it.each([
    ['TypeScript of a module', 'swarm.ts', 'module'],
    ['TypeScript of a CommonJS package', 'swarm.ts', 'commonjs'],
    ['TypeScript that says what it is', 'swarm.mts', 'commonjs'],
  ] as const)('loads when it is %s, and leaves nothing on the disk', (_what, file, type) => {
    expect(loaded(file, type, swarmOf(`writeFileSync('scratch/a', name)`))).toEqual({ name: 'bank' })
    expect(readFileSync(join(dir, 'scratch', 'a'), 'utf8')).toBe('bank')
    expect(readdirSync(join(dir, 'temporary'))).toEqual([])
  })

  it.each([
    ['a file', `writeFileSync('a', name)`, 'fs.writeFileSync'],
    ['a process', `spawnSync(process.execPath, ['-e', ''])`, 'child_process.spawnSync'],
    ['the network', `void fetch('http://127.0.0.1:9')`, 'fetch'],
  ])('is refused %s, with its line', (_what, deed, call) => {
    const { error } = loaded('swarm.ts', 'module', swarmOf(deed))
    expect(error).toContain(`A sealed process calls ${call} past ctx, at ${join(dir, 'swarm.ts')}:6:`)
    expect(existsSync(join(dir, 'a'))).toBe(false)
  })
})
