// What a bank's log says, held against what somebody heard of it: every transfer that was acknowledged is there, each
// account handled its messages in order, no turn stands in part, and the chain of batches is valid.

import { LmdbStore, openJournal, verifyStore } from '@holdfast/journal'
import { machineAuthorities, type LogRecord } from '@holdfast/kernel'
import { expect } from 'vitest'
import type { Program } from './process.js'
import { ACCOUNTS, START, type Transfer } from './programs/bank.js'

/** Reads the program's lines until it has acknowledged so much, or has ended by itself. */
export async function hear(program: Program, acks: number): Promise<string[]> {
  const heard: string[] = []
  for (let left = acks; left > 0;) {
    const line = await program.line()
    if (line === undefined) return heard
    heard.push(line)
    if (line.startsWith('acked')) left--
  }
  return heard
}

/** The transfers that were acknowledged, by what a bank said. */
export function ackedOf(heard: readonly string[]): number[] {
  return heard.flatMap((line) => (line.startsWith('acked ') ? [Number(line.slice(6))] : []))
}

/** What a bank said it had recovered. */
export function balancesOf(heard: readonly string[]): unknown[] {
  return heard.flatMap((line) =>
    line.startsWith('recovered ') ? [JSON.parse(line.slice(10)) as unknown] : [],
  )
}

export function missing(acked: readonly number[], turns: readonly number[]): number[] {
  const there = new Set(turns)
  return acked.filter((id) => !there.has(id))
}

/** What the log says: the transfers in the order of their turns, and what each account has. */
export class Ledger {
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

export async function readLedger(dir: string): Promise<Ledger> {
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
