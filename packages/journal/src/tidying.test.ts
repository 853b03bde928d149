import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { beforeEach, describe, expect, it } from 'vitest'
import { Journal } from './journal.js'
import { stored, tell } from './log.fixture.js'
import { MemoryStore } from './memory-store.js'
import { AT_ONCE, type Commit } from './store.js'

/** A store in memory that always has something to put in order, and says what happens in which order. */
class UntidyStore extends MemoryStore {
  override isUntidy(_isBusy: boolean): boolean {
    return true
  }
  readonly calls: string[] = []
  /** Pieces of work that are left. */
  left = 3
  failing = false

  override async commit(commit: Commit): Promise<void> {
    this.calls.push('commit')
    // As a disk does, it lets the event loop go round.
    await new Promise((resolve) => setImmediate(resolve))
    await super.commit(commit)
    this.calls.push('committed')
  }

  override async tidy(steps = AT_ONCE): Promise<boolean> {
    if (this.left === 0) return false
    this.left--
    await steps.breathe()
    await steps.alone(async () => {
      this.calls.push('alone')
      await Promise.resolve()
      if (this.failing) throw Object.assign(new Error('the disk says no'), { code: 'EIO' })
      this.calls.push('done')
    })
    return true
  }

  override reopen(): Promise<void> {
    this.calls.push('reopen')
    return Promise.resolve()
  }
}

describe('work beside the commits', () => {
  let store: UntidyStore
  let journal: Journal
  let authorities: VirtualAuthorities

  beforeEach(() => {
    authorities = new VirtualAuthorities()
    store = new UntidyStore()
    journal = new Journal(store, authorities)
  })

  async function write(): Promise<void> {
    tell(journal, { to: 1 })
    await stored(journal)
  }

  it('T1 never lies in the middle of a commit, and has its turn although the next commit always waits', async () => {
    let records = 0
    journal.onProgress(() => {
      // Whoever is told that a commit has ended brings the next one at once.
      if (records++ < 40) tell(journal, { to: 1 })
    })
    await write()
    await authorities.settle()
    while (records < 40) await authorities.settle()
    const text = store.calls.join(' ')
    expect(text.replaceAll('commit committed', '').replaceAll('alone done', '').trim()).toBe('')
    expect(store.calls.filter((call) => call === 'alone')).toHaveLength(3)
    // The last of them came while commits still followed.
    expect(store.calls.lastIndexOf('done')).toBeLessThan(store.calls.length - 2)
    await journal.close()
  })

  it('begins after a commit and not before, so that whoever only reads has nothing moved', async () => {
    await authorities.settle()
    expect([store.calls, store.left]).toEqual([[], 3])
    await write()
    while (store.left > 0) await authorities.settle()
    await journal.close()
  })

  it('T2 that fails makes the store be opened anew and looked at, and what was written goes on', async () => {
    store.failing = true
    await write()
    while (journal.failure === null) await authorities.settle()
    expect(journal.failure.code).toBe('HF_STORE_FAILED')
    store.failing = false
    tell(journal, { to: 1 })
    journal.flush()
    await authorities.advance(1_000)
    while (journal.durable < 3) await authorities.settle()
    expect([journal.failure, journal.durable]).toEqual([null, 3])
    expect(store.calls).toContain('reopen')
    expect(journal.tidyFailure?.code).toBe('HF_STORE_FAILED')
    await authorities.advance(60_000)
    await write()
    while (journal.tidyFailure !== null) await authorities.settle()
    expect(store.left).toBe(0)
    await journal.close()
  })

  it('is over when the log is closed, also when it waits for a breath that nobody gives it', async () => {
    await write()
    expect(store.left).toBe(2)
    await journal.close()
    await authorities.settle()
    expect(store.calls).toEqual(['commit', 'committed'])
  })
})
