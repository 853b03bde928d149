// A swarm whose handlers run in threads, from the command line: in a process of its own, and replayed in this one.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { said } from './terminal.fixture.js'

// A process starts in half a second, and in many when the machine is busy.
vi.setConfig({ testTimeout: 120_000 })

// Outside of a package it is a module as .mts and CommonJS as .ts. Nothing in it names a module: the thread finds the definition in the swarm that the file exports.
const SWARM = `
import { isMainThread } from 'node:worker_threads'
import { actor, child, supervisor, swarm } from 'holdfast'

enum By { One = 1 }

const worker = actor({
  name: 'worker',
  runsIn: 'thread',
  state: () => ({ done: 0 }),
  on: {
    async square(ctx, { of }: { of: number }) {
      const root = await ctx.effect('measure', () => of)
      ctx.state.done += By.One
      return { square: root * root, done: ctx.state.done }
    },
  },
})

// What it answers depends on where it runs, so it is no part of what is replayed.
const witness = actor({
  name: 'witness',
  runsIn: 'thread',
  on: { where: () => (isMainThread ? 'in the main thread' : 'in a thread') },
})

export default swarm({
  name: 'squares',
  root: supervisor({ name: 'squares', children: [child(worker), child(witness)] }),
  on: {
    async ready(system, run) {
      const timeoutMs = 60_000
      const asked = { timeoutMs, correlation: 'seven' }
      const { square } = await system.ref(worker, '/squares/worker').ask('square', { of: 7 }, asked)
      const where = await system.ref(witness, '/squares/witness').ask('where', undefined, { timeoutMs })
      run.print(square + ' ' + where)
      run.done()
    },
  },
})
`

const root = fileURLToPath(new URL('../../..', import.meta.url))
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const bin = fileURLToPath(new URL('bin.ts', import.meta.url))
let dir: string

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-threads-')))
  mkdirSync(join(dir, 'node_modules'))
  symlinkSync(join(root, 'packages', 'holdfast'), join(dir, 'node_modules', 'holdfast'), 'junction')
  writeFileSync(join(dir, 'swarm.mts'), SWARM)
  writeFileSync(join(dir, 'swarm.ts'), SWARM)
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

function run(...args: string[]) {
  const flags = ['--conditions=@holdfast/source', '--import', tsx, bin, 'run']
  const env = { ...process.env, HOLDFAST_DATA: '', NODE_OPTIONS: '', FORCE_COLOR: '' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, ...args], {
    cwd: dir,
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

// The compiler may have threads as well.
const BUSY =
  /^1 thread was busy for \d+\.\d s, the main thread for \d+\.\d s; \d+\.\d s of CPU in \d+\.\d s\.$/m

it.each(['swarm.mts', 'swarm.ts'])(
  'handlers of %s run in a thread, and the run says how busy it was',
  (file) => {
    const { status, stdout, stderr } = run(file, '--threads', '1', '--data', `data-${file}`)
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '49 in a thread\n' })
    expect(stderr).toMatch(BUSY)
  },
)

it('without threads they run in the main thread, and nothing is said of threads', () => {
  const { status, stdout, stderr } = run('swarm.mts', '--threads', '0', '--data', 'data-main')
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '49 in the main thread\n' })
  expect(stderr).not.toContain('busy')
})

it('a log that a thread wrote goes on without threads, and is replayed in the main thread', async () => {
  expect(run('swarm.mts', '--threads', '1', '--data', 'data').stdout).toBe('49 in a thread\n')
  expect(run('swarm.mts', '--threads', '0', '--data', 'data').stdout).toBe('49 in the main thread\n')
  const replayed = await said(['replay', 'seven', '--data', 'data', '--json'], { cwd: dir })
  expect(replayed).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(replayed.stdout)).toMatchObject({ identical: true, divergences: [] })
})

it('a number of threads that is none is refused with 2', () => {
  const { status, stderr } = run('swarm.mts', '--threads', 'many')
  expect(status).toBe(2)
  expect(stderr).toContain('whole number')
})
