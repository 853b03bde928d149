import { actor, child, supervisor, type System } from 'holdfast'

// region: before
/** A till, as it was last year. */
export const till = actor({
  name: 'till',
  digestEvery: 1,
  state: () => ({ cents: 0 }),
  on: {
    sell(ctx, cents: number) {
      ctx.state.cents += cents
    },
  },
})
// end: before

// region: after
/** The same till, which adds a tax to what is sold from now on, and to nothing that was sold before. */
export const tillWithTax = actor({
  ...till.spec,
  on: {
    sell(ctx, cents: number) {
      ctx.state.cents += ctx.patched('tax-2026') ? Math.round(cents * 1.19) : cents
    },
  },
})
// end: after

// region: clean
/** Once no turn without the tax is left that could be run again. */
export const tillWithTaxOnly = actor({
  ...till.spec,
  on: {
    sell(ctx, cents: number) {
      ctx.state.cents += Math.round(cents * 1.19)
    },
  },
})
// end: clean

/** A shop with one till. */
export function shopWith(definition: typeof till) {
  return supervisor({ name: 'shop', children: [child(definition)] })
}

// region: held
/** Who is held, and why; and who goes on after a later start. */
export function watchDeploys(system: System, say: (line: string) => void): void {
  system.on('quarantined', ({ offender, context, reason }) => {
    if (context === 'recovery') say(`${offender} is held: ${reason.message}`)
  })
  system.on('steered', ({ actor: path, command, by }) => {
    if (by === 'holdfast') say(`${path}: ${command}`)
  })
}
// end: held
