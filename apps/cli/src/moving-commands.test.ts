import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { actor, createSystem } from 'holdfast'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bankDirectory } from './bank-swarm.fixture.js'
import { said, type Said } from './terminal.fixture.js'

const GUIDE = fileURLToPath(new URL('../../../docs/how-to/back-up-and-restore.md', import.meta.url))

const till = actor({
  name: 'till',
  state: () => ({ sum: 0 }),
  on: {
    pay(ctx, amount: number) {
      return (ctx.state.sum += amount)
    },
  },
})

describe('the commands that move data', () => {
  let cwd: string

  beforeEach(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-moving-'))
    await using system = await createSystem({
      name: 'shop',
      root: till,
      data: join(cwd, 'data'),
      origin: '/swarm.ts',
    })
    for (let amount = 1; amount <= 9; amount++) await system.ref(till, '/till').ask('pay', amount)
  })

  afterEach(() => {
    rmSync(cwd, { recursive: true, force: true })
  })

  const run = (...args: readonly string[]): Promise<Said> => said(args, { cwd })

  async function document(...args: readonly string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await run(...args, '--json')
    expect([code, stderr]).toEqual([0, ''])
    return JSON.parse(stdout) as Record<string, unknown>
  }

  it('are those of the guide, which work one after the other', async () => {
    const fences = [...readFileSync(GUIDE, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    const commands = fences.flatMap(([, text = '']) => text.trim().split('\n'))
    expect(commands.length).toBeGreaterThan(8)
    for (const command of commands) {
      const [name, ...args] = command.split(' ')
      expect(name).toBe('holdfast')
      const { code, stdout, stderr } = await run(...args)
      expect([command, code, stderr]).toEqual([command, 0, ''])
      expect(stdout).not.toBe('')
    }
    const made = [
      'as-it-was',
      'backups',
      'bank.hfd',
      'bank.ndjson',
      'moved',
      'moved-too',
      'rebuilt',
      'restored',
    ]
    expect(readdirSync(cwd).sort()).toEqual([...made, 'data', 'shipped'].sort())
    for (const dir of ['rebuilt', 'restored', 'moved', 'moved-too'])
      expect((await document('verify', '--data', dir))['next']).toBe(
        (await document('verify', '--data', 'data'))['next'],
      )
  })

  it('say in a document where it was made, of which store, and up to where', async () => {
    const { store, next } = await document('verify', '--data', 'data')
    const position = Number(next) - 1
    expect(await document('backup', 'data', '--to', 'backup')).toMatchObject({
      schema: 'holdfast.backup/1',
      data: join(cwd, 'data'),
      to: join(cwd, 'backup'),
      store,
      position,
    })
    const restored = await document('restore', 'backup', '--to', 'restored', '--at', '6')
    expect(restored).toMatchObject({ schema: 'holdfast.restore/1', origin: store })
    expect(restored['position']).toBeLessThanOrEqual(6)
    expect(await document('ship', 'data', '--to', 'shipped', '--once')).toMatchObject({
      position,
      lagRecords: 0,
    })
    expect(await document('dump', 'data', '-o', 'file')).toMatchObject({ store, position, records: position })
    expect(await document('load', 'file', '--to', 'loaded')).toMatchObject({ origin: store, position })
    const { origin } = await document('verify', '--data', 'loaded')
    expect(origin).toMatchObject({ how: 'loaded', store, position })
  })

  it('never take the place of anything, and say why', async () => {
    await run('backup', 'data', '--to', 'backup')
    expect(await run('backup', 'data', '--to', 'backup')).toMatchObject({ code: 2, stdout: '' })
    writeFileSync(join(cwd, 'file'), 'mine')
    expect(await run('dump', 'data', '-o', 'file')).toMatchObject({ code: 7, stdout: '' })
    expect((await run('dump', 'data', '-o', 'file', '--force')).code).toBe(0)
    expect((await run('restore', 'nowhere', '--to', 'restored')).code).toBe(3)
    expect((await run('load', 'nowhere', '--to', 'restored')).code).toBe(6)
    expect((await run('restore', 'backup', '--to', 'restored', '--time', 'soon')).code).toBe(2)
    expect((await run('ship', 'data', '--to', 'shipped', '--every', '0')).code).toBe(2)
    expect(existsSync(join(cwd, 'restored'))).toBe(false)
  })

  it('take another history for another history', async () => {
    await run('ship', 'data', '--to', 'shipped', '--once')
    await run('restore', 'shipped', '--to', 'restored')
    const { code, stderr } = await run('ship', 'restored', '--to', 'shipped', '--once')
    expect([code, stderr]).toEqual([7, expect.stringContaining('HF_OTHER_HISTORY') as string])
  })

  it('let no loaded data say where the code is', async () => {
    await run('dump', 'data', '-o', 'file')
    await run('load', 'file', '--to', 'loaded')
    const own = await run('replay', '3', '--data', 'data')
    expect(own.stderr).toContain('/swarm.ts')
    const { code, stderr } = await run('replay', '3', '--data', 'loaded')
    expect([code, stderr]).toEqual([2, expect.not.stringContaining('/swarm.ts') as string])
  })

  it('hold a log under a name, say who does, and let it go', async () => {
    expect((await run('hold', 'data')).stdout).toBe('Nobody holds data.\n')
    const [hold] = (await document('hold', 'data', '--name', 'case 17'))['holds'] as { name: string }[]
    expect(hold).toEqual({ name: 'case 17', from: 1 })
    expect((await run('hold', 'data', '--name', 'tax', '--since', 'soon')).code).toBe(2)
    expect((await run('hold', 'data')).stdout).toBe('held  case 17: data from position 1 on\n')
    expect(await document('release', 'data', '--name', 'case 17')).toMatchObject({ isReleased: true })
    expect((await run('release', 'data', '--name', 'case 17')).code).toBe(3)
  })
})

describe('the commands that move a few actors', () => {
  const PAGE = fileURLToPath(new URL('../../../docs/how-to/move-a-few-actors.md', import.meta.url))
  let bank: ReturnType<typeof bankDirectory>
  let cwd: string

  beforeEach(async () => {
    bank = bankDirectory()
    cwd = bank.dir
    expect((await run('run', 'bank.ts', '--data', 'data')).code).toBe(0)
  })

  afterEach(() => {
    bank.remove()
  })

  const run = (...args: readonly string[]): Promise<Said> => said(args, { cwd })

  it('are those of the guide, which work one after the other', async () => {
    const fences = [...readFileSync(PAGE, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    const commands = fences.flatMap(([, text = '']) => text.trim().split('\n'))
    expect(commands).toHaveLength(2)
    for (const command of commands) {
      const { code, stdout, stderr } = await run(...command.split(' ').slice(1))
      expect([command, code, stderr]).toEqual([command, 0, ''])
      expect(stdout).not.toBe('')
    }
    expect(readdirSync(cwd)).toEqual(expect.arrayContaining(['moved', 'reserve.hfa']))
    expect(readdirSync(cwd).filter((name) => name.startsWith('reserve.hfa.'))).toEqual([])
    expect((await run('tree', '--data', 'moved')).stdout).toMatch(/reserve/)
    expect((await run('tree', '--data', 'moved')).stdout).not.toMatch(/ledger/)
    const { code, stdout } = await run('verify', '--data', 'moved', '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { ok: true, origin: { how: 'loaded' } }])
  })

  it('say in a document who came along, and find the code in the log when nobody names it', async () => {
    const { code, stdout, stderr } = await run(
      'dump',
      'data',
      '-o',
      'file',
      '--ndjson',
      '--json',
      '--actors',
      '/bank/reserve',
    )
    expect([code, stderr]).toEqual([0, ''])
    const actors = ['/bank', '/bank/reserve']
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'holdfast.dump-actors/1',
      actors,
      states: 1,
      leftBehind: [],
    })
    const loaded = await run('load', 'file', '--to', 'loaded', '--json')
    expect(JSON.parse(loaded.stdout)).toMatchObject({ schema: 'holdfast.load/1', actors })
  })

  it('refuse who is not there, a file that is, and code for a whole system', async () => {
    const dump = (...more: readonly string[]): Promise<Said> => run('dump', 'data', '-o', 'file', ...more)
    expect((await dump('--actors', '/bank/nobody')).code).toBe(3)
    expect((await dump('--swarm', 'bank.ts')).code).toBe(2)
    expect(existsSync(join(cwd, 'file'))).toBe(false)
    writeFileSync(join(cwd, 'file'), 'mine')
    expect((await dump('--actors', '/bank/reserve')).code).toBe(7)
    expect(readFileSync(join(cwd, 'file'), 'utf8')).toBe('mine')
    expect((await dump('--actors', '/bank/reserve', '--force')).code).toBe(0)
  })
})
