// Ship
// ====
// Follows the log of a data directory, read only, and puts what is new into another directory as files of whole batches.
// It asks nothing of the writer, which may be any process or none: what it reads is what is on stable storage already.
//
//   log   [1 .. 4,096][4,097 .. 9,000][9,001 .. ]      what was not shipped yet is the lag
//   files  one.hfs     two.hfs

import { HASH_BYTES, headerOf } from '../batch-format.js'
import { endBehind, nextIn, type LogEnd, type Misfit } from '../chain-link.js'
import { HoldfastError, machineAuthorities, refuse, type Authorities } from '@holdfast/kernel'
import { SHIP_EVERY_MS, SHIP_FILE_BYTES, SHIP_FILE_BYTES_MAX, SHIP_MS_MAX } from '../limits.js'
import type { StoredBatch } from '../store.js'
import { Breath } from './breath.js'
import { hashOf } from './checksum.js'
import { LmdbStore } from './lmdb-store.js'
import { sealedKeysIn } from './sealing/key-table.js'
import {
  claimShipDirectory,
  openRun,
  putHead,
  putRun,
  shippedFirsts,
  shippedHead,
  shipKeys,
} from './ship-directory.js'

/** What is shipped, and where to. */
export interface ShipOptions {
  /** The data directory. It is only read, and may be that of a running system, of this process or another. */
  readonly data: string
  /** The directory that is shipped to: made when it is not there, or one that the same log was shipped to before. */
  readonly to: string
  /** Milliseconds between two looks at the log: what may be lost with the disk of the data. @default 5,000 */
  readonly everyMs?: number
  /** Bytes after which a file is full; it is larger by at most one batch. @default 16 MiB */
  readonly fileBytes?: number
  /** Hears of each file that was shipped. */
  readonly onShipped?: (progress: ShipProgress) => void
  /** Time and timers. @default the machine's own */
  readonly authorities?: Authorities
}

/** How far the shipping is. */
export interface ShipProgress {
  /** The last position that is shipped; 0 when nothing is. */
  readonly position: number
  /** Records that are stored and not shipped. */
  readonly lagRecords: number
  /** How old the first of them is, in milliseconds; 0 when there is none. */
  readonly lagMs: number
}

/** A log on its way to another directory. */
export class Shipping {
  readonly #store: LmdbStore
  readonly #to: string
  readonly #leave: () => void
  readonly #authorities: Authorities
  readonly #everyMs: number
  readonly #fileBytes: number
  readonly #onShipped: (progress: ShipProgress) => void
  /** How far it is shipped. */
  #end: LogEnd
  #keys = ''
  #cancel: () => void = () => undefined
  #working: Promise<void> = Promise.resolve()
  #failure: Error | undefined
  #isStopped = false
  readonly #ended: Promise<void>
  #resolve: () => void = () => undefined

  /** Use `ship`. */
  constructor(store: LmdbStore, leave: () => void, shipped: LogEnd, options: Required<ShipOptions>) {
    this.#store = store
    this.#leave = leave
    this.#to = options.to
    this.#authorities = options.authorities
    this.#everyMs = options.everyMs
    this.#fileBytes = options.fileBytes
    this.#onShipped = options.onShipped
    this.#end = shipped
    this.#ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#follow()
  }

  /** How far it is. */
  get progress(): ShipProgress {
    const last = this.#store.last()
    const header = last === undefined ? undefined : headerOf(last.bytes)
    const end = header === undefined ? 0 : header.first + header.count - 1
    const waiting = end < this.#end.next ? undefined : this.#store.look(this.#end.next, headerOf)
    const age = waiting === undefined ? 0 : this.#authorities.now() - waiting.timeMs
    return {
      position: this.#end.next - 1,
      lagRecords: Math.max(0, end - this.#end.next + 1),
      lagMs: Math.max(0, age),
    }
  }

  /**
   * Ships everything that is stored now.
   *
   * @throws {HoldfastError} `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`, `HF_STORE_DAMAGED`
   */
  async catchUp(): Promise<ShipProgress> {
    const before = this.#working
    const work = before.then(() => this.#ship())
    this.#working = work.catch(() => undefined)
    await work
    return this.progress
  }

  /** Resolves when it was stopped, and fails when it could not go on. */
  async ended(): Promise<void> {
    await this.#ended
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Ends it, without a look at what is not shipped: `catchUp` first, if that matters. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#cancel()
    await this.#working
    await this.#store.close()
    this.#leave()
    this.#resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #follow(): void {
    if (this.#isStopped) return
    const timer = this.#authorities.timer(this.#everyMs, () => {
      this.catchUp().then(
        () => {
          this.#follow()
        },
        (error: unknown) => {
          this.#failure = error instanceof Error ? error : new HoldfastError('HF_STORE_FAILED', String(error))
          void this.stop()
        },
      )
    })
    this.#cancel = () => {
      timer.cancel()
    }
  }

  async #ship(): Promise<void> {
    const breath = new Breath()
    let run: StoredBatch[] = []
    let bytes = 0
    let end = this.#end
    const last = this.#store.last()?.first ?? 0
    for (const batch of this.#store.batches(end.next)) {
      // What is written meanwhile, faster than it is shipped perhaps, is for the next time.
      if (batch.first > last) break
      if (this.#isStopped) return
      if (batch.first < end.next) continue
      end = endBehind(batch, nextIn(batch, end, this.#store.id, MISFIT))
      run.push(batch)
      bytes += batch.bytes.byteLength
      if (bytes >= this.#fileBytes) {
        await this.#put(run, end)
        run = []
        bytes = 0
      }
      if (breath.isDue) await breath.take()
    }
    if (run.length > 0) await this.#put(run, end)
  }

  async #put(run: readonly StoredBatch[], end: LogEnd): Promise<void> {
    this.#putKeys()
    await putRun(this.#to, run, { storeId: this.#store.id, next: end.next, before: this.#end.hash })
    this.#end = end
    this.#onShipped(this.progress)
  }

  // They come before what was sealed with them.
  #putKeys(): void {
    const keys = sealedKeysIn(this.#store.rows.meta)
    const text = JSON.stringify(keys)
    if (keys === undefined || text === this.#keys) return
    shipKeys(this.#to, keys)
    this.#keys = text
  }
}

const MISFIT: Misfit = {
  misplaced: (first, next) =>
    `the batch at position ${first} follows the one that ends before position ${next}`,
  unlinked: (first) => `the batch at position ${first} names another one as the one before it`,
}

/**
 * Ships the log of a data directory to another directory, for as long as it runs: what was stored when `everyMs` has
 * passed is there, in files of whole batches that never change. It goes on where it was stopped or killed. `restore` makes
 * data of such a directory, up to any position or moment.
 *
 * @throws {HoldfastError} `HF_INVALID`; `HF_OTHER_HISTORY` when another log, or another history of this one, was shipped
 *   to the directory; `HF_STORE_IN_USE` when somebody else ships to it; `HF_STORE_MISSING`, `HF_STORE_DAMAGED`,
 *   `HF_FILE_DAMAGED`, `HF_STORE_FULL`, `HF_STORE_UNWRITABLE`
 * @example
 * await using shipping = await ship({ data: './data', to: '/mnt/elsewhere/bank' })
 * await shipping.catchUp()
 */
export async function ship(options: ShipOptions): Promise<Shipping> {
  const { data, to } = options
  const { everyMs = SHIP_EVERY_MS, fileBytes = SHIP_FILE_BYTES, authorities = machineAuthorities() } = options
  const { onShipped = () => undefined } = options
  if (typeof data !== 'string' || data === '') refuse('data', data, 'the path of a directory')
  if (typeof to !== 'string' || to === '' || to === data) refuse('to', to, 'another directory than the data')
  if (!Number.isFinite(everyMs) || everyMs < 1 || everyMs > SHIP_MS_MAX)
    refuse('everyMs', everyMs, `1 to ${SHIP_MS_MAX} milliseconds`)
  if (!Number.isSafeInteger(fileBytes) || fileBytes < 1 || fileBytes > SHIP_FILE_BYTES_MAX)
    refuse('fileBytes', fileBytes, `1 to ${SHIP_FILE_BYTES_MAX} bytes`)
  const store = new LmdbStore({ dir: data, readOnly: true, isSealedOnly: true })
  let leave: (() => void) | undefined
  try {
    leave = claimShipDirectory(to)
    const shipped = goingOn(store, to)
    return new Shipping(store, leave, shipped, { data, to, everyMs, fileBytes, authorities, onShipped })
  } catch (error) {
    leave?.()
    await store.close()
    throw error
  }
}

// The last batch that was shipped must be the one that the store has there.
function goingOn(store: LmdbStore, to: string): LogEnd {
  const id = Buffer.from(store.id).toString('hex')
  const known = shippedHead(to)?.store
  const { floor, floorHash } = store
  if (known !== undefined && known !== id)
    throw otherHistory(to, `it holds the log of the store ${known}, and this is ${id}`)
  const first = shippedFirsts(to).at(-1)
  if (first === undefined) {
    if (floor > 1) throw cutBefore(1, floor)
    putHead(to, { store: id, origin: store.origin })
    return { next: 1, hash: new Uint8Array(HASH_BYTES) }
  }
  const run = openRun(to, first, store.id)
  try {
    const { next } = run.header
    if (next < floor) throw cutBefore(next, floor)
    const shipped = run.batch(run.header.count - 1)
    const hash = hashOf(shipped.bytes)
    // Of a log that was cut right there, the hash of the batch before is left.
    const stored = next === floor ? floorHash : hashAt(store, next - 1)
    if (stored !== undefined && Buffer.compare(stored, hash) === 0) return { next, hash }
    throw otherHistory(to, `what it holds at position ${shipped.first} is not what the store holds`)
  } finally {
    run.close()
  }
}

function hashAt(store: LmdbStore, position: number): Uint8Array | undefined {
  const stored = store.batchAt(position)
  return stored === undefined ? undefined : hashOf(stored.bytes)
}

function cutBefore(next: number, floor: number): HoldfastError {
  return new HoldfastError(
    'HF_LOG_CUT',
    `Positions ${next} to ${floor - 1} were cut away before they were shipped.`,
    {
      field: 'to',
      hint: 'Keep what was shipped, and make backups from now on: what follows rests on what is gone.',
    },
  )
}

function otherHistory(dir: string, what: string): HoldfastError {
  return new HoldfastError('HF_OTHER_HISTORY', `${dir} holds another history: ${what}.`, {
    field: 'to',
    hint: 'Ship to a directory of its own. A restored or forked store is another one than its original.',
  })
}
