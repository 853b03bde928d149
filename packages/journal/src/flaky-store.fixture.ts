import { MemoryStore } from './memory-store.js'
import type { Commit, StoredBatch } from './store.js'

/** How one commit goes: well, or it fails before or after the store has taken all or some of it. */
export type Fate =
  'stored' | 'lost' | 'stored, and said to be lost' | 'first batch stored, and said to be lost'

/** A store in memory whose commits and openings go as the test says. */
export class FlakyStore extends MemoryStore {
  /** What happens to the commits to come; when there is nothing left, all goes well. */
  fates: Fate[] = []
  /** Commits that were tried. */
  readonly tried: Commit[] = []
  /** What was done to it, in order. */
  readonly calls: string[] = []
  /** What it holds from this position on has gone. */
  goneFrom = Infinity
  /** Its next openings, or its close, never come to an end. */
  isStuck: 'reopen' | 'close' | null = null
  reopened = 0
  reopenFailures = 0
  isClosed = false
  #held: Promise<void> | null = null
  #letGo: () => void = () => undefined

  override async commit(commit: Commit): Promise<void> {
    this.tried.push(commit)
    this.calls.push('commit')
    const fate = this.fates.shift() ?? 'stored'
    await this.#held
    const isPart = fate === 'first batch stored, and said to be lost'
    if (fate === 'stored' || fate === 'stored, and said to be lost') await super.commit(commit)
    if (isPart)
      await super.commit({
        ...commit,
        batches: commit.batches.slice(0, 1),
        names: [],
        snapshots: [],
        groups: [],
      })
    if (fate !== 'stored') throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }

  /** Lets no commit come to its end before `letGo`. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#letGo = resolve
    })
  }

  letGo(): void {
    this.#held = null
    this.#letGo()
  }

  override async reopen(): Promise<void> {
    this.reopened++
    this.calls.push('reopen')
    if (this.isStuck === 'reopen') await new Promise(() => undefined)
    if (this.reopenFailures > 0) {
      this.reopenFailures--
      throw new Error('the disk does not answer')
    }
  }

  override async close(): Promise<void> {
    this.isClosed = true
    if (this.isStuck === 'close') await new Promise(() => undefined)
  }

  override batchAt(position: number): StoredBatch | undefined {
    return super.batchAt(Math.min(position, this.goneFrom - 1))
  }

  override *batches(from: number): Generator<StoredBatch> {
    this.calls.push('look')
    for (const batch of super.batches(from)) if (batch.first < this.goneFrom) yield batch
  }
}
