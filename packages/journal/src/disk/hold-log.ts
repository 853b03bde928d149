// Holds: a log that somebody must keep, whatever its retention says, such as for a court. A hold is a pin of all actors from
// a position on, under a name instead of an incident. It is left beside the log, also while a system writes it.

import { createHash } from 'node:crypto'
import { HoldfastError, machineAuthorities, refuse } from '@holdfast/kernel'
import { HOLD_NAME_MAX } from '../limits.js'
import { openJournal } from '../open-journal.js'
import type { Pin, Pins } from '../pins.js'
import { momentOf } from './moment.js'
import type { KeySource } from './sealing/key-ring.js'

/** What is kept, and under which name. */
export interface HoldOptions {
  /** The data directory. It may be that of a running system. */
  readonly data: string
  /** What the hold is called: the case that it is for. */
  readonly name: string
  /** Keeps what was written at a moment and after it: a date, or one that `Date.parse` reads. @default all that is there */
  readonly since?: Date | string
  /** The keys of an encrypted data directory. */
  readonly keys?: KeySource
}

/** A log that is kept. */
export interface Hold {
  readonly name: string
  /** The first position that is kept. */
  readonly from: number
}

/** Ids of incidents are positions, and stay below. */
const IDS_FROM = 2 ** 52

/** Stands for the end of a log that goes on. */
const NEVER = Number.MAX_SAFE_INTEGER

/**
 * Keeps a log from being cut: everything that is there now, or from a moment on, and all that comes. It stays until
 * `releaseLog` is called with its name. Where there is one of that name, the earlier of both counts; one that cannot be read
 * stays as it is, and keeps everything.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_STORE_MISSING`, `HF_STORE_NEWER`, `HF_STORE_DAMAGED`, `HF_STORE_UNWRITABLE`, `HF_KEY`
 * @example await holdLog({ data: './data', name: 'case 17', since: '2026-02-01' })
 */
export async function holdLog({ data, name, since, keys }: HoldOptions): Promise<Hold> {
  checkHoldName(name)
  const sinceMs = since === undefined ? 0 : momentOf('since', since)
  const journal = openJournal({ dir: data, readOnly: true, authorities: machineAuthorities(), keys })
  try {
    const id = idOf(name)
    const known = holdAt(journal.pins, id, name)
    const from = Math.min(journal.positionAtTime(sinceMs), known?.from ?? Infinity)
    journal.pins.add({ id, correlation: name, from, to: NEVER, actors: [] })
    return { name, from }
  } finally {
    await journal.close()
  }
}

/** Lets go of a log. @returns whether there was such a hold */
export async function releaseLog({ data, name, keys }: Omit<HoldOptions, 'since'>): Promise<boolean> {
  checkHoldName(name)
  const journal = openJournal({ dir: data, readOnly: true, authorities: machineAuthorities(), keys })
  try {
    return journal.pins.remove(idOf(name))
  } finally {
    await journal.close()
  }
}

/** Who keeps a log, and from where on. */
export async function holdsOf({ data, keys }: Pick<HoldOptions, 'data' | 'keys'>): Promise<readonly Hold[]> {
  const journal = openJournal({ dir: data, readOnly: true, authorities: machineAuthorities(), keys })
  try {
    return journal.pins
      .list()
      .filter(isHold)
      .map(({ correlation: name, from }) => ({ name, from }))
  } finally {
    await journal.close()
  }
}

// What it kept, nobody knows any more: another one in its place could keep less.
function holdAt(pins: Pins, id: number, name: string): Pin | undefined {
  try {
    return pins.find(id)
  } catch (error) {
    throw new HoldfastError('HF_STORE_DAMAGED', `The hold "${name}" is there, and cannot be read.`, {
      field: 'name',
      cause: error,
      hint: 'It keeps the whole log as it is. Hold the log under another name before you release this one.',
    })
  }
}

function isHold({ id }: Pin): boolean {
  return id >= IDS_FROM
}

function idOf(name: string): number {
  return IDS_FROM + createHash('sha256').update(name).digest().readUIntBE(0, 6)
}

function checkHoldName(name: unknown): void {
  if (typeof name === 'string' && name !== '' && name.length <= HOLD_NAME_MAX) return
  refuse('name', name, `a text of up to ${HOLD_NAME_MAX} characters`)
}
