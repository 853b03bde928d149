import { describe, expect, it } from 'vitest'
import { HASH_BYTES, NO_STORE_ID, previousOf, STORE_ID_BYTES } from './batch-format.js'
import { endBehind, nextIn, type LogEnd, type Misfit } from './chain-link.js'
import { fill, sketches } from './log.fixture.js'
import { MemoryStore } from './memory-store.js'
import { resealed } from './resealed.js'
import type { StoredBatch } from './store.js'

const MISFIT: Misfit = {
  misplaced: (first, next) => `${first} is not ${next}`,
  unlinked: (first) => `${first} names another`,
}

describe('a batch that is to be the next one of a log', async () => {
  const store = new MemoryStore({ id: new Uint8Array(STORE_ID_BYTES).fill(1) })
  await fill(store, sketches(4))
  const [one, two, three] = [...store.batches(1)] as [StoredBatch, StoredBatch, StoredBatch]
  const start: LogEnd = { next: 1, hash: new Uint8Array(HASH_BYTES) }
  const behind = (batch: StoredBatch, end: LogEnd): LogEnd =>
    endBehind(batch, nextIn(batch, end, store.id, MISFIT))
  const end = behind(one, start)

  it('is it when it begins where the log ends, and names its last batch', () => {
    expect(behind(two, end)).toMatchObject({ next: three.first })
    expect(behind(three, behind(two, end)).next).toBeGreaterThan(three.first)
  })

  const changed = { ...two, bytes: Uint8Array.from(two.bytes).fill(7, 130, 131) }
  const another = new MemoryStore({ id: new Uint8Array(STORE_ID_BYTES).fill(2) })
  const foreign = { ...two, bytes: resealed(two.bytes, end.hash, another) }
  const linked = { ...two, bytes: resealed(two.bytes, new Uint8Array(HASH_BYTES).fill(3), store) }

  it.each([
    ['is not whole', changed, `the batch at position ${two.first} is not what was written`],
    ['begins behind it', three, `${three.first} is not ${two.first}`],
    ['begins before it', one, `1 is not ${two.first}`],
    ['stands elsewhere than it says', { ...three, first: two.first }, `${two.first} is not ${two.first}`],
    ['is of another store', foreign, `the batch at position ${two.first} is of another store`],
    ['names another one as the one before', linked, `${two.first} names another`],
  ])('is refused with the reason when it %s', (_, batch, why) => {
    expect(() => behind(batch, end)).toThrow(
      expect.objectContaining({
        code: 'HF_STORE_DAMAGED',
        message: `The store is damaged: ${why}.`,
      }) as Error,
    )
  })

  it('may be of any store where no store has said which one it is', () => {
    expect(nextIn(foreign, end, NO_STORE_ID, MISFIT).first).toBe(two.first)
    expect(Buffer.compare(previousOf(foreign.bytes), end.hash)).toBe(0)
  })
})
