import { actor, createSystem, type System } from 'holdfast'
import { holdLog, releaseLog } from 'holdfast/data'

// region: keep
export const ledger = actor({
  name: 'ledger',
  state: () => ({ booked: 0 }),
  on: {
    book(ctx, cents: number) {
      ctx.state.booked += cents
      return ctx.state.booked
    },
  },
  retention: { keepMs: 10 * 365 * 24 * 3_600_000 },
})
// end: keep

// region: retention
const DAY_MS = 24 * 3_600_000

/** A system that wants the last 30 days of its log, and no more than 20 GB of them. */
export function bounded(data: string): Promise<System> {
  return createSystem({
    name: 'shop',
    data,
    root: ledger,
    retention: { maxAgeMs: 30 * DAY_MS, maxBytes: 20_000_000_000 },
  })
}
// end: retention

// region: watch
/** Says where the log begins, and who keeps it. */
export function watchLog(system: System, say: (line: string) => void): void {
  system.on('log-cut', ({ base }) => {
    say(`the log begins at position ${base}`)
  })
  system.on('log-held', ({ actor: path, message }) => {
    say(`${path} keeps the log: ${message}`)
  })
}
// end: watch

// region: hold
/** Keeps what was written from a day on, for a court, until it is let go. */
export async function heldFor(data: string, name: string, day: string): Promise<number> {
  const { from } = await holdLog({ data, name, since: day })
  return from
}

/** The court needs it no more. */
export function letGo(data: string, name: string): Promise<boolean> {
  return releaseLog({ data, name })
}
// end: hold
