// A bank under load, to be killed at any moment: accounts that transfer to each other, each transfer one turn that
// changes a balance and tells one message. Arguments: the data directory, a seed, the number of the first transfer, and
// after how many records it ends itself by SIGKILL (0: not by itself); and behind them, if anything is to be different from
// what is usual, options of the log and how many transfers are under way at once, as JSON.
//
// It prints `recovered <balances>` when it has read its log, `acked <transfer>` for each one that was acknowledged, and
// `failed <code>` and `works` when its store fails and when it works again. A line on its stdin stops it in order, and
// it prints `stopped`, with a code when it could not.

import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import {
  actor,
  child,
  HoldfastError,
  machineAuthorities,
  oneForOne,
  supervisor,
  System,
} from '@holdfast/kernel'
import { Journal, LmdbStore, type DurabilityOptions } from '@holdfast/journal'
import { print } from './print.js'
import { chance } from './chance.js'

/** How many accounts there are, and what each starts with. */
export const ACCOUNTS = 6
export const START = 1_000_000

/** What may be different from what is usual. */
export interface BankOptions extends DurabilityOptions {
  /** Transfers that are under way at once. @default 40 */
  readonly atOnce?: number
  /** Has few descriptors from its start on, opens files until there are none, and closes them a while after its store failed. */
  readonly takesDescriptors?: boolean
}

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

  constructor(dir: string, records: number, options: DurabilityOptions) {
    super(new LmdbStore({ dir }), machineAuthorities(), options)
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

async function run(
  dir: string,
  seed: number,
  first: number,
  records: number,
  { atOnce = 40, takesDescriptors = false, ...options }: BankOptions,
): Promise<void> {
  const log = open(dir, records, options)
  const authorities = machineAuthorities()
  // Whoever is killed so often has little in its log: checkpoints are made all the same.
  const system = await System.start({ name: 'bank', root: bank, log, authorities, checkpointEvery: 1_000 })
  const paths = Array.from({ length: ACCOUNTS }, (_, i) => `/bank/account-${i}`)
  const balances = paths.map((path) => (system.inspect(path).state as { balance: number }).balance)
  print(`recovered ${JSON.stringify(balances)}`)
  system.on('store-failed', ({ failure }) => {
    print(`failed ${failure.code}`)
  })
  system.on('store-recovered', () => {
    print('works')
  })
  if (takesDescriptors) takeDescriptors(system)
  process.stdin.once('data', () => void stop(system))
  const random = chance(seed)
  let id = first
  const customer = async (): Promise<void> => {
    while (!isStopping) {
      const transfer: Transfer = {
        id: id++,
        to: Math.floor(random() * ACCOUNTS),
        amount: 1 + Math.floor(random() * 9),
      }
      const from = system.ref(account, `/bank/account-${Math.floor(random() * ACCOUNTS)}`)
      const correlation = transfer.id % 5 === 0 ? { correlation: `transfer-${transfer.id}` } : {}
      try {
        await from.ask('transfer', transfer, { timeoutMs: 60_000, ...correlation })
      } catch (error) {
        if (isStopping) return
        retryable(error)
        await system.room()
        continue
      }
      print(`acked ${transfer.id}`)
      if (transfer.id % 16 === 0) await from.ask('audit', transfer, { timeoutMs: 60_000 }).catch(retryable)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, customer))
}

function open(dir: string, records: number, options: DurabilityOptions): MortalJournal {
  try {
    return new MortalJournal(dir, records, options)
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    print(`refused ${error.code} ${error.message}`)
    process.exit(7)
  }
}

function retryable(error: unknown): void {
  if (isStopping) return
  if (!(error instanceof HoldfastError) || error.disposition !== 'retryable') throw error
}

/** Milliseconds for which a store that has failed finds no descriptor: a few attempts to open it. */
const WITHOUT_MS = 1_200

/** How many descriptors there are then. */
const FEW = 96

// Not before: whoever loads this program from its sources opens as many of them at once as the machine is slow.
function takeDescriptors(system: System): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${FEW}:${FEW}`])
  if (status !== 0) throw new Error(`prlimit failed: ${stderr.toString()}`)
  const taken: number[] = []
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch (error) {
    print(`taken ${(error as NodeJS.ErrnoException).code}`)
  }
  system.on('store-failed', () => {
    machineAuthorities().timer(WITHOUT_MS, () => {
      for (const descriptor of taken) closeSync(descriptor)
    })
  })
}

let isStopping = false

async function stop(system: System): Promise<void> {
  isStopping = true
  const failure = await system.stop().then(
    () => '',
    (error: unknown) => (error instanceof HoldfastError ? ` ${error.code}` : ` ${String(error)}`),
  )
  print(`stopped${failure}`)
  process.exit(0)
}

const [dir, seed, first, records, options = '{}'] = process.argv.slice(2)
if (dir !== undefined)
  await run(dir, Number(seed), Number(first), Number(records), JSON.parse(options) as BankOptions)
