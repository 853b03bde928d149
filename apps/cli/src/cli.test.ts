// The command line from end to end. What has to be a process of its own is one: the running system beside which the
// others read, signals, exit codes. The reading commands run here, on the same entry and with streams that are kept.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { LOG_FILE } from '@holdfast/journal'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { main } from './cli.js'

// A process starts in half a second, and in many when the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const SWARM = `
import { actor, child, supervisor, swarm } from 'holdfast'

class TooMuch extends Error {}

const account = actor({
  name: 'account',
  state: (args: { currency: string }) => ({ balance: 0, currency: args.currency }),
  on: {
    deposit(ctx, { amount }: { amount: number }) { ctx.state.balance += amount },
    async withdraw(ctx, { amount }: { amount: number; note: string }) {
      const rate = await ctx.effect('rate', async () => BONUS)
      if (amount > ctx.state.balance) throw new TooMuch('only ' + ctx.state.balance)
      ctx.state.balance -= amount * rate
      ctx.tell(ctx.self, 'deposit', { amount: 1 })
      return { left: BigInt(ctx.state.balance), at: new Map([[1, new Date(0)]]) }
    },
  },
})
const BONUS = 1

export default swarm({
  name: 'bank',
  root: supervisor({ name: 'bank', children: [child(account, { id: 'reserve', args: { currency: 'EUR' } })] }),
  on: {
    async ready(system, run) {
      const reserve = system.ref(account, '/bank/reserve')
      if (run.args[0] === 'code') return run.done(Number(run.args[1]))
      reserve.tell('deposit', { amount: 9 })
      await reserve.ask('withdraw', { amount: 2, note: 'CANARY' }, { correlation: 'incident-1' })
      await reserve.ask('withdraw', { amount: 99, note: '' }, { correlation: 'incident-2' }).catch(() => undefined)
      await system.flushed()
      run.print('staying')
    },
  },
})
`

const root = fileURLToPath(new URL('../../..', import.meta.url))
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const bin = fileURLToPath(new URL('bin.ts', import.meta.url))
let dir: string
let running: ChildProcess

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the real binary, from source. */
function start(...args: string[]): ChildProcess {
  const flags = ['--conditions=@holdfast/source', '--import', tsx, bin]
  const env = { ...process.env, HOLDFAST_DATA: '', NODE_OPTIONS: '', FORCE_COLOR: '' }
  return spawn(process.execPath, [...flags, ...args], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr!.on('data', (text: Buffer) => (stderr += text.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

/** Runs the command line in this process. */
async function here(...args: string[]): Promise<Ended> {
  const said = { stdout: '', stderr: '' }
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      said[name] += text
      return Promise.resolve()
    },
  })
  const code = await main(args, {
    cwd: dir,
    env: {},
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    stdin: { line: () => Promise.resolve(undefined) },
    monotonic: () => 0,
    onSignal: () => () => undefined,
    exit: () => undefined,
  })
  return { code, ...said }
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await here(...args, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Record<string, unknown>
}

beforeAll(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-cli-')))
  mkdirSync(join(dir, 'node_modules'))
  symlinkSync(join(root, 'packages', 'holdfast'), join(dir, 'node_modules', 'holdfast'), 'junction')
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(dir, 'swarm.ts'), SWARM)
  running = start('run', 'swarm.ts')
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (text: Buffer): void => {
      said += text.toString()
      if (said.includes('staying')) resolve()
    }
    running.stdout!.on('data', hear)
    running.stderr!.on('data', hear)
    running.on('close', () => reject(new Error(`The swarm did not start:\n${said}`)))
  })
})

afterAll(() => {
  running.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

describe('beside a running system', () => {
  it('tree and ps show who is there', async () => {
    const { code, stdout } = await here('tree')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\.holdfast\/bank {2}2 actors, running/)
    expect(stdout).toContain('└─ reserve (account)  running  3 turns  1 restart\n')
    expect((await here('ps', '--sort', 'turns', '-n', '1')).stdout).toMatch(
      /\nrunning +0 +3 +1 +account +\/bank\/reserve\n$/,
    )
    expect(await json('tree', '/bank/reserve')).toMatchObject({
      schema: 'holdfast.tree/1',
      log: 'open',
      tree: { path: '/bank/reserve', turns: 3 },
    })
    expect(await json('ps')).toMatchObject({
      schema: 'holdfast.ps/1',
      list: [{ path: '/bank' }, { path: '/bank/reserve' }],
    })
  })

  it('inspect shows one actor in full', async () => {
    const { stdout } = await here('inspect', '/bank/reserve')
    expect(stdout).toContain('life        incarnation 2, 1 restart, 3 turns')
    expect(stdout).toMatch(/failure {5}TooMuch: only 8 at message \d+ of incident-2/)
    expect(await json('inspect', '/bank/reserve')).toMatchObject({
      schema: 'holdfast.inspect/1',
      actor: { path: '/bank/reserve', failures: [{ correlationId: 'incident-2' }] },
      state: { turnsSince: expect.any(Number) as number },
    })
  })

  it('journal shows the newest records, or those that are asked for', async () => {
    const { stdout } = await here('journal', '-k', 'failed', 'directive')
    expect(stdout.split('\n')).toHaveLength(3)
    expect(stdout).toMatch(/failed {5}\/bank\/reserve {2}failed at withdraw, attempt 1: TooMuch: only 8/)
    expect(stdout).toMatch(/directive {2}\/bank {2}decides: restart reserve, because .* {2}\[incident-2]\n$/)
    const { records } = await json(
      'journal',
      '--actor',
      '/bank/reserve',
      '-c',
      'incident-1',
      '--kind',
      'turn',
      '-n',
      '1',
    )
    expect(records).toEqual([
      expect.objectContaining({ kind: 'turn', actor: '/bank/reserve', correlation: 'incident-1' }),
    ])
    const lines = (await here('journal', '--from', '1', '-n', '2', '--ndjson')).stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { schema: 'holdfast.record/1', position: 1, kind: 'opened', data: { system: join(dir, 'swarm.ts') } },
      { position: 2, kind: 'spawned', actor: '/bank' },
    ])
    const failures = await json('journal', '--kind', 'failed', 'directive')
    const failure = { supervisor: '/bank', context: 'message', offender: '/bank/reserve' }
    expect(failures['records']).toMatchObject([{ failure }, { failure }])
    expect((await here('journal', '-n', '1')).stdout.split('\n')).toHaveLength(2)
  })

  it('parked lists the messages that were given up', async () => {
    const { stdout } = await here('parked')
    expect(stdout).toMatch(
      /^\.holdfast\/bank {2}1 parked message\n\d+ {2}\/bank\/reserve {2}withdraw \{ amount: 99, note: "" \}\n {4}TooMuch: only 8 after 1 attempt, .* correlation incident-2\n$/,
    )
    expect(await json('parked', '--actor', '/bank/reserve')).toMatchObject({
      schema: 'holdfast.parked/1',
      data: join(dir, '.holdfast', 'bank'),
      count: 1,
      list: [
        {
          actor: '/bank/reserve',
          type: 'withdraw',
          correlation: 'incident-2',
          attempts: 1,
          error: { name: 'TooMuch', message: 'only 8' },
          payload: { amount: 99, note: '' },
        },
      ],
    })
    expect(await json('parked', '-a', '/bank')).toMatchObject({ count: 0, list: [] })
    expect(await here('parked', '-a', '/bank/resrve')).toMatchObject({ code: 3, stdout: '' })
  })

  it('trace tells a correlation from its first message to its last turn', async () => {
    const { stdout } = await here('trace', 'incident-1')
    const told = stdout.split('\n').map((line) => line.replace(/^ *\d+ +\+\S+ ms {2}/, ''))
    expect(told).toEqual([
      expect.stringMatching(/^incident-1 {2}message \d+ in .holdfast\/bank$/),
      'outside asks /bank/reserve  withdraw { amount: 2, note: "CANARY" }',
      '  /bank/reserve  waits in withdraw',
      '  /bank/reserve  effect rate #0 gave 1',
      '  /bank/reserve tells /bank/reserve  deposit { amount: 1 }',
      '  /bank/reserve  handled withdraw, answered { left: 7n, at: Map(1) { 1 => 1970-01-01T00:00:00.000Z } }',
      '    /bank/reserve  handled deposit',
      expect.stringMatching(/^1 actor, 2 messages, 2 turns in \d+ ms from /),
      '',
    ])
    expect(await json('trace', 'incident-2')).toMatchObject({
      schema: 'holdfast.trace/1',
      failures: 1,
      decisions: 1,
      waiting: [],
    })
  })

  it('replay runs the incident again on the swarm file that the log remembers', async () => {
    const same = await json('replay', 'incident-1')
    expect(same).toMatchObject({ schema: 'holdfast.replay/1', identical: true, swarm: join(dir, 'swarm.ts') })
    writeFileSync(join(dir, 'changed.ts'), SWARM.replace('{ amount: 1 }', '{ amount: 5 }'))
    const { code, stdout } = await here('replay', 'incident-1', '--against', 'changed.ts')
    expect(code).toBe(5)
    expect(stdout).toMatch(/\/bank\/reserve {2}withdraw {2}payload tell: .*\n.*divergences? {2}incident-1/s)
  })

  it('verify finds nothing wrong', async () => {
    expect(await here('verify')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok {2}/) as string,
    })
    expect(await json('verify')).toMatchObject({ schema: 'holdfast.verify/1', ok: true, findings: [] })
  })

  it('a second system on the same data is refused with 7, and says so as JSON on stderr', async () => {
    const { code, stdout, stderr } = await ended(start('run', 'swarm.ts', '--json'))
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({
      schema: 'holdfast.error/1',
      code: 'HF_STORE_IN_USE',
      field: 'data',
    })
  })
})

describe('what cannot be done', () => {
  it.each([
    [3, 'HF_NO_SUCH_ACTOR', 'Did you mean /bank/reserve?', ['inspect', '/bank/resrve']],
    [3, 'HF_NO_SUCH_ACTOR', '`holdfast tree` shows who is there.', ['journal', '-a', '/nobody-here']],
    [3, 'HF_UNKNOWN_CORRELATION', 'Did you mean incident-1 or incident-2?', ['trace', 'incident-9']],
    [
      3,
      'HF_STORE_MISSING',
      'Give the directory that the system was run with: --data DIR.',
      ['tree', '--data', 'nowhere'],
    ],
    [2, 'HF_INVALID', 'Did you mean --data?', ['tree', '--dta', 'x']],
    [2, 'HF_INVALID', 'holdfast inspect --help says what there is.', ['inspect']],
    [2, 'HF_INVALID', 'Did you mean trace?', ['trac']],
    [2, 'HF_INVALID', 'Try /bank.', ['inspect', 'bank']],
    [2, 'HF_INVALID', 'Did you mean directive?', ['journal', '-k', 'directiv']],
    [2, 'HF_INVALID', 'holdfast journal --help says what there is.', ['journal', '-n', '0']],
    [2, 'HF_INVALID', 'Give one of them.', ['replay', 'incident-1', '--swarm', 'a', '--against', 'b']],
  ])('%d %s %s', async (code, error, hint, args) => {
    const asText = await here(...args)
    expect(asText).toMatchObject({ code, stdout: '' })
    expect(asText.stderr).toContain(`  hint  ${hint}\n  code  ${error}\n`)
    const asJson = await here(...args, '--json')
    expect(asJson).toMatchObject({ code, stdout: '' })
    expect(JSON.parse(asJson.stderr)).toMatchObject({ schema: 'holdfast.error/1', code: error, hint })
  })

  it('without a command the help is shown, and it was no success', async () => {
    const { code, stdout, stderr } = await here()
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('Usage: holdfast')
    expect(await here('--version')).toMatchObject({ code: 0, stderr: '' })
    expect((await here('help', 'run')).stdout).toContain('--data <dir>')
  })
})

describe('the process', () => {
  it('a root that gives up ends the run with 6, and the log says why', async () => {
    writeFileSync(
      join(dir, 'weak.ts'),
      `import { actor, swarm } from 'holdfast'
      const root = actor({ name: 'weak', on: { go() { throw new RangeError('too far') } }, onFailure: { default: 'escalate' } })
      export default swarm({ name: 'weak', root, on: { ready: (system) => system.ref(root, '/weak').tell('go') } })`,
    )
    const { code, stdout, stderr } = await ended(start('run', 'weak.ts', '--data', 'weak', '--quiet'))
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
    expect(stderr).toMatch(
      /^error The swarm gave up: too far\n {2}hint .*--data weak --kind failed\n {2}code {2}HF_GAVE_UP\n$/,
    )
    expect((await here('journal', '--data', 'weak', '-k', 'failed')).stdout).toContain('RangeError: too far')
    expect((await here('journal', '--data', 'weak', '-k', 'gave-up')).stdout).toContain(
      '/weak  gave up: RangeError: too far',
    )
    expect((await here('tree', '--data', 'weak')).stdout).toContain('gave up: RangeError: too far, as of')
    expect(await json('ps', '--data', 'weak')).toMatchObject({
      log: 'open',
      failure: { name: 'RangeError', message: 'too far' },
    })
  })

  it('a child that is given up is told on stderr, also when it is quiet otherwise', async () => {
    writeFileSync(
      join(dir, 'strained.ts'),
      `import { actor, child, supervisor, swarm } from 'holdfast'
      const weak = actor({ name: 'weak', on: { go() { throw new RangeError('too far') } } })
      const held = child(weak, { id: 'held', budget: { maxRestarts: 0, then: 'quarantine' } })
      const lost = child(weak, { id: 'lost', budget: { maxRestarts: 0 } })
      const root = supervisor({ name: 'strained', children: [held, lost] })
      export default swarm({ name: 'strained', root, on: { async ready(system, run) {
        system.on('stopped', () => run.done(3))
        for (const id of ['held', 'lost']) system.ref('/strained/' + id).tell('go')
      } } })`,
    )
    const { code, stderr } = await ended(start('run', 'strained.ts', '--data', 'strained', '--quiet'))
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr:
        'quarantined /strained/held RangeError: too far\ngave up on /strained/lost RangeError: too far\n',
    })
    expect(await json('ps', '--data', 'strained')).toMatchObject({
      list: [{ status: 'running' }, { status: 'quarantined' }, { status: 'stopped' }],
    })
    expect((await here('inspect', '/strained/held', '--data', 'strained')).stdout).toContain(
      'status      quarantined: RangeError: too far',
    )
  })

  it('a swarm file outside of any package runs too, and its code is the exit code', async () => {
    rmSync(join(dir, 'package.json'))
    const { code, stdout, stderr } = await ended(
      start('run', 'swarm.ts', '--data', 'other', '--json', '--', 'code', '42'),
    )
    expect({ code, stderr }).toEqual({ code: 42, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'holdfast.run/1',
      system: 'bank',
      why: 'done',
      code: 42,
      data: join(dir, 'other'),
    })
  })

  it('a signal stops the system in order', async () => {
    const end = ended(running)
    running.kill('SIGTERM')
    const { code, stderr } = await end
    expect(code).toBe(143)
    expect(stderr).toMatch(
      /SIGTERM: stopping in order; the same command goes on from here[^]*Stopped in order/,
    )
    expect((await here('tree', '--data', '.holdfast/bank')).stdout).toMatch(/stopped in order/)
    expect((await here('inspect', '/bank/reserve', '--data', '.holdfast/bank')).stdout).toMatch(
      /state {7}snapshot at position \d+, no turns since\n {4}\{ balance: 8, currency: "EUR" }\n$/,
    )
  })

  it('S-33 verify holds the log against its anchors, and wants the key that they were signed with', async () => {
    const data = ['--data', '.holdfast/bank']
    const anchors = ['--anchors', 'anchors', '--key', 'anchor.key']
    writeFileSync(join(dir, 'anchor.key'), 'ab'.repeat(32), { mode: 0o600 })
    const anchored = await here('anchor', ...anchors, ...data)
    expect(anchored).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^anchored {2}up to position \d+/) as string,
    })
    const { code, stdout } = await here('verify', ...anchors, ...data)
    expect(stdout).toMatch(/anchored up to \d+, unanchored tail of 0 records/)
    expect(code).toBe(0)
    expect((await here('verify', '--anchors', 'anchors', ...data)).code).toBe(2)
    expect((await here('verify', '--anchors', 'anchors', '--key', 'none.key', ...data)).code).toBe(7)
  })

  it('S-29 an encrypted data directory is read with its key, and refused without', async () => {
    const key = ['--data-key', 'data.key']
    const sealed = ['--data', 'sealed']
    writeFileSync(join(dir, 'data.key'), 'cd'.repeat(32), { mode: 0o600 })
    const made = ['fork', 'incident-1', '--to', 'sealed', '--to-key', 'data.key', '--data', '.holdfast/bank']
    expect((await here(...made)).code).toBe(0)
    for (const command of ['tree', 'ps', 'journal', 'incidents']) {
      expect(await here(command, ...sealed), command).toMatchObject({
        code: 7,
        stdout: '',
        stderr: expect.stringContaining('HF_KEY') as string,
      })
      expect((await here(command, ...sealed, ...key)).code, command).toBe(0)
    }
    const others = [
      ['inspect', '/bank/reserve'],
      ['trace', 'incident-1'],
      ['replay', 'incident-1'],
      ['export', 'incident-1', '--output', 'sealed.hfi', '--pin'],
    ]
    for (const command of others) {
      expect((await here(...command, ...sealed)).code, command[0]).toBe(7)
      expect(await here(...command, ...sealed, ...key), command[0]).toMatchObject({ code: 0, stderr: '' })
    }
    const [pin = ''] = readdirSync(join(dir, 'sealed', 'pins'))
    expect(readFileSync(join(dir, 'sealed', 'pins', pin)).includes('bank')).toBe(false)
    const { code, stdout } = await here('verify', ...sealed)
    expect([code, stdout]).toEqual([0, expect.stringContaining('only the chain and the checksums') as string])
    expect((await here('verify', ...sealed, ...key)).stdout).not.toContain('only the chain')
    writeFileSync(join(dir, 'new.key'), `${'ef'.repeat(32)}\n${'cd'.repeat(32)}\n`, { mode: 0o600 })
    expect(await here('rekey', ...sealed, '--data-key', 'new.key')).toMatchObject({ code: 0 })
    expect((await here('tree', ...sealed, ...key)).code).toBe(7)
    expect((await here('tree', ...sealed, '--data-key', 'new.key')).code).toBe(0)
    expect((await here('rekey', ...sealed)).code).toBe(2)
  })

  it('a changed byte makes verify end with 6', async () => {
    const file = join(dir, '.holdfast', 'bank', LOG_FILE)
    writeFileSync(
      file,
      Buffer.from(readFileSync(file).toString('latin1').replaceAll('CANARY', 'CANARD'), 'latin1'),
    )
    const { code, stdout } = await here('verify', '--data', '.holdfast/bank')
    expect(code).toBe(6)
    expect(stdout).toMatch(/^damaged .*\n.*\n {4}checksum {4}batch at position \d+: /)
  })
})
