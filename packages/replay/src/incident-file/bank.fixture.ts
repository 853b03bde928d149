// A bank whose incidents the tests of this folder export: a teller asks the ledger, pays out through an effect and tells
// the clerk. Names and numbers of it are marks that are looked for in what was exported.

import { actor, child, oneForOne, supervisor, System, type Definition } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal, type Journal } from '@holdfast/journal'

class Declined extends Error {}

/** The mark of what is secret: it stands in payloads, answers, results, states, arguments and errors. */
export const SECRET = 'SECRET-4711'

const card = { number: SECRET, holder: 'HOLDER-ANA', cvc: 123 }

/** The definitions. */
export function bank() {
  const ledger = actor({
    name: 'ledger',
    digestEvery: 1,
    state: (args: { iban: string }) => ({ balance: 1_000, iban: args.iban, seen: new Map<string, number>() }),
    onFailure: { default: 'resume' },
    on: {
      take(ctx, { amount, card: used }: { amount: number; card: { number: string } }) {
        if (amount > 100) throw new Declined(`${used.number} may not take ${amount}`)
        ctx.state.balance -= amount
        ctx.state.seen.set(used.number, amount)
        return { left: ctx.state.balance, number: used.number }
      },
    },
  })
  const clerk = actor({
    name: 'clerk',
    state: () => ({ notes: [] as string[] }),
    on: {
      note(ctx, { text }: { text: string; number: string }) {
        ctx.state.notes.push(text)
      },
    },
  })
  const teller = actor({
    name: 'teller',
    state: () => ({ paid: 0, last: undefined as undefined | { number: string } }),
    onFailure: { default: 'resume' },
    on: {
      async pay(ctx, { amount, card: used }: { amount: number; card: typeof card }) {
        const { left } = await ctx.ask(ctx.ref(ledger, '/bank/ledger'), 'take', { amount, card: used })
        const slip = await ctx.effect('pay-out', () => ({ slip: amount, number: used.number }))
        ctx.state.paid += amount
        ctx.state.last = { number: slip.number }
        ctx.tell(ctx.ref(clerk, '/bank/clerk'), 'note', {
          text: `paid ${amount}, ${left} left`,
          number: used.number,
        })
        return slip
      },
    },
  })
  const root = supervisor({
    name: 'bank',
    strategy: oneForOne(),
    children: [child(ledger, { args: { iban: `IBAN-${SECRET}` } }), child(clerk), child(teller)],
  })
  return { root, ledger, clerk, teller }
}

/** Pays amounts, each under a name of its own: `payment-0` and so on. */
export async function paid(amounts: readonly number[], before: readonly number[] = []): Promise<Journal> {
  const authorities = new VirtualAuthorities()
  const journal = memoryJournal(authorities)
  await pay(journal, authorities, bank().root, [...before, ...amounts], before.length)
  return journal
}

async function pay(
  log: Journal,
  authorities: VirtualAuthorities,
  root: Definition,
  amounts: readonly number[],
  unnamed: number,
): Promise<void> {
  const starting = System.start({ name: 'bank', root, log, authorities, origin: '/home/ana/bank/swarm.ts' })
  await authorities.settle()
  const system = await starting
  const teller = system.ref('/bank/teller')
  for (const [i, amount] of amounts.entries()) {
    const correlation = i < unnamed ? undefined : { correlation: `payment-${i - unnamed}` }
    teller.ask('pay', { amount, card }, correlation).catch(() => undefined)
    await authorities.advance(10)
  }
  await authorities.settle()
}
