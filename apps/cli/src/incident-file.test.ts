// The commands that write and read incident files, on a data directory that a system has left.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, createSystem } from 'holdfast'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { main } from './cli.js'

// A process starts in half a second, and in many when the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const account = actor({
  name: 'account',
  state: () => ({ balance: 0 }),
  onFailure: { default: 'resume' },
  on: {
    deposit(ctx, { amount }: { amount: number; iban: string }) {
      ctx.state.balance += amount
      if (amount > 100) throw new RangeError('too much')
      return ctx.state.balance
    },
  },
})

let dir: string
let env: Record<string, string> = {}

async function here(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' }
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      said[name] += text
      return Promise.resolve()
    },
  })
  const code = await main(args, {
    cwd: dir,
    env,
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
  const { stdout, stderr } = await here(...args, '--json')
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Record<string, unknown>
}

beforeAll(async () => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-cli-file-')))
  const system = await createSystem({ name: 'bank', root: account, data: join(dir, 'data') })
  const send = async (amount: number, correlation: string): Promise<void> => {
    const asked = system.ref(account, '/account').ask('deposit', { amount, iban: 'DE-MARK' }, { correlation })
    await asked.catch(() => undefined)
  }
  await send(5, 'order/1')
  await send(5, 'order/2')
  await send(500, 'order/3')
  await system.stop()
  writeFileSync(join(dir, 'key'), Buffer.alloc(32, 3))
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

describe('holdfast export', () => {
  it('writes a file that is named after the correlation, and tells what is in it', async () => {
    const { code, stdout } = await here('export', 'order/1', '--data', 'data')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^exported {2}order\/1 to order-1\.hfi: 1 actor, \d+ records, 0 snapshots, .*B\n$/)
    expect(readFileSync(join(dir, 'order-1.hfi')).subarray(0, 4).toString()).toBe('HFI1')
  })

  it('says which rules have redacted, and which have led to nothing', async () => {
    const rules = ['--redact', 'payload.iban', 'payload.bic']
    const { stdout, stderr } = await here('export', 'order/1', '--data', 'data', '-o', 'r.hfi', ...rules)
    expect(stdout).toContain('redacted  payload.iban: 1 field\n')
    expect(stderr).toContain('payload.bic has led to no field')
    const traced = await here('trace', 'r.hfi', '--json')
    expect(traced.stdout).not.toContain('DE-MARK')
  })

  it('leaves a file alone that is there, and replaces it with --force', async () => {
    await here('export', 'order/1', '--data', 'data', '-o', 'there.hfi')
    const again = await here('export', 'order/2', '--data', 'data', '-o', 'there.hfi')
    expect(again).toMatchObject({ code: 7, stdout: '' })
    expect(again.stderr).toContain('HF_FILE_EXISTS')
    const forced = await here('export', 'order/2', '--data', 'data', '-o', 'there.hfi', '--force')
    expect(forced.code).toBe(0)
  })

  it('is one document with --json', async () => {
    const body = await json('export', 'order/1', '--data', 'data', '-o', 'j.hfi', '--pin', '--note', 'x')
    expect(body).toMatchObject({
      schema: 'holdfast.export/1',
      data: join(dir, 'data'),
      file: join(dir, 'j.hfi'),
      correlation: 'order/1',
      actors: ['/account'],
      encrypted: false,
      pinned: true,
    })
    const [pin] = readdirSync(join(dir, 'data', 'pins'))
    expect(readFileSync(join(dir, 'data', 'pins', pin!), 'utf8')).toContain('"correlation": "order/1"')
  })

  it.each([
    ['an unknown correlation', ['order/9'], 3, 'HF_UNKNOWN_CORRELATION'],
    ['a rule that is none', ['order/1', '--redact', 'password'], 2, 'redact[0]'],
    ['a key of another length', ['order/1', '--key-file', 'short'], 2, 'a key has 32'],
    ['a passphrase that is not there', ['order/1', '--passphrase-env', 'NONE'], 2, 'NONE is not set'],
  ])('refuses %s', async (_what, args, code, said) => {
    writeFileSync(join(dir, 'short'), 'short')
    const ended = await here('export', '--data', 'data', '-o', 'refused.hfi', ...args)
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.stderr).toContain(said)
  })
})

describe('an imported file', () => {
  it('is listed, traced and replayed by its correlation, beside those of the log', async () => {
    await here('export', 'order/3', '--data', 'data', '-o', 'taken.hfi')
    await here('fork', 'order/1', '--data', 'data', '--to', 'elsewhere', '--at', '3')
    const before = await json('import', 'taken.hfi', '--data', 'elsewhere')
    expect(before).toMatchObject({ schema: 'holdfast.import/1', correlation: 'order/3' })
    const again = await json('import', 'taken.hfi', '--data', 'elsewhere')
    expect(again).toEqual(before)
    expect(readdirSync(join(dir, 'elsewhere', 'incidents'))).toHaveLength(1)
    const { list } = (await json('incidents', '--data', 'elsewhere')) as {
      list: { correlation: string; file?: string }[]
    }
    expect(list.map(({ correlation, file }) => [correlation, file])).toEqual([['order/3', before['file']]])
    expect(await json('trace', 'order/3', '--data', 'elsewhere')).toMatchObject({ correlation: 'order/3' })
  })

  it('is checked before it is taken in, and nothing of a damaged one stays', async () => {
    await here('export', 'order/1', '--data', 'data', '-o', 'whole.hfi')
    const bytes = readFileSync(join(dir, 'whole.hfi'))
    bytes[bytes.byteLength >> 1]! ^= 1
    writeFileSync(join(dir, 'hurt.hfi'), bytes)
    const ended = await here('import', 'hurt.hfi', '--data', 'data')
    expect(ended.stderr).toContain('HF_FILE_DAMAGED')
    expect(existsSync(join(dir, 'data', 'incidents'))).toBe(false)
  })

  it('stays locked, and is found by its file', async () => {
    await here('export', 'order/1', '--data', 'data', '-o', 'shut.hfi', '--key-file', 'key')
    expect((await here('import', 'shut.hfi', '--data', 'data')).stderr).toContain('HF_FILE_KEY')
    const { file } = (await json('import', 'shut.hfi', '--data', 'data', '--key-file', 'key')) as {
      file: string
    }
    const listed = await here('incidents', '--data', 'data')
    expect(listed.stderr).toContain('is locked')
    expect((await here('trace', file, '--key-file', 'key')).code).toBe(0)
  })
})

describe('an encrypted file', () => {
  it('is opened with its key, and refused without and with another one', async () => {
    await here('export', 'order/1', '--data', 'data', '-o', 'locked.hfi', '--key-file', 'key')
    expect((await here('trace', 'locked.hfi', '--key-file', 'key')).code).toBe(0)
    const without = await here('trace', 'locked.hfi')
    expect(without).toMatchObject({ code: 7, stdout: '' })
    expect(without.stderr).toContain('HF_FILE_KEY')
    writeFileSync(join(dir, 'other'), Buffer.alloc(32, 4))
    expect((await here('trace', 'locked.hfi', '--key-file', 'other')).code).toBe(7)
  })

  it('is opened with a passphrase that stands in the environment', async () => {
    env = { PASS: 'correct horse' }
    await here('export', 'order/1', '--data', 'data', '-o', 'phrase.hfi', '--passphrase-env', 'PASS')
    expect((await here('trace', 'phrase.hfi', '--passphrase-env', 'PASS')).code).toBe(0)
    env = { PASS: 'wrong horse' }
    expect((await here('trace', 'phrase.hfi', '--passphrase-env', 'PASS')).code).toBe(7)
    env = {}
  })
})

describe('holdfast trace of a file', () => {
  it('tells the same course as the data directory does, and what the file says of itself', async () => {
    await here('export', 'order/3', '--data', 'data', '-o', 't.hfi', '--note', 'looks \u001b[31mred')
    const [file, data] = [await here('trace', 't.hfi'), await here('trace', 'order/3', '--data', 'data')]
    const [head, exported, note, ...course] = file.stdout.split('\n')
    expect(head).toMatch(/^order\/3 {2}message \d+ in t\.hfi$/)
    expect(exported).toMatch(/^exported 20.* by Holdfast 0\.1\.0 from "bank", engine \d+$/)
    expect(note).toBe('note: looks \\u{1b}[31mred')
    expect(course.map((line) => line.trim())).toEqual(
      data.stdout
        .split('\n')
        .slice(1)
        .map((line) => line.trim()),
    )
  })

  it('has the same records with --json', async () => {
    await here('export', 'order/3', '--data', 'data', '-o', 't2.hfi')
    const [file, data] = [await json('trace', 't2.hfi'), await json('trace', 'order/3', '--data', 'data')]
    expect(file).toMatchObject({ schema: 'holdfast.trace/1', file: join(dir, 't2.hfi') })
    expect(file['manifest']).toMatchObject({ correlation: 'order/3', system: 'bank' })
    expect(file['records']).toEqual(data['records'])
  })

  it('refuses what is none', async () => {
    writeFileSync(join(dir, 'none.hfi'), 'hello')
    mkdirSync(join(dir, 'folder.hfi'))
    expect(await here('trace', 'none.hfi')).toMatchObject({ code: 6, stdout: '' })
    expect(await here('trace', 'missing.hfi')).toMatchObject({ code: 3, stdout: '' })
    expect(await here('trace', 'folder.hfi')).toMatchObject({ code: 3, stdout: '' })
  })
})

describe('holdfast diff', () => {
  it('finds nothing between an incident and its file', async () => {
    await here('export', 'order/1', '--data', 'data', '-o', 'd1.hfi')
    const { code, stdout } = await here('diff', 'd1.hfi', 'order/1', '--data', 'data')
    expect(code).toBe(0)
    expect(stdout).toBe(
      'equal  order/1 (1 message, 1 turn, 0 failures, 0 decisions) and order/1 (1 message, 1 turn, 0 failures, 0 decisions)\n',
    )
  })

  it('tells every difference, and ends with 5', async () => {
    const { code, stdout } = await here('diff', 'order/1', 'order/3', '--data', 'data')
    expect(code).toBe(5)
    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(/^~ {2}\d+ \| \d+ {2}message "deposit" of \/account has payload /)
    expect(lines.slice(1, 4).map((line) => line[0])).toEqual(['-', '+', '+'])
    const body = await json('diff', 'order/1', 'order/3', '--data', 'data')
    expect(body).toMatchObject({
      schema: 'holdfast.diff/1',
      equal: false,
      first: 'order/1',
      second: 'order/3',
    })
    expect(body['differences']).toHaveLength(4)
  })
})
