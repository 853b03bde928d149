// Bare log
// ========
// The limit beside the durable benchmarks: the records that a message and its turn need, packed in batches by
// msgpackr and put into LMDB, with nothing in between: no actors, no mailboxes, no index, no checksum.
//
//   position   record
//   2 n        [ MESSAGE, actor, 'add', correlation, { amount } ]
//   2 n + 1    [ TURN, actor, 2 n ]
//
// A batch is one value under its first position and decodes by itself. A put is answered when the commit that
// holds it is flushed: `overlappingSync: false` makes lmdb wait for the disk before it answers.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { open, type RootDatabase } from 'lmdb'
import { Packr } from 'msgpackr'

/** The actors that the messages go to, in turn. */
export const ACTORS = 1_000

/** The messages of one batch, and the batches on their way to the disk at a time: the fastest pair found. */
export const BATCH_MESSAGES = 4_000
export const BATCHES_IN_FLIGHT = 4

/** So many messages after each other have different correlations, then they come again. */
export const CORRELATIONS = 500_000

const MESSAGE = 1
const TURN = 2

export type BareRecord =
  | readonly [typeof MESSAGE, actor: number, type: string, correlation: number, payload: { amount: number }]
  | readonly [typeof TURN, actor: number, message: number]

/** Whether a record is a message; the other kind is the turn that handled one. */
export function isMessage(record: BareRecord): record is Extract<BareRecord, { length: 5 }> {
  return record[0] === MESSAGE
}

export class BareLog {
  readonly #database: RootDatabase<Buffer, number>
  readonly #packr = new Packr()
  #messages = 0

  constructor(directory: string) {
    const path = join(directory, 'log')
    this.#database = open<Buffer, number>({ path, encoding: 'binary', overlappingSync: false })
  }

  /** Packs so many messages with their turns, puts them as one batch, and answers when they are flushed. */
  async append(messages: number): Promise<number> {
    const first = this.#messages * 2
    const records: BareRecord[] = []
    for (let i = 0; i < messages; i++) {
      const number = this.#messages++
      const actor = number % ACTORS
      records.push([MESSAGE, actor, 'add', number % CORRELATIONS, { amount: 5 }], [TURN, actor, number * 2])
    }
    await this.#database.put(first, this.#packr.pack(records))
    return messages
  }

  /** Appends so many messages in batches; the disk works while the next ones are packed. */
  async fill(messages: number): Promise<void> {
    const waiting: Promise<number>[] = []
    for (let left = messages; left > 0; left -= BATCH_MESSAGES) {
      waiting.push(this.append(Math.min(left, BATCH_MESSAGES)))
      if (waiting.length === BATCHES_IN_FLIGHT) await waiting.shift()
    }
    await Promise.all(waiting)
  }

  /** Every record of the log in its order. */
  *records(): Generator<BareRecord> {
    for (const { value } of this.#database.getRange()) yield* this.#packr.unpack(value) as BareRecord[]
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}

/** What the files of a directory take on the disk: their blocks, for a file may be longer than what it holds. */
export function bytesOnDisk(directory: string): number {
  let bytes = 0
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).blocks * 512
  }
  return bytes
}
