import { refuse } from '@holdfast/kernel'

/** Milliseconds since 1970 of a moment that somebody has given. @throws {HoldfastError} `HF_INVALID` with the field's name */
export function momentOf(field: string, time: Date | string): number {
  const ms = typeof time === 'string' ? Date.parse(time) : time instanceof Date ? time.getTime() : Number.NaN
  if (Number.isNaN(ms)) refuse(field, time, 'a date, e.g. 2026-02-01T12:00:00Z')
  return ms
}
