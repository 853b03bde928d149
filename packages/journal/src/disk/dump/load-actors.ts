// A file of a few actors on its way into a store: their records at their positions, the image that the log begins with, and
// their states there. All of it is judged before the image is stored, and without an image nobody can go on.

import { HoldfastError, ActorsJudge, beginImage, IMAGE_VERSION, machineAuthorities } from '@holdfast/kernel'
import { Checkpoints } from '../../checkpoints.js'
import { NOTHING } from '../../batch-writer.js'
import { copyingCodec } from '../../copy-prefix.js'
import { Journal } from '../../journal.js'
import { COMMIT_BYTES_MAX } from '../../limits.js'
import { Snapshots } from '../../snapshots.js'
import type { KeySource } from '../sealing/key-ring.js'
import { LmdbStore } from '../lmdb-store.js'
import type { ActorsEntry, ActorsHeader } from './actors-entry.js'
import { damagedDump, recordOf } from './entry.js'
import { SparseLog } from './sparse-log.js'

/** What came along for one actor or another. */
type Carried = ActorsEntry & { readonly is: 'message' | 'failed' }

/** A file of a few actors on its way into a store. */
export class ActorsLoading {
  readonly header: ActorsHeader
  readonly #store: LmdbStore
  readonly #codec = copyingCodec()
  readonly #log: SparseLog
  readonly #snapshots: Snapshots
  readonly #judge: ActorsJudge
  readonly #names = new Map<string, number>()
  #last: { readonly position: number; readonly timeMs: number } = { position: 0, timeMs: 0 }
  #areRecordsStored = false
  #snapshotBytes = 0
  records = 0
  snapshots = 0
  isEnded = false

  constructor(store: LmdbStore, header: ActorsHeader) {
    this.header = header
    this.#store = store
    this.#log = new SparseLog(store)
    this.#snapshots = new Snapshots(this.#codec, store)
    this.#judge = new ActorsJudge(header.position, header.timeMs, header.lastActor)
  }

  /** Paths of the actors. */
  get actors(): readonly string[] {
    return this.#judge.paths
  }

  async take(entry: ActorsEntry, bytes: number): Promise<void> {
    if (this.isEnded) throw damagedDump('there is something behind its end')
    switch (entry.is) {
      case 'header':
        throw damagedDump('it has two headers')
      case 'message':
      case 'failed':
        await this.#add(entry, bytes)
        break
      case 'state':
        await this.#storeRecords()
        await this.#keep(entry)
        break
      case 'end':
        await this.#storeRecords()
        refuseWrong(this.#judge.end())
        if (entry.records !== this.records || entry.states !== this.snapshots)
          throw damagedDump('it does not hold what it says')
        await this.#storeImage()
        this.isEnded = true
        break
      default:
        await this.#storeRecords()
        if (this.snapshots > 0) throw damagedDump('an actor stands behind the states')
        refuseWrong(this.#judge[entry.is](entry.value))
    }
  }

  async #add(entry: Carried, bytes: number): Promise<void> {
    const { position, timeMs, actor, correlation, cause, value } = entry
    if (this.#areRecordsStored || position <= this.#last.position)
      throw damagedDump('its records are not in order')
    if (timeMs < this.#last.timeMs || timeMs > this.header.timeMs) throw damagedDump('time goes back in it')
    if (position > this.header.position) throw damagedDump('a record is ahead of its position')
    this.#last = { position, timeMs }
    if (entry.is === 'failed') {
      refuseWrong(this.#judge.failure(position, actor, cause, value))
      const failed = { is: 'data', kind: 'failed', position, actor, correlation, cause, value } as const
      await this.#log.add(recordOf(failed, timeMs), bytes)
    } else {
      const { type, sender, correlationName } = entry
      const hasPayload = value !== undefined
      const heads = { position, actor, sender, type, correlation, correlationName, hasPayload }
      refuseWrong(this.#judge.message(heads))
      this.#name(correlationName, position)
      await this.#log.add(recordOf(entry, timeMs), bytes)
    }
    this.records++
  }

  #name(name: string | undefined, position: number): void {
    if (name === undefined) return
    if (this.#names.has(name)) throw damagedDump('two correlations have one name')
    this.#names.set(name, position)
  }

  async #storeRecords(): Promise<void> {
    if (this.#areRecordsStored) return
    const names = [...this.#names].map(([name, position]) => ({ name, position }))
    await this.#log.end(this.header.position, this.header.timeMs, names)
    this.#areRecordsStored = true
  }

  async #keep({ actor, version, turns, value }: ActorsEntry & { readonly is: 'state' }): Promise<void> {
    refuseWrong(this.#judge.state(actor, turns))
    const { position, timeMs } = this.header
    this.#snapshotBytes += this.#snapshots.save(actor, position, version, turns, timeMs, value)
    this.snapshots++
    if (this.#snapshotBytes >= COMMIT_BYTES_MAX) await this.#storeSnapshots()
  }

  async #storeImage(): Promise<void> {
    await this.#storeSnapshots()
    const checkpoints = new Checkpoints(this.#codec, this.#store, this.#snapshots)
    const parts = this.#judge.parts.map((part) => this.#codec.bytes(part))
    checkpoints.saveFirst(this.header.position, IMAGE_VERSION, parts)
    await this.#storeSnapshots()
  }

  async #storeSnapshots(): Promise<void> {
    const due = this.#snapshots.due(this.header.position + 1)
    await this.#store.commit({ ...NOTHING, ...due })
    this.#snapshots.settle(due.snapshots)
    this.#snapshotBytes = 0
  }
}

/** Proves that the image that a log begins with can be read. @throws {HoldfastError} `HF_FILE_DAMAGED`, `HF_STORE_NEWER` */
export async function proveBeginning(
  dir: string,
  position: number,
  keys: KeySource | undefined,
): Promise<void> {
  const store = new LmdbStore({ dir, readOnly: true, keys, isUnfinished: true })
  const journal = new Journal(store, machineAuthorities())
  journal.codec.ref = copyingCodec().ref
  try {
    const { lastPosition, root } = beginImage(journal)
    if (lastPosition !== position || root === null) throw damagedDump('nobody can go on from it')
  } catch (error) {
    throw error instanceof HoldfastError ? error : damagedDump('nobody can go on from it', error)
  } finally {
    await journal.close()
  }
}

function refuseWrong(what: string | undefined): void {
  if (what !== undefined) throw damagedDump(what)
}
