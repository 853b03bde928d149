// A swarm file in a directory of its own: an account that fails when too much is withdrawn, and a ledger that it asks.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The source of the swarm. */
export const BANK = `
import { actor, child, supervisor, swarm } from 'holdfast'

class TooMuch extends Error {}

const ledger = actor({
  name: 'ledger',
  state: () => ({ entries: [] as string[] }),
  on: {
    async check(ctx, { amount }: { amount: number }) {
      ctx.state.entries.push('check ' + amount)
      return amount < (await ctx.effect('limit', () => 50))
    },
  },
})

const account = actor({
  name: 'account',
  state: (args: { currency: string }) => ({ balance: 0, currency: args.currency }),
  on: {
    deposit(ctx, { amount }: { amount: number }) {
      ctx.state.balance += amount
    },
    look: (ctx) => ctx.state.balance,
    async withdraw(ctx, { amount }: { amount: number }) {
      await ctx.ask(ctx.ref(ledger, '/bank/ledger'), 'check', { amount })
      if (amount > ctx.state.balance) throw new TooMuch('only ' + ctx.state.balance)
      ctx.state.balance -= amount
      ctx.tell(ctx.self, 'deposit', { amount: 1 })
      return { left: ctx.state.balance }
    },
  },
})

export default swarm({
  name: 'bank',
  root: supervisor({
    name: 'bank',
    children: [child(ledger), child(account, { id: 'reserve', args: { currency: 'EUR' } })],
  }),
  on: {
    async ready(system, run) {
      const reserve = system.ref(account, '/bank/reserve')
      reserve.tell('deposit', { amount: 9 })
      await reserve.ask('look', undefined, { correlation: 'look-1' })
      await reserve.ask('withdraw', { amount: 2 }, { correlation: 'order-1' })
      await reserve.ask('withdraw', { amount: 99 }, { correlation: 'order-2' }).catch(() => undefined)
      await reserve.ask('look', undefined, { correlation: 'look-2' })
      run.done()
    },
  },
})
`

/** A directory with the swarm in `bank.ts`, in which its imports are found. */
export function bankDirectory(): { readonly dir: string; remove(): void } {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-incidents-')))
  mkdirSync(join(dir, 'node_modules'))
  for (const name of ['holdfast', 'vitest', 'tsx'])
    symlinkSync(
      name === 'holdfast' ? join(ROOT, 'packages', name) : join(ROOT, 'node_modules', name),
      join(dir, 'node_modules', name),
      'junction',
    )
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(dir, 'bank.ts'), BANK)
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}
