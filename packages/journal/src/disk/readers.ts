// Readers
// =======
// LMDB uses no page again that a reader may still look at: one that was freed since the oldest transaction that anybody
// reads. A reader that stays in one transaction has the file grow with everything that is written meanwhile, and all of
// LMDB's readers stand in a table beside the file, by process, thread and transaction. Whoever reads with this package looks
// at the newest state again every `READ_MS`; what else reads the file may not.
//
//   look, when the file has grown -> free the slots of dead processes -> who reads since when -> how much it has grown since
//
// Boundary: this says who it is. Nobody is stopped by it, neither the reader nor the writer: the pages can be used again when
// the reader ends, and a writer that stopped would do for certain what the growth may do in the end.
//
// Known limit: the number of a process in another container says nothing here.

import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { StoreHold } from '@holdfast/kernel'
import { READER_COMMITS, READER_GROWTH_BYTES, READER_LOOK_BYTES } from '../limits.js'
import type { Tables } from './tables.js'

/** Somebody who reads a store just now. */
export interface StoreReader {
  readonly pid: number
  /** The thread, as the operating system's library names it, in hex. */
  readonly thread: string
  /** What runs there, such as `holdfast verify`; empty when this machine does not say. */
  readonly command: string
  /** The transaction that it reads. */
  readonly transaction: number
  /** Transactions that were written since. */
  readonly behind: number
}

/** Frees the slots of processes that are gone. @returns all who are in a transaction, those in the oldest one first */
function readersOf({ root }: Pick<Tables, 'root'>): StoreReader[] {
  root.readerCheck()
  const { lastTxnId } = root.getStats() as { readonly lastTxnId: number }
  return root
    .readerList()
    .split('\n')
    .flatMap((line) => {
      const [, pid, thread = '', transaction] = /^\s*(\d+)\s+([0-9a-f]+)\s+(\d+)\s*$/.exec(line) ?? []
      if (pid === undefined) return []
      const behind = Math.max(0, lastTxnId - Number(transaction))
      return { pid: Number(pid), thread, command: '', transaction: Number(transaction), behind }
    })
    .sort((left, right) => left.transaction - right.transaction)
}

/** The same, with what runs there. */
export function namedReadersOf(tables: Pick<Tables, 'root'>): StoreReader[] {
  return readersOf(tables).map((reader) => ({ ...reader, command: commandOf(reader.pid) }))
}

/** Watches whether a reader keeps the file of a store from using its pages again. */
export class ReaderWatch {
  readonly #file: string
  readonly #growthBytes: number
  /** Bytes of the file when a transaction of a reader was first seen, and how much of its growth was told. */
  #seen = new Map<string, { readonly bytes: number; readonly told: number }>()
  #commits = 0
  #lookAtBytes = 0
  #held: StoreHold | null = null

  /** @param growthBytes growth that is told; at least half of what the file had before is */
  constructor(file: string, growthBytes = READER_GROWTH_BYTES) {
    this.#file = file
    this.#growthBytes = growthBytes
  }

  /** Who holds pages; another object each time that there is more to tell. */
  get held(): StoreHold | null {
    return this.#held
  }

  /** Something was committed. */
  committed(tables: Pick<Tables, 'root'>): void {
    if (++this.#commits % READER_COMMITS !== 0) return
    // A directory that has gone away is found out by whoever writes.
    const size = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0
    if (size < this.#lookAtBytes && this.#held === null) return
    this.#lookAtBytes = size + Math.min(READER_LOOK_BYTES, this.#growthBytes / 2)
    this.#look(tables, size)
  }

  #look(tables: Pick<Tables, 'root'>, size: number): void {
    const before = this.#seen
    this.#seen = new Map()
    let holder: (StoreReader & { readonly grownBytes: number }) | undefined
    let isMore = false
    for (const reader of readersOf(tables)) {
      const key = `${reader.pid} ${reader.thread} ${reader.transaction}`
      const { bytes, told } = before.get(key) ?? { bytes: size, told: 0 }
      const grownBytes = size - bytes
      const bound = Math.max(this.#growthBytes, bytes / 2)
      const isHolding = grownBytes >= bound
      const isNew = isHolding && grownBytes - told >= bound
      this.#seen.set(key, { bytes, told: isNew ? grownBytes : told })
      // The oldest one holds what all others do.
      if (!isHolding || holder !== undefined) continue
      holder = { ...reader, grownBytes }
      isMore = isNew
    }
    if (holder === undefined) this.#held = null
    else if (isMore || this.#held?.pid !== holder.pid)
      this.#held = { ...holder, command: commandOf(holder.pid), fileBytes: size }
  }
}

const COMMAND = /^[a-z][a-z-]*$/

/** What a process runs: of ours the command, of others the names of the program and of its file, and never what they were given. */
function commandOf(pid: number): string {
  let words: readonly string[]
  try {
    words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return ''
  }
  const files = words.findIndex((word) => /(^|\/)holdfast$|\/cli\/(dist|src)\/bin\.[jt]s$/.test(word))
  if (files !== -1)
    return `holdfast ${words.slice(files + 1).find((word) => COMMAND.test(word)) ?? ''}`.trim()
  const [program = '', ...rest] = words
  const script = rest.find((word) => /\.[cm]?[jt]s$/.test(word))
  return [program, script ?? '']
    .map((word) => basename(word))
    .join(' ')
    .trim()
}
