import type { Paint } from './paint.js'

/** The status of an actor in its colour. */
export function statusText(status: string, paint: Paint): string {
  if (status === 'running') return paint.good(status)
  if (['failed', 'stopped', 'quarantined'].includes(status)) return paint.bad(status)
  return paint.warn(status)
}
