// Files that do not show everything: one from which something was taken out, and one that is locked.

import { actor, child, supervisor } from 'holdfast'
import { sent, started, type Program, type Programs } from '../program.js'

const refunds = actor({
  name: 'refunds',
  digestEvery: 1,
  onFailure: { default: 'resume' },
  state: () => ({ paid: 0, notes: [] as string[] }),
  on: {
    async refund(ctx, { amount, iban }: { amount: number; iban: string }) {
      const receipt = await ctx.effect('transfer', () => ({ receipt: `r-${amount}`, iban }))
      ctx.state.paid += amount
      ctx.state.notes.push(receipt.receipt)
      if (amount > 50) throw new RangeError('more than one may')
      return ctx.state.paid
    },
  },
})
const swarm = { root: supervisor({ name: 'desk', children: [child(refunds)] }) }
const record: Program['record'] = async () => {
  const world = await started(swarm)
  await sent(world, '/desk/refunds', [
    ['refund', { amount: 5, iban: 'XX-1' }],
    ['refund', { amount: 60, iban: 'XX-2' }],
    ['refund', { amount: 7, iban: 'XX-3' }],
  ])
  return world
}

export const files: Programs = {
  redacted: { swarm, record, redact: ['**.iban'] },
  encrypted: { swarm, record, isLocked: true },
}
