// Arguments of the command line: what they must be, and how options that several commands have are described.

import { InvalidArgumentError } from 'commander'
import type { UnrecordedRule } from '@holdfast/replay'

/** A number of things to show; Infinity for "all". */
export function limit(text: string): number {
  if (text === 'all') return Infinity
  return wholeNumber(text, 'It must be a whole number from 1, or "all".')
}

/** Threads of a pool; 0: none. */
export function threads(text: string): number {
  return text === '0' ? 0 : wholeNumber(text, 'It must be a whole number, or 0 for none.')
}

/** A position in the log. */
export function position(text: string): number {
  return wholeNumber(text, 'It must be a whole number from 1.')
}

/** A time in milliseconds. */
export function milliseconds(text: string): number {
  return wholeNumber(text, 'It must be a whole number of milliseconds from 1.')
}

/** How fast a replay goes. */
export function speed(text: string): 'max' | number {
  if (text === 'max') return text
  const n = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : 0
  if (n > 0) return n
  throw new InvalidArgumentError('It must be "max", or a number above 0: 1 is the speed of the original.')
}

/** What stands in for results that the record does not hold. */
export function unrecorded(text: string): UnrecordedRule {
  if (text === 'fail' || text === 'nearest') return text
  const [, times] = /^live:(\d{1,9})$/.exec(text) ?? []
  if (times !== undefined && Number(times) > 0) return { live: Number(times) }
  throw new InvalidArgumentError(
    'It must be "fail", "nearest", or "live:N" with the effects to be done for real.',
  )
}

/** A rule for fields that are not compared. */
export function volatileRule(text: string, before: readonly string[] = []): readonly string[] {
  if (/^[^.]+\..*[^.]$/.test(text)) return [...before, text]
  throw new InvalidArgumentError(
    'It must be a message type and a field, such as "paid.at" or "state.seenAt".',
  )
}

const AGES: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A time: a date, or how long ago. @returns milliseconds since 1970, or an age below zero */
export function since(text: string): number {
  const [, n, unit = ''] = /^(\d{1,9})(s|m|h|d)$/.exec(text) ?? []
  if (n !== undefined) return -Number(n) * AGES[unit]! || -1
  const isDate = /^\d{4}-\d\d-\d\d/.test(text)
  const at = isDate ? Date.parse(text) : Number.NaN
  if (Number.isFinite(at) && at >= 0) return at
  throw new InvalidArgumentError(
    'It must be a date such as 2026-02-01T12:00:00Z, or an age such as 30m, 2h or 7d.',
  )
}

function wholeNumber(text: string, wants: string): number {
  const n = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (n < 1) throw new InvalidArgumentError(wants)
  return n
}

/** `--data` of a command that runs. */
export const DATA_TO_RUN = "data directory (default: HOLDFAST_DATA, the swarm's own, or .holdfast/<name>)"

/** `--data` of a command that reads. */
export const DATA_TO_READ = 'data directory (default: HOLDFAST_DATA, or the only store under .holdfast/)'

/** `--key-file`. */
export const KEY_FILE = 'file with the 32 bytes that the incident file is encrypted with'

/** `--passphrase-env`. */
export const PASSPHRASE = 'name of the environment variable that holds its passphrase'
