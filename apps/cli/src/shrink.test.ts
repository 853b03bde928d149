// What `shrink` writes is run by the runners that it is written for, and `--inspect-brk` is met by a debugger.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { BANK, bankDirectory, ROOT } from './bank-swarm.fixture.js'
import { importPath, runnerFor } from './commands/shrink.js'
import { said } from './terminal.fixture.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

const { dir, remove } = bankDirectory()
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const SOURCE = '--conditions=@holdfast/source'
const MENDED = BANK.replace(
  "if (amount > ctx.state.balance) throw new TooMuch('only ' + ctx.state.balance)",
  '',
)

const shrink = (...args: string[]) => said(['shrink', 'order-2', ...args], { cwd: dir })

function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const own = { ...process.env, NODE_OPTIONS: '', HOLDFAST_DATA: '', NODE_TEST_CONTEXT: undefined, ...env }
  return spawn(process.execPath, args, { cwd: dir, env: own, stdio: ['pipe', 'pipe', 'pipe'] })
}

async function ended(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (piece: Buffer) => (text += piece.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, text }
}

beforeAll(async () => {
  expect(await said(['run', 'bank.ts'], { cwd: dir })).toMatchObject({ code: 0 })
  mkdirSync(join(dir, 'tests'))
  const conditions = JSON.stringify(['@holdfast/source', 'module', 'node', 'development|production'])
  writeFileSync(
    join(dir, 'vitest.config.mjs'),
    `export default { resolve: { conditions: ${conditions} }, ssr: { resolve: { conditions: ${conditions} } } }`,
  )
})

afterAll(remove)

describe('holdfast shrink', () => {
  it('writes to stdout, and says how many messages were needed', async () => {
    const { code, stdout, stderr } = await shrink()
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\/\/ order-2: \/bank\/reserve failed with TooMuch while it handled "withdraw"/)
    expect(stdout).toContain("import swarm from './bank.js'")
    expect(stderr).toMatch(/^shrunk {2}\d of \d messages are needed for \/bank\/reserve to fail with TooMuch/)
    const { stdout: text } = await shrink('--json')
    expect(JSON.parse(text)).toMatchObject({ schema: 'holdfast.shrink/1', runner: 'node:test', file: null })
    expect(await shrink('--failure', '1')).toMatchObject({ code: 3, stdout: '' })
  })

  it.each(['vitest', 'node:test'])(
    'the test for %s fails, and passes once the failure is mended',
    async (runner) => {
      const file = join('tests', `${runner.replace(':', '-')}.test.ts`)
      expect(await shrink('-o', file, '--runner', runner)).toMatchObject({ code: 0, stdout: '' })
      expect(await shrink('-o', file, '--runner', runner)).toMatchObject({ code: 7 })
      expect(readFileSync(join(dir, file), 'utf8')).toContain("import swarm from '../bank.js'")
      const config = ['--root', dir, '--config', join(dir, 'vitest.config.mjs'), '--testTimeout', '60000']
      const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...config, file]
      const args = runner === 'vitest' ? vitest : [SOURCE, '--import', tsx, '--test', file]
      const failing = await ended(start(args))
      expect(failing.text).toContain('TooMuch')
      expect(failing.code).toBe(1)
      writeFileSync(join(dir, 'bank.ts'), MENDED)
      try {
        const mended = await ended(start(args))
        expect({ ...mended, text: mended.code === 0 ? '' : mended.text }).toEqual({ code: 0, text: '' })
      } finally {
        writeFileSync(join(dir, 'bank.ts'), BANK)
      }
    },
  )

  it('imports a swarm by the name that it has once it is compiled', () => {
    expect(importPath('/a/b', '/a/src/swarm.ts')).toBe('../src/swarm.js')
    expect(importPath('/a', '/a/swarm.mts')).toBe('./swarm.mjs')
    expect(importPath('/a', '/a/swarm.cts')).toBe('./swarm.cjs')
    expect(importPath('/a', '/a/swarm.tsx')).toBe('./swarm.js')
    expect(importPath('/a', '/a/dist/swarm.js')).toBe('./dist/swarm.js')
  })

  it('takes vitest when the package has it, and what Node has otherwise', () => {
    expect(runnerFor(join(dir, 'tests'))).toBe('node:test')
    writeFileSync(join(dir, 'tests', 'package.json'), '{ "devDependencies": { "vitest": "1" } }')
    expect(runnerFor(join(dir, 'tests'))).toBe('vitest')
    writeFileSync(join(dir, 'tests', 'package.json'), '{')
    expect(runnerFor(join(dir, 'tests'))).toBe('node:test')
  })
})

it('replay --inspect-brk stops in a debugger right before the turn that failed, on loopback', async () => {
  const bin = fileURLToPath(new URL('bin.ts', import.meta.url))
  // The port is chosen by the system.
  const replaying = start([SOURCE, '--import', tsx, bin, 'replay', 'order-2', '--inspect-brk'], {
    NODE_OPTIONS: '--inspect-port=0',
  })
  const replayed = ended(replaying)
  const address = await heard(
    replaying.stderr!,
    /waiting for a debugger before the turn at \d+: ws:\/\/(\S+?)\//,
  )
  expect(address).toMatch(/^127\.0\.0\.1:\d+$/)
  const debugging = start(['inspect', address])
  const closed = ended(debugging)
  await heard(debugging.stdout!, /break in \S*(replay-break)/)
  debugging.stdin!.write('cont\n')
  await heard(replaying.stdout!, /(identical) {2}order-2/)
  debugging.stdin!.write('.exit\n')
  await closed
  expect((await replayed).code).toBe(0)
})

/** The first group of what is waited for on a stream. */
function heard(stream: NodeJS.ReadableStream, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.on('data', (piece: Buffer) => {
      text += piece.toString()
      const found = wanted.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
    stream.on('end', () => reject(new Error(`It ended with:\n${text}`)))
  })
}
