// J-25: a system under load is killed with SIGKILL again and again, and after each kill this process, which heard every
// acknowledgement over a pipe, holds the log against what it heard.
//
// The short form, 25 kills, runs with the other tests. The long form, 500 kills, is one command:
//
//   HOLDFAST_KILLS=500 npx vitest run --config .config/vitest.config.ts test/crash/kill-loop
//
// Half of the kills come from here, after so many acknowledgements; half from the program itself, right behind one
// record. Both numbers follow from the seed, which a failure prints with the command that repeats it. The seed cannot
// repeat how the operating system shared its time out, so the command also sets the number of kills.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LmdbStore, openJournal, verifyStore } from '@holdfast/journal'
import { machineAuthorities, type LogRecord } from '@holdfast/kernel'
import { afterEach, describe, expect, it } from 'vitest'
import { Program } from './process.js'
import { ACCOUNTS, START, type Transfer } from './programs/bank.js'
import { chance } from './programs/chance.js'

const KILLS = Number(process.env['HOLDFAST_KILLS'] ?? 25)
const SEED = Number(process.env['HOLDFAST_SEED'] ?? Date.now() % 2 ** 31)
const AGAIN = `HOLDFAST_SEED=${SEED} HOLDFAST_KILLS=${KILLS} npx vitest run --config .config/vitest.config.ts test/crash/kill-loop`

/** Kills of one data directory; then a fresh one, because each check reads the log from its start. */
const KILLS_PER_LOG = 10

/** Milliseconds for one start, one kill and one check, on a machine that does other things as well. */
const MS_PER_KILL = 20_000

describe('J-25 a system that is killed in a loop under load', () => {
  const dirs: string[] = []

  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
  })

  it(
    `keeps every acknowledged transfer in order, whole, and in a valid chain, over ${KILLS} kills`,
    async () => {
      try {
        let acked = 0
        for (let done = 0; done < KILLS; done += KILLS_PER_LOG) {
          const dir = mkdtempSync(join(tmpdir(), 'holdfast-kill-'))
          dirs.push(dir)
          acked += await killAgainAndAgain(dir, Math.min(KILLS_PER_LOG, KILLS - done), SEED + done)
        }
        expect(acked, 'there was a load').toBeGreaterThan(KILLS)
      } catch (error) {
        throw new Error(`Repeat it with: ${AGAIN}`, { cause: error })
      }
    },
    KILLS * MS_PER_KILL,
  )
})

/** @returns how many transfers were acknowledged */
async function killAgainAndAgain(dir: string, kills: number, seed: number): Promise<number> {
  const random = chance(seed)
  const acked: number[] = []
  let ledger = new Ledger([])
  for (let kill = 0; kill < kills; kill++) {
    const isOwnHand = random() < 0.5
    const records = isOwnHand ? 20 + Math.floor(random() * 2_500) : 0
    const acks = isOwnHand ? Infinity : Math.floor(random() * 500)
    const program = new Program('bank', [
      dir,
      String(seed + kill),
      String((kill + 1) * 1_000_000),
      String(records),
    ])
    const heard = await hear(program, acks)
    const { signal, complaints } = await program.kill()
    heard.push(...(await program.rest()))
    expect([signal, complaints]).toEqual(['SIGKILL', ''])
    for (const line of heard) {
      const [word = '', rest = ''] = line.split(' ')
      if (word === 'acked') acked.push(Number(rest))
      // What the program recovered is what its log says, turn by turn.
      else if (word === 'recovered') expect(JSON.parse(rest)).toEqual(ledger.balances)
    }
    const before = ledger
    ledger = await readLedger(dir)
    expect(ledger.turns.slice(0, before.turns.length), 'no turn of before is gone').toEqual(before.turns)
    expect(missing(acked, ledger.turns), 'every acknowledged transfer is there').toEqual([])
  }
  return acked.length
}

/** Reads the program's lines until it has acknowledged so much, or has ended by itself. */
async function hear(program: Program, acks: number): Promise<string[]> {
  const heard: string[] = []
  for (let left = acks; left > 0;) {
    const line = await program.line()
    if (line === undefined) return heard
    heard.push(line)
    if (line.startsWith('acked')) left--
  }
  return heard
}

function missing(acked: readonly number[], turns: readonly number[]): number[] {
  const there = new Set(turns)
  return acked.filter((id) => !there.has(id))
}

/** What the log says: the transfers in the order of their turns, and what each account has. */
class Ledger {
  readonly turns: number[] = []
  readonly balances = Array.from({ length: ACCOUNTS }, () => START)

  constructor(records: readonly LogRecord[]) {
    const accounts = accountsOf(records)
    const asked = new Map<number, LogRecord>()
    const lastAsked = new Map<number, number>()
    for (const record of records) {
      if (record.kind === 'message') asked.set(record.position, record)
      if (record.kind !== 'turn') continue
      const message = asked.get(record.message)
      const account = accounts.get(record.actor)
      if (message?.kind !== 'message' || account === undefined) continue
      expect(message.position, 'an account handles what it was sent in order').toBeGreaterThan(
        lastAsked.get(account) ?? 0,
      )
      lastAsked.set(account, message.position)
      if (message.type === 'transfer') this.#transfer(records, record, message.payload() as Transfer, account)
      else if (message.type === 'credit') this.balances[account]! += (message.payload() as Transfer).amount
    }
  }

  // A turn stands whole: the one message that it told right before it, and both say the same.
  #transfer(
    records: readonly LogRecord[],
    turn: LogRecord & { kind: 'turn' },
    { id, amount }: Transfer,
    account: number,
  ): void {
    const told = records[turn.position - 2]
    expect([turn.told, told?.kind], `transfer ${id} has told its one message`).toEqual([1, 'message'])
    if (told?.kind === 'message') {
      expect([told.type, told.sender, told.cause, told.payload()]).toEqual([
        'credit',
        turn.actor,
        turn.message,
        { id, amount },
      ])
    }
    this.turns.push(id)
    this.balances[account]! -= amount
  }
}

/** Number of each account by the id of its actor. */
function accountsOf(records: readonly LogRecord[]): Map<number, number> {
  const accounts = new Map<number, number>()
  for (const record of records) {
    if (record.kind !== 'spawned') continue
    const number = /^account-(\d+)$/.exec(record.data().name)?.[1]
    if (number !== undefined) accounts.set(record.actor, Number(number))
  }
  return accounts
}

async function readLedger(dir: string): Promise<Ledger> {
  const store = new LmdbStore({ dir, readOnly: true })
  expect(verifyStore(store)).toMatchObject({ ok: true, findings: [] })
  await store.close()
  const journal = openJournal({ dir, readOnly: true, authorities: machineAuthorities() })
  const records = [...journal.read(1)]
  expect(records.map(({ position }) => position)).toEqual(records.map((_, i) => i + 1))
  const ledger = new Ledger(records)
  await journal.close()
  return ledger
}
