// A system whose event loop is watched: the code of docs/how-to/survive-a-stalled-loop.md.

import { actor, createSystem, swarm, type System } from 'holdfast'

/** Prices what it is sent. */
export const pricing = actor({
  name: 'pricing',
  state: () => ({ priced: 0 }),
  on: {
    price(ctx, { cents }: { cents: number }) {
      ctx.state.priced++
      return Math.round(cents * 1.19)
    },
  },
})

// region: watched
/** A system that tells of stalls over half a second, and does not outlive one of ten. */
export function watched(data: string): Promise<System> {
  return createSystem({
    name: 'shop',
    data,
    root: pricing,
    watchdog: { stallMs: 500, endAfterMs: 10_000 },
  })
}
// end: watched

// region: hear
/** Says which message the loop stood still in, and whether that ended the last process. */
export function hearStalls(system: System, say: (line: string) => void): void {
  system.on('loop-stalled', ({ actor, type, position, stalledMs, ended }) => {
    const where = actor === '' ? 'outside of any actor' : `in ${actor}, "${type}" at ${position}`
    say(`${ended ? 'The last run was ended: the' : 'The'} loop stood still for ${stalledMs} ms ${where}.`)
  })
}
// end: hear

// region: swarm
export default swarm({ name: 'shop', root: pricing, watchdog: { stallMs: 500, endAfterMs: 10_000 } })
// end: swarm
