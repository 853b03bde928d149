import { describe, expect, it } from 'vitest'
import { VirtualAuthorities } from './authorities/virtual.js'
import type { RecordedResult } from './cell.js'
import { revivedError } from './records.js'
import { ResultQueue } from './result-queue.js'

function recorded(index: number, value: unknown, more: Partial<RecordedResult> = {}): RecordedResult {
  return {
    kind: 'effect',
    position: index + 1,
    timeMs: index * 10,
    attempt: 1,
    index,
    ok: true,
    value,
    ...more,
  }
}

function world(results: readonly RecordedResult[] = []) {
  const authorities = new VirtualAuthorities()
  const seen: unknown[] = []
  const times: number[] = []
  const queue = new ResultQueue(authorities, results, (timeMs) => times.push(timeMs))
  const wait = (index: number, effect?: string): void => {
    queue.wait(index, effect, revivedError).then(
      (value) => seen.push(value),
      (error: unknown) => seen.push((error as Error).message),
    )
  }
  const settle = (index: number, value: unknown, isEarly = false): void => {
    queue.settle({ index, ok: true, value, error: undefined, timeMs: 100 + index }, isEarly)
  }
  return { authorities, queue, seen, times, wait, settle }
}

describe('live results', () => {
  it('that come alone are given at once', async () => {
    const { seen, wait, settle } = world()
    wait(0)
    settle(0, 'a')
    await Promise.resolve()
    expect(seen).toEqual(['a'])
  })

  it('that come together are given one by one, each with a step of its own, in the order in which they came', async () => {
    const { authorities, seen, times, wait, settle } = world()
    for (const index of [0, 1, 2]) wait(index)
    settle(2, 'c')
    settle(0, 'a')
    settle(1, 'b')
    await Promise.resolve()
    expect(seen).toEqual([])
    await authorities.settle()
    expect(seen).toEqual(['c', 'a', 'b'])
    expect(times).toEqual([102, 100, 101])
  })

  it('that come while the handler is still asking are given in a step of their own, so that others find it where they would', async () => {
    const { authorities, seen, times, wait, settle } = world()
    wait(0)
    settle(0, 'refused', true)
    wait(1)
    settle(1, 'answered')
    expect(times).toEqual([])
    await authorities.settle()
    expect([seen, times]).toEqual([
      ['refused', 'answered'],
      [100, 101],
    ])
  })

  it('that nobody waits for are dropped', async () => {
    const { authorities, seen, wait, settle } = world()
    wait(0)
    settle(7, 'stray')
    settle(0, 'a')
    settle(0, 'again')
    await authorities.settle()
    expect(seen).toEqual(['a'])
  })

  it('that fail reject with the error that was recorded', async () => {
    const { authorities, queue, seen, wait } = world()
    wait(0)
    queue.settle(
      {
        index: 0,
        ok: false,
        value: undefined,
        error: { name: 'RangeError', message: 'far' },
        timeMs: 1,
      },
      false,
    )
    await authorities.settle()
    expect(seen).toEqual(['far'])
  })
})

describe('recorded results', () => {
  it('come in the order of their records, whatever the order of the waiting', async () => {
    const { authorities, seen, wait } = world([recorded(1, 'one'), recorded(0, 'zero'), recorded(2, 'two')])
    for (const index of [0, 1, 2]) wait(index)
    await authorities.settle()
    expect(seen).toEqual(['one', 'zero', 'two'])
  })

  it('wait for whom they are for, and come before live ones', async () => {
    const { authorities, queue, seen, wait, settle } = world([recorded(0, 'zero'), recorded(1, 'one')])
    wait(2)
    wait(0)
    settle(2, 'live')
    expect(queue.hasNext).toBe(true)
    await authorities.settle()
    expect(seen).toEqual(['zero', 'live'])
    expect(queue.hasNext).toBe(false)
    wait(1)
    await authorities.settle()
    expect(seen).toEqual(['zero', 'live', 'one'])
  })

  it('of another effect than the code wants are refused', async () => {
    const { authorities, seen, wait } = world([recorded(0, 'x', { name: 'charge' })])
    wait(0, 'refund')
    await authorities.settle()
    expect(seen).toEqual([
      'Result 0 was recorded for effect "charge", and the code now wants effect "refund".',
    ])
  })
})

describe('a queue', () => {
  it('cancels the timer of a result that has come, and all of them when the turn is over', async () => {
    const { authorities, queue, wait, settle } = world()
    for (const index of [0, 1, 2]) {
      wait(index)
      queue.onSettled(
        index,
        authorities.timer(1_000, () => undefined),
      )
    }
    settle(0, 'a')
    await authorities.settle()
    expect(authorities.timers).toBe(2)
    queue.clear()
    expect(authorities.timers).toBe(0)
    queue.onSettled(
      0,
      authorities.timer(1_000, () => undefined),
    )
    expect(authorities.timers).toBe(0)
  })

  it('that was cleared gives nothing more', async () => {
    const { authorities, queue, seen, wait, settle } = world()
    wait(0)
    wait(1)
    settle(0, 'a')
    queue.clear()
    await authorities.settle()
    expect(seen).toEqual([])
    expect(queue.has(1)).toBe(false)
  })

  it('makes no unhandled rejection of a failure that nobody looks at', async () => {
    const { authorities, queue } = world()
    void queue.wait(0, undefined, revivedError)
    queue.settle(
      {
        index: 0,
        ok: false,
        value: undefined,
        error: { name: 'Error', message: 'unseen' },
        timeMs: 1,
      },
      false,
    )
    await authorities.settle()
    expect(queue.has(0)).toBe(false)
  })
})
