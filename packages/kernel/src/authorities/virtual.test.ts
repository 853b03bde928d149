import { describe, expect, it } from 'vitest'
import { VirtualAuthorities } from './virtual.js'

describe('virtual authorities', () => {
  it('V1 nothing runs before somebody settles or advances', async () => {
    const authorities = new VirtualAuthorities()
    const seen: string[] = []
    authorities.defer(() => seen.push('deferred'))
    authorities.timer(0, () => seen.push('timer'))
    expect(seen).toEqual([])
    await authorities.settle()
    expect(seen).toEqual(['deferred'])
    await authorities.advance(0)
    expect(seen).toEqual(['deferred', 'timer'])
  })

  it('V2 timers fire in the order of their due time, equal ones as they were set, and see their own time', async () => {
    const authorities = new VirtualAuthorities()
    const seen: [string, number][] = []
    const set = (name: string, afterMs: number): void => {
      authorities.timer(afterMs, () => seen.push([name, authorities.monotonic()]))
    }
    set('late', 30)
    set('first', 10)
    set('second', 10)
    await authorities.advance(20)
    expect(seen).toEqual([
      ['first', 10],
      ['second', 10],
    ])
    await authorities.advance(20)
    expect(seen.at(-1)).toEqual(['late', 30])
  })

  it('V2 a cancelled timer does not fire, and none is left behind', async () => {
    const authorities = new VirtualAuthorities()
    let fired = false
    authorities.timer(5, () => (fired = true)).cancel()
    await authorities.advance(10)
    expect([fired, authorities.timers]).toEqual([false, 0])
  })

  it('V3 promises settle between two steps', async () => {
    const authorities = new VirtualAuthorities()
    const seen: string[] = []
    authorities.defer(() => void Promise.resolve().then(() => seen.push('promise')))
    authorities.defer(() => seen.push('second step'))
    await authorities.settle()
    expect(seen).toEqual(['promise', 'second step'])
  })

  it('the same seed draws the same chance, and the wall clock can be stepped without firing anything', () => {
    const draw = (seed: number): number[] => {
      const authorities = new VirtualAuthorities({ seed })
      return [authorities.random(), authorities.random()]
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    const authorities = new VirtualAuthorities({ startMs: 1_000 })
    authorities.stepClock(-500)
    expect([authorities.now(), authorities.monotonic()]).toEqual([500, 0])
  })
})
