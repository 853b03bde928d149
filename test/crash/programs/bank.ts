// A bank under load, to be killed at any moment: accounts that transfer to each other, each transfer one turn that
// changes a balance and tells one message. Arguments: the data directory, a seed, the number of the first transfer, and
// after how many records it ends itself by SIGKILL (0: not by itself).
//
// It prints `recovered <balances>` when it has read its log, and `acked <transfer>` for each one that was acknowledged.

import { actor, child, machineAuthorities, oneForOne, supervisor, System } from '@holdfast/kernel'
import { Journal, LmdbStore } from '@holdfast/journal'
import { print } from './print.js'
import { chance } from './chance.js'

/** How many accounts there are, and what each starts with. */
export const ACCOUNTS = 6
export const START = 1_000_000

/** Transfers that are under way at once. */
const AT_ONCE = 40

/** A transfer on its way into the system. */
export interface Transfer {
  readonly id: number
  readonly to: number
  readonly amount: number
}

const account = actor({
  name: 'account',
  state: () => ({ balance: START, seen: 0 }),
  snapshot: { everyBytes: 2_000 },
  digestEvery: 16,
  on: {
    transfer(ctx, { id, to, amount }: Transfer) {
      ctx.state.balance -= amount
      ctx.state.seen = id
      ctx.tell(ctx.ref(account, `/bank/account-${to}`), 'credit', { id, amount })
      return id
    },
    credit(ctx, { amount }: { id: number; amount: number }) {
      ctx.state.balance += amount
    },
    // Waits outside for a moment, so that some turns are cut off while they wait.
    async audit(ctx, { id }: { id: number }) {
      const seen = await ctx.effect('look', () => id)
      return seen
    },
  },
})

export const bank = supervisor({
  name: 'bank',
  strategy: oneForOne(),
  children: Array.from({ length: ACCOUNTS }, (_, i) => child(account, { id: `account-${i}` })),
})

class MortalJournal extends Journal {
  #left: number

  constructor(dir: string, records: number) {
    super(new LmdbStore({ dir }), machineAuthorities())
    this.#left = records
  }

  override message(...args: Parameters<Journal['message']>): number {
    const position = super.message(...args)
    this.#live()
    return position
  }

  override turn(...args: Parameters<Journal['turn']>): number {
    const position = super.turn(...args)
    this.#live()
    return position
  }

  override saveSnapshot(...args: Parameters<Journal['saveSnapshot']>): number {
    const bytes = super.saveSnapshot(...args)
    this.#live()
    return bytes
  }

  #live(): void {
    this.#left--
    if (this.#left === 0) process.kill(process.pid, 'SIGKILL')
  }
}

async function run(dir: string, seed: number, first: number, records: number): Promise<void> {
  const log = new MortalJournal(dir, records)
  const system = await System.start({ name: 'bank', root: bank, log, authorities: machineAuthorities() })
  const paths = Array.from({ length: ACCOUNTS }, (_, i) => `/bank/account-${i}`)
  const balances = paths.map((path) => (system.inspect(path).state as { balance: number }).balance)
  print(`recovered ${JSON.stringify(balances)}`)
  const random = chance(seed)
  let id = first
  const customer = async (): Promise<void> => {
    for (;;) {
      const transfer: Transfer = {
        id: id++,
        to: Math.floor(random() * ACCOUNTS),
        amount: 1 + Math.floor(random() * 9),
      }
      const from = system.ref(account, `/bank/account-${Math.floor(random() * ACCOUNTS)}`)
      const correlation = transfer.id % 5 === 0 ? { correlation: `transfer-${transfer.id}` } : {}
      await from.ask('transfer', transfer, { timeoutMs: 60_000, ...correlation })
      print(`acked ${transfer.id}`)
      if (transfer.id % 16 === 0) await from.ask('audit', transfer, { timeoutMs: 60_000 })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, customer))
}

const [dir, seed, first, records] = process.argv.slice(2)
if (dir !== undefined) await run(dir, Number(seed), Number(first), Number(records))
