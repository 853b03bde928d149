import type { Paint } from './paint.js'

/** The status of an actor in its colour. */
export function statusText(status: string, paint: Paint): string {
  if (status === 'running') return paint.good(status)
  if (status === 'failed' || status === 'stopped') return paint.bad(status)
  return paint.warn(status)
}
