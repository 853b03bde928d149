// `holdfast run` with a watchdog: what it says, how it ends, and how the same command goes on.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// It stands still on the first run; a later one asks how often it was reached.
const SWARM = `import { actor, swarm } from 'holdfast'
const root = actor({ name: 'busy', state: () => ({ n: 0 }), on: {
  add(ctx) { return ++ctx.state.n },
  async hold(ctx) { await ctx.effect('wait', () => gate()) },
  spin() { for (;;); },
} })
let gate = (): Promise<unknown> => Promise.resolve()
export default swarm({ name: 'busy', root, on: { async ready(system, run) {
  gate = () => system.flushed()
  const busy = system.ref(root, '/busy')
  run.print(String(await busy.ask('add')))
  if (run.args[0] !== 'spin') return run.done()
  busy.tell('hold')
  busy.tell('spin')
} } })
`

const root = fileURLToPath(new URL('../../..', import.meta.url))
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const bin = fileURLToPath(new URL('bin.ts', import.meta.url))
let dir: string

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-cli-watchdog-')))
  mkdirSync(join(dir, 'node_modules'))
  symlinkSync(join(root, 'packages', 'holdfast'), join(dir, 'node_modules', 'holdfast'), 'junction')
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(dir, 'swarm.ts'), SWARM)
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

async function run(...args: string[]) {
  const flags = ['--conditions=@holdfast/source', '--import', tsx, bin, 'run', 'swarm.ts', '-d', 'data', '-q']
  const env = { ...process.env, HOLDFAST_DATA: '', NODE_OPTIONS: '', FORCE_COLOR: '' }
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  const child = spawn(process.execPath, [...flags, ...args], { cwd: dir, env, stdio: [...stdio] })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (text: Buffer) => (said.stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (said.stderr += text.toString()))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, ...said }
}

describe('R14 holdfast run with a watchdog', () => {
  it('is ended when its swarm stands still, and goes on with the same command', async () => {
    const watched = ['--watchdog-ms', '100', '--end-after-ms', '400', '--', 'spin']
    const { signal, stdout, stderr } = await run(...watched)
    expect({ signal, stdout }).toEqual({ signal: 'SIGKILL', stdout: '1\n' })
    expect(stderr).toMatch(/^holdfast: the event loop of "busy" has stood still for [\d,]+ ms/)
    const [, position] = /In hand: \/busy, "spin" at position (\d+)/.exec(stderr) ?? []

    const again = await run()
    expect(again).toMatchObject({ code: 0, signal: null, stdout: '2\n' })
    const told = `stood still the event loop, for \\d+ ms in /busy spin, at ${position}; that ended the last run, and the turn has failed`
    expect(again.stderr).toMatch(new RegExp(told))
    expect(again.stderr).toContain('spin (')

    // It has been said, and is not said again.
    expect(await run()).toMatchObject({ code: 0, stdout: '3\n', stderr: '' })
  })

  it('wants to know from when on it is told before it ends anything', async () => {
    const { code, stderr } = await run('--end-after-ms', '400')
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('--end-after-ms needs --watchdog-ms') as string,
    })
  })
})
