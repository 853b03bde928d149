// The commands of incidents, on the log that a swarm file has left. They run here, on the same entry as the binary.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { BANK, bankDirectory } from './bank-swarm.fixture.js'
import { said, type Said } from './terminal.fixture.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const { dir, remove } = bankDirectory()

const here = (...args: string[]): Promise<Said> => said(args, { cwd: dir })

async function json(code: number, ...args: string[]): Promise<Record<string, unknown>> {
  const ended = await here(...args, '--json')
  expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code })
  return JSON.parse(ended.stdout) as Record<string, unknown>
}

function git(...args: string[]): void {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false']
  execFileSync('git', [...who, ...args], { cwd: dir, stdio: 'ignore' })
}

beforeAll(async () => {
  expect(await here('run', 'bank.ts')).toMatchObject({ code: 0 })
  expect(await here('export', 'order-2')).toMatchObject({ code: 0 })
  writeFileSync(join(dir, 'changed.ts'), BANK.replace('{ amount: 1 }', '{ amount: 5 }'))
})

afterAll(remove)

describe('holdfast incidents', () => {
  it('lists the correlations in which something went wrong, with who failed first', async () => {
    const { code, stdout } = await here('incidents')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\.holdfast\/bank {2}1 incident\nWHEN +CORRELATION +FIRST FAILED +WITH/)
    expect(stdout).toMatch(/\n\S+Z {2}order-2 +\/bank\/reserve {2}TooMuch: only 8 +1 +1\n$/)
    expect(await json(0, 'incidents', '--since', '2h')).toMatchObject({
      schema: 'holdfast.incidents/1',
      count: 1,
      list: [{ correlation: 'order-2', actor: '/bank/reserve', error: { name: 'TooMuch' } }],
    })
  })

  it('keeps those that are asked for', async () => {
    const counted = async (...args: string[]) => (await json(0, 'incidents', ...args))['count']
    expect(await counted('--actor', '/bank')).toBe(1)
    expect(await counted('--actor', '/ban')).toBe(0)
    expect(await counted('--error', 'TooMuch')).toBe(1)
    expect(await counted('--error', 'Other')).toBe(0)
    expect(await counted('--since', '2999-01-01')).toBe(0)
  })
})

it.each([
  [['incidents', '--sort', 'size'], '--sort'],
  [['incidents', '--since', 'yesterday'], '--since'],
  [['incidents', '--since', '2026-99-99'], '--since'],
  [['incidents', '-n', '0'], '--limit'],
  [['incidents', '--actor', 'bank'], '--actor'],
  [['replay', 'order-2', '--to', '0'], '--to'],
  [['replay', 'order-2', '--speed', '0'], '--speed'],
  [['replay', 'order-2', '--speed', 'fast'], '--speed'],
  [['replay', 'order-2', '--unrecorded', 'live:0'], '--unrecorded'],
  [['replay', 'order-2', '--volatile', 'at'], '--volatile'],
  [['replay', '--all=some'], '--all'],
  [['replay', '--all', '--step'], '--step'],
  [['replay', 'order-2', '--policy', '{'], '--policy'],
  [['replay', 'order-2', '--policy', '[]'], '--policy'],
  [['replay', 'order-2', '--policy', 'none.json'], '--policy'],
  [['replay', 'order-2', '--policy', '{"bank":{"color":1}}'], '--policy'],
  [['replay', 'order-2', '--policy', '{}', '--step'], '--policy'],
  [['replay', 'order-2', '--step', '--json'], '--step'],
  [['replay', 'order-2', '--key-file', 'k'], '--key-file'],
  [['replay', 'order-2', '--swarm', 'bank.ts', '--against', 'changed.ts'], '--against'],
  [['replay', 'order-2.hfi'], '--swarm'],
  [['replay'], 'correlation'],
  [['shrink', 'order-2', '--runner', 'mocha'], '--runner'],
  [['shrink', 'order-2', '--failure', 'x'], '--failure'],
  [['fork', 'order-2'], '--to'],
  [['fork', 'order-2', '--to', 'f', '--at', '-1'], '--at'],
  [['fork', 'order-2.hfi', '--to', 'f'], 'incident file'],
  [['incident', 'report', 'order-2.hfi', '--passphrase-env', 'NONE'], 'NONE'],
])('%j is refused with exit code 2, and the flag is named', async (args, named) => {
  const { code, stdout, stderr } = await here(...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(named)
})

describe('holdfast trace --waterfall', () => {
  it('draws when each turn, effect and question was', async () => {
    const { stdout } = await here('trace', 'order-2', '--waterfall')
    expect(stdout).toMatch(/\n\/bank\/reserve withdraw +█+ .*✗\n {2}asks \/bank\/ledger check +░/)
    expect(stdout).toMatch(/\n {2}\/bank\/ledger check +·*█.*\n {4}effect limit +▒/)
    expect(await json(0, 'trace', 'order-2.hfi', '--waterfall')).toMatchObject({
      waterfall: [
        { kind: 'turn', actor: '/bank/reserve', name: 'withdraw', ok: false, depth: 0, startMs: 0 },
        { kind: 'ask', target: '/bank/ledger', name: 'check', depth: 1 },
        { kind: 'turn', actor: '/bank/ledger', depth: 1 },
        { kind: 'effect', name: 'limit', depth: 2 },
      ],
    })
  })
})

describe('holdfast replay', () => {
  const failedAt = async (): Promise<number> => {
    const { list } = await json(0, 'incidents')
    return (list as { first: number }[])[0]!.first
  }

  it('--to stops at a position and shows the states there', async () => {
    const at = await failedAt()
    const { code, stdout } = await here('replay', 'order-2', '--to', String(at - 1))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^after the turn at \d+\n/)
    expect(stdout).toContain('/bank/reserve (account)  { balance: 8, currency: "EUR" }\n')
    const one = await json(0, 'replay', 'order-2', '--to', String(at), '--actor', '/bank/ledger')
    expect(one).toMatchObject({
      position: at,
      states: [{ path: '/bank/ledger', state: { entries: ['check 2', 'check 99'] } }],
    })
    expect(await here('replay', 'order-2', '--actor', '/bank/legder')).toMatchObject({ code: 3, stdout: '' })
  })

  it('--step is led by what is typed, forward and back', async () => {
    const at = await failedAt()
    const typed = ['', 'b', 's /bank/reserve', 's /nobody', 's', `g ${at}`, 'g', 'help', 'c', 'q']
    const { code, stdout, stderr } = await said(['replay', 'order-2', '--step'], { cwd: dir, typed })
    expect(code).toBe(0)
    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(/\/bank\/reserve {2}deposit \(context\) {2}handled$/)
    expect(lines[1]).toMatch(/\/bank\/reserve {2}look \(context\) {2}handled, answered 9$/)
    expect(lines[2]).toBe(lines[0])
    expect(lines[3]).toBe('/bank/reserve  { balance: 9, currency: "EUR" }')
    expect(lines[4]).toMatch(/^error .* no actor at \/nobody/)
    expect(stdout).toMatch(/withdraw {2}failed: TooMuch: only 8\n {4}ask \/bank\/ledger {2}check/)
    expect(stdout).toContain('g takes a position')
    expect(stdout).toContain('Enter         the next turn')
    expect(lines.at(-2)).toMatch(/^identical {2}order-2/)
    expect(stderr).toMatch(/next \d+> .*at the end> $/)
    const ended = await said(['replay', 'order-2', '--step', '--to', '1'], { cwd: dir })
    expect(ended.stdout).toMatch(/^before the first turn\nidentical/)
  })

  it('--diff shows the places at which the values differ, and the summary the first cause', async () => {
    const args = ['replay', 'order-1', '--against', 'changed.ts', '--diff']
    const { code, stdout } = await here(...args)
    expect(code).toBe(5)
    expect(stdout).toContain('    - .value.amount 1\n    + .value.amount 5\n')
    expect(stdout).toMatch(/\n {2}first cause \d+ \/bank\/reserve withdraw: tell "deposit"/)
    expect(stdout).toMatch(/\n {2}spread {6}1 actor: \/bank\/reserve from \d+ \(2 turns\)\n/)
    const { divergences } = await json(5, ...args)
    expect(divergences).toMatchObject([
      { differences: [{ path: '.value.amount', kind: 'changed', recorded: 1, replayed: 5 }] },
    ])
    expect((await here(...args, '--volatile', 'deposit.amount')).code).toBe(0)
  })

  it('--against git:REVISION replays on the file as it was, and leaves nothing behind', async () => {
    const outside = await here('replay', 'order-1', '--against', 'git:HEAD')
    expect(outside).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is in no Git repository') as string,
    })
    writeFileSync(join(dir, 'moved.ts'), BANK)
    git('init', '-q')
    git('add', 'moved.ts', 'package.json')
    git('commit', '-qm', 'one')
    writeFileSync(join(dir, 'moved.ts'), BANK.replace('{ amount: 1 }', '{ amount: 7 }'))
    const args = ['replay', 'order-1', '--swarm', 'moved.ts']
    expect((await here(...args)).code).toBe(5)
    const was = await json(0, ...args, '--against', 'git:HEAD')
    const { swarm, revision } = was as { swarm: string; revision: object }
    const commit = expect.stringMatching(/^[0-9a-f]{40}$/) as string
    expect(revision).toMatchObject({ name: 'HEAD', commit })
    expect(swarm).not.toBe(join(dir, 'moved.ts'))
    expect(existsSync(swarm)).toBe(false)
    expect(readdirSync(join(dir, '.git')).includes('worktrees')).toBe(false)
    for (const wanted of ['git:nope', 'git:--help', 'git:'])
      expect(await here(...args, '--against', wanted)).toMatchObject({ code: 2, stdout: '' })
    const unknown = await here('replay', 'order-1', '--against', 'git:HEAD', '--swarm', 'changed.ts')
    expect(unknown.stderr).toContain('no file changed.ts')
  })

  it('--all replays all incidents or correlations, and ranks those that differ', async () => {
    expect(await here('replay', '--all')).toMatchObject({ code: 0 })
    const all = await json(5, 'replay', '--all=correlations', '--against', 'changed.ts')
    expect(all).toMatchObject({ schema: 'holdfast.replay-all/1', count: 5, differ: 3 })
    const list = all['list'] as { correlation: string; identical: boolean; reached: number }[]
    expect(list.map(({ identical }) => identical)).toEqual([false, false, false, true, true])
    const { stdout } = await here('replay', '--all=correlations', '--against', 'changed.ts')
    expect(stdout).toMatch(/^DIFFERS +ACTORS +DIVERGENCES +TURNS +FIRST CAUSE\n/)
    expect(stdout).toMatch(/\n3 differ {2}5 correlations of \.holdfast\/bank replayed\n$/)
  })

  it('--policy plays it under another policy, and exits with 0', async () => {
    writeFileSync(join(dir, 'policy.json'), '{ "bank": { "onFailure": { "TooMuch": "stop" } } }')
    const { code, stdout } = await here('replay', 'order-2', '--policy', 'policy.json')
    expect(code).toBe(0)
    expect(stdout).toMatch(/\n +RECORDED +CONTROL +CHANGED\n/)
    expect(stdout).toMatch(/\nstopped +0 +0 +1\n/)
    expect(stdout).toMatch(/\nverdict {2}It would not have been contained any more/)
    expect(stdout).not.toContain('not faithful')
    expect(await json(0, 'replay', 'order-2', '--policy', '{"bank":{"maxRestarts":9}}')).toMatchObject({
      schema: 'holdfast.what-if/1',
      isFaithful: true,
      verdict: 'It would have gone the same way.',
    })
  })

  it('--unrecorded says what stands in for what was not recorded; only a live effect leaves the process', async () => {
    const leaving = `await ctx.effect('fresh', async () => {
      const { writeFileSync } = await import('node:fs')
      writeFileSync(${JSON.stringify(join(dir, 'left'))}, '')
      return 50
    })`
    writeFileSync(join(dir, 'live.ts'), BANK.replace(`await ctx.effect('limit', () => 50)`, leaving))
    const args = ['replay', 'order-2', '--against', 'live.ts']
    expect((await here(...args)).code).toBe(5)
    expect(existsSync(join(dir, 'left'))).toBe(false)
    const { stdout } = await here(...args, '--unrecorded', 'live:1')
    expect(stdout).toMatch(/\n {2}supplied {4}fresh for \/bank\/ledger at \d+ \(live\)\n/)
    expect(existsSync(join(dir, 'left'))).toBe(true)
  })

  it('--speed tells each turn as it goes', async () => {
    const { code, stdout } = await here('replay', 'look-1', '--speed', '1000000')
    expect(code).toBe(0)
    expect(stdout).toMatch(/\/bank\/reserve {2}look {2}handled, answered 9\nidentical/)
  })

  it('of a file runs on the code that is named', async () => {
    const { code, stdout } = await here('replay', 'order-2.hfi', '--swarm', 'bank.ts')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^identical {2}order-2/)
  })
})

describe('holdfast fork', () => {
  it('copies the log up to the incident, and says how to go on', async () => {
    const { code, stdout } = await here('fork', 'order-2', '--to', 'forked')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^forked {3}order-2 to forked: \d+ positions, up to \d+\n/)
    expect(stdout).toContain('go on    holdfast run bank.ts -d forked\nfor real effects are done there')
    expect((await here('incidents', '-d', 'forked')).stdout).toContain('0 incidents')
    expect((await here('run', 'bank.ts', '-d', 'forked', '-q')).code).toBe(0)
    expect(await here('fork', 'order-2', '--to', 'forked')).toMatchObject({ code: 2, stdout: '' })
    expect(await json(0, 'fork', 'order-2', '--to', 'f2', '--at', '5')).toMatchObject({
      schema: 'holdfast.fork/1',
      next: 'holdfast run bank.ts -d f2',
    })
  })
})

describe('holdfast incident report', () => {
  it('is a page about the incident', async () => {
    const { code, stdout } = await here('incident', 'report', 'order-2')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^# TooMuch: only 8\n\n`order-2` in `\.holdfast\/bank`: 1 failure, \d+ records/)
    for (const title of ['What happened when', 'Root cause', 'Spread', 'Who decided what', 'Diagram'])
      expect(stdout).toContain(`\n## ${title}\n`)
    expect(stdout).toContain('- `/bank/reserve` was restarted 1 time\n')
    expect(stdout).toMatch(/\| `\/bank` \| restart \| `reserve` \| \/bank\/reserve failed with TooMuch \|/)
    expect(stdout).toMatch(/\| before restarts \| 1 \|/)
    expect(stdout).toContain('\nholdfast replay order-2 -d .holdfast/bank\n')
    expect(stdout).toMatch(/```mermaid\nsequenceDiagram\n {2}participant p1 as outside\n/)
    expect(stdout).toMatch(/\n {2}p2-xp1: TooMuch only 8\n {2}p4->>p2: restart reserve\n/)
  })

  it('has the states that the code gives, and is written once', async () => {
    const args = ['incident', 'report', 'order-2.hfi', '--swarm', 'bank.ts', '-o', 'report.md']
    expect(await here(...args)).toMatchObject({ code: 0, stdout: '' })
    const page = readFileSync(join(dir, 'report.md'), 'utf8')
    expect(page).toMatch(
      /Before its failure at \d+, as of position \d+:\n\n```\n\{ balance: 8, currency: "EUR" \}/,
    )
    expect(page).toContain('\nholdfast replay order-2.hfi --swarm bank.ts\n')
    expect(await here(...args)).toMatchObject({ code: 7, stdout: '' })
    expect(await json(0, ...args, '--force')).toMatchObject({
      schema: 'holdfast.incident-report/1',
      cause: { actor: '/bank/reserve', message: 'withdraw', error: { name: 'TooMuch' } },
      states: [{ actor: '/bank/reserve', before: { state: { balance: 8 } } }],
    })
  })
})
