import { actor, child, supervisor, type System } from 'holdfast'

/** What the till cannot read until somebody has mended the printer's code page. */
export const codePage = { isMended: false }

const till = actor({
  name: 'till',
  state: () => ({ sum: 0 }),
  on: {
    book(ctx, { amount }: { amount: string }) {
      if (!codePage.isMended && amount.includes('€')) throw new RangeError(`cannot read "${amount}"`)
      ctx.state.sum += parseFloat(amount)
    },
  },
})

// region: budget
/** Three failures within a minute, and the till is held: its state and its mail stay, and the shop goes on. */
export const shop = supervisor({
  name: 'shop',
  children: [child(till, { budget: { maxRestarts: 2, withinMs: 60_000, then: 'quarantine' } })],
})
// end: budget

// region: look
/** Says when somebody has to look. */
export function watchShop(system: System, say: (line: string) => void): void {
  system.on('quarantined', ({ offender, reason }) => {
    say(`${offender} is held: ${reason.message}`)
  })
}

/** What was given up, and why. */
export function givenUp(system: System): string[] {
  return system
    .parked({ actor: '/shop/till' })
    .map(({ type, error, payload }) => `${type} ${JSON.stringify(payload())}: ${error.message}`)
}
// end: look

// region: mend
/** Lets the till in again, and sends it what it had given up. */
export async function mend(system: System, by: string): Promise<void> {
  const given = { by, reason: 'the code page is mended' }
  await system.steer.release('/shop/till', given)
  for (const { position } of system.parked({ actor: '/shop/till' }))
    await system.steer.redrive(position, given)
}
// end: mend

// region: hold
/** Stops the till for a moment, without losing anything that it is sent. */
export async function countCash(system: System, count: () => Promise<void>): Promise<void> {
  await system.steer.pause('/shop/till', { by: 'ana', reason: 'cash is counted' })
  await count()
  await system.steer.resume('/shop/till', { by: 'ana' })
}
// end: hold

// region: trace
/** Shows each turn of the till while `during` goes on. */
export async function traceTill(
  system: System,
  during: () => Promise<void>,
  say: (line: string) => void,
): Promise<void> {
  const untrace = system.trace('/shop/till', ({ type, position, outcome }) => {
    say(`${type} at ${position}: ${outcome}`)
  })
  await during()
  untrace()
}
// end: trace
