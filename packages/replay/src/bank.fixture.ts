// A bank: the teller asks the ledger, pays out through an effect and tells the clerk.

import { actor, child, oneForOne, supervisor, System, type Definition } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal, type Journal } from '@holdfast/journal'
import { Incident } from './incident.js'
import { replay } from './player.js'

/** Too much at once. */
export class Declined extends Error {}

/** What the changed code does. */
export interface Variant {
  /** What a withdrawal of the changed code takes. */
  readonly fee?: number
  readonly limit?: number
  readonly effect?: string
  readonly notice?: string
  readonly asksTwice?: boolean
}

/** The bank, as it is or changed. */
export function bank({
  fee = 0,
  limit = 100,
  effect = 'pay-out',
  notice = 'paid',
  asksTwice = false,
}: Variant = {}) {
  const ledger = actor({
    name: 'ledger',
    digestEvery: 1,
    state: () => ({ balance: 1_000, lastAt: 0, luck: 0 }),
    onFailure: { default: 'resume' },
    on: {
      take(ctx, { amount }: { amount: number }) {
        ctx.state.balance -= amount + fee
        ctx.state.lastAt = ctx.now()
        ctx.state.luck = ctx.random()
        if (amount > limit) throw new Declined(`${amount} is more than ${limit}`)
        return ctx.state.balance
      },
    },
  })
  const clerk = actor({
    name: 'clerk',
    state: () => ({ notes: [] as string[] }),
    on: {
      note(ctx, { text }: { text: string }) {
        ctx.state.notes.push(text)
      },
    },
  })
  const teller = actor({
    name: 'teller',
    state: () => ({ paid: 0 }),
    onFailure: { default: 'resume' },
    on: {
      async pay(ctx, { amount }: { amount: number }) {
        const left = await ctx.ask(ctx.ref(ledger, '/bank/ledger'), 'take', { amount })
        if (asksTwice) await ctx.ask(ctx.ref(ledger, '/bank/ledger'), 'take', { amount: 0 })
        const slip = await ctx.effect(effect, () => `slip-${amount}`)
        ctx.state.paid += amount
        ctx.tell(ctx.ref(clerk, '/bank/clerk'), 'note', {
          text: `${notice} ${amount}, ${left} left, ${slip}`,
        })
        return slip
      },
    },
  })
  const root = supervisor({
    name: 'bank',
    strategy: oneForOne(),
    children: [child(ledger), child(clerk), child(teller)],
  })
  return { root, ledger, clerk, teller }
}

/** Runs payments one after the other, each with a correlation of its own. */
export async function run(
  journal: Journal,
  authorities: VirtualAuthorities,
  root: Definition,
  amounts: readonly number[],
) {
  const starting = System.start({ name: 'bank', root, log: journal, authorities })
  await authorities.settle()
  const system = await starting
  const teller = system.ref('/bank/teller')
  const failures: unknown[] = []
  for (const [i, amount] of amounts.entries()) {
    const asked = teller.ask('pay', { amount }, { correlation: `payment-${i}` })
    asked.catch((error: unknown) => failures.push(error))
    await authorities.advance(10)
  }
  await authorities.settle()
  return { system, failures }
}

/** Runs payments and gives the journal that they left. */
export async function recorded(amounts: readonly number[], variant: Variant = {}) {
  const authorities = new VirtualAuthorities()
  const journal = memoryJournal(authorities)
  const { failures } = await run(journal, authorities, bank(variant).root, amounts)
  return { journal, failures }
}

/** The replay of one correlation. */
export async function replayed(journal: Journal, correlation: string, variant: Variant = {}) {
  return await replay(new Incident(journal, correlation), { swarm: bank(variant) })
}
