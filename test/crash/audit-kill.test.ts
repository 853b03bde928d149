// An audit that is killed again and again, at moments that are spread over the whole of it, ends with the reports of an
// audit that nobody disturbed. The moments are positions of the log, so no run depends on how fast the machine is.

import { spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { plantTree } from './plant-tree.js'
import { chance } from './programs/chance.js'
import { scanned, verified } from './read-log.js'
import { note, SEED } from './seeds.js'

const KILLS = 30
const PACKAGES = 64

const repository = fileURLToPath(new URL('../..', import.meta.url))
const compiled = join(repository, 'test', 'dist', 'crash', 'audit-child.mjs')

// The child runs what is built: loading TypeScript thirty times takes longer than the audits.
beforeAll(async () => {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc')
  const built = spawnSync(process.execPath, [tsc, '-b', 'apps/audit'], { cwd: repository, encoding: 'utf8' })
  expect(built.stdout).toBe('')
  const source = await readFile(new URL('./audit-child.ts', import.meta.url), 'utf8')
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  await mkdir(join(compiled, '..'), { recursive: true })
  await writeFile(compiled, ts.transpileModule(source, { compilerOptions: options }).outputText)
}, 240_000)

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-kill-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** When a run is killed: while it recovers, or once its log has come to a position. */
type Moment = 'opening' | number

interface Run {
  /** It got to its end and was not killed. */
  readonly isDone: boolean
  readonly code: number | null
  /** The last position and number of packages that were heard of. */
  readonly position: number
  readonly packages: number
  /** Which run of the log it was; 0 when it was killed before that was known. */
  readonly number: number
  /** It was told that the audit had begun, which is said once that is on stable storage. */
  readonly isAcknowledged: boolean
  readonly said: string
}

function run(root: string, data: string, out: string, killAt?: Moment): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [compiled, root, data, out], { stdio: ['ignore', 'pipe', 'pipe'] })
    let position = 0
    let packages = 0
    let number = 0
    let said = ''
    let rest = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [word, at, done] = line.split(' ')
        if (word === 'opened') number = Number(at)
        if (word === 'at') [position, packages] = [Number(at), Number(done)]
        if (word === killAt || (typeof killAt === 'number' && position >= killAt)) child.kill('SIGKILL')
      }
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const isAcknowledged = said.includes('Auditing')
      resolve({ isDone: signal === null, code, position, packages, number, isAcknowledged, said })
    })
  })
}

/** One moment in each part of the run; every fifth kill or so falls into the recovery after the one before. */
function momentsOf(seed: number, end: number): Moment[] {
  const random = chance(seed)
  return Array.from({ length: KILLS }, (_each, i) => {
    const at = Math.ceil(((i + random()) / KILLS) * end)
    return i > 0 && random() < 0.2 ? 'opening' : at
  })
}

const reportsIn = (out: string): Promise<string[]> =>
  Promise.all(['report.json', 'report.md'].map((name) => readFile(join(out, name), 'utf8')))

it(`an audit that is killed ${KILLS} times ends as one that is not, with nothing lost and nothing twice`, async () => {
  note(
    `seed ${SEED}; again: HOLDFAST_SEED=${SEED} npx vitest run --config .config/vitest.config.ts test/crash/audit-kill.test.ts`,
  )
  const root = join(folder, 'node_modules')
  await plantTree(root, PACKAGES)
  const [calm, calmOut] = [join(folder, 'calm'), join(folder, 'calm-out')]
  const undisturbed = await run(root, calm, calmOut)
  expect(undisturbed, undisturbed.said).toMatchObject({ isDone: true, code: 0 })
  const all = undisturbed.packages
  expect(all).toBeGreaterThanOrEqual(PACKAGES)

  const [data, out] = [join(folder, 'data'), join(folder, 'out')]
  const runs: Run[] = []
  for (const moment of momentsOf(SEED, undisturbed.position)) {
    const killed = await run(root, data, out, moment)
    expect(killed.isDone, killed.said).toBe(false)
    runs.push(killed)
    const { findings } = await verified(data).catch(nothingYet)
    expect(findings).toEqual([])
  }
  const last = await run(root, data, out)
  expect(last, last.said).toMatchObject({ isDone: true, code: 0, packages: all })
  expect(await reportsIn(out)).toEqual(await reportsIn(calmOut))

  const tenths = new Set(runs.map(({ packages }) => Math.floor((10 * packages) / all)))
  expect(
    tenths.size,
    `kills after ${runs.map(({ packages }) => packages).join(', ')}`,
  ).toBeGreaterThanOrEqual(6)

  const { ok } = await verified(data)
  const { twice, lost, answered, results, records } = await scanned(data)
  expect({ ok, twice, lost }).toEqual({ ok: true, twice: [], lost: [] })
  expect([...results.values()]).toEqual(Array.from({ length: all }, () => 1))
  expect(records).toBeGreaterThan(undisturbed.position)
  // What was acknowledged is in the log, in the run that said so.
  const acknowledged = [...runs, last].filter((each) => each.isAcknowledged).map(({ number }) => number)
  expect(acknowledged.length).toBeGreaterThan(5)
  expect(acknowledged.filter((number) => !answered.has(number))).toEqual([])
}, 300_000)

// A run that is killed while it opens the data for the first time may leave no store.
function nothingYet(error: unknown): { findings: never[] } {
  if ((error as { code?: string }).code === 'HF_STORE_MISSING') return { findings: [] }
  throw error
}
