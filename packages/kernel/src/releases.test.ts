import { describe, expect, it } from 'vitest'
import { HoldfastError } from './errors.js'
import type { Log } from './log.js'
import { Releases } from './releases.js'

function world() {
  const log = {
    durable: 1,
    isRelaxed: false,
    hastened: 0,
    get released(): number {
      return log.isRelaxed ? 1_000_000 : log.durable
    },
    hasten: () => {
      log.hastened++
    },
  }
  const releases = new Releases(log as unknown as Log)
  const seen: string[] = []
  const wait = (position: number): void => {
    releases.when(position, (failure) =>
      seen.push(failure === null ? `${position}` : `${position} ${failure.code}`),
    )
  }
  return { log, releases, seen, wait }
}

describe('releases', () => {
  it('R1 a step runs at once when its prefix is durable, and waits when it is not', () => {
    const { seen, wait } = world()
    wait(1)
    wait(2)
    expect(seen).toEqual(['1'])
  })

  it('R2 what waits is let out in order, as far as the disk has come', () => {
    const { log, releases, seen, wait } = world()
    for (const position of [2, 3, 3, 5]) wait(position)
    log.durable = 3
    releases.advance()
    expect(seen).toEqual(['2', '3', '3'])
    log.durable = 9
    releases.advance()
    expect(seen).toEqual(['2', '3', '3', '5'])
    expect(releases.size).toBe(0)
  })

  it('R2 a step that could run at once still comes after those that wait', () => {
    const { log, releases, seen, wait } = world()
    wait(4)
    log.durable = 4
    wait(2)
    expect(seen).toEqual([])
    releases.advance()
    expect(seen).toEqual(['4', '2'])
  })

  it('R2 holds under a load that never ends, and what was let out does not pile up', () => {
    const { log, releases, seen, wait } = world()
    for (let position = 2; position <= 3_000; position++) {
      wait(position)
      wait(position + 1)
      log.durable = position
      releases.advance()
      expect(releases.size).toBeLessThan(position + 2)
    }
    expect(seen.map(Number)).toEqual([...seen.map(Number)].sort((a, b) => a - b))
    expect(releases.size).toBe(1)
  })

  it('R1 what is shown waits as well, unless the log is relaxed, and hurries nobody', () => {
    const { log, releases, seen, wait } = world()
    const show = (position: number): void => {
      releases.show(position, (failure) => seen.push(`shown ${position} ${failure?.code ?? 'ok'}`))
    }
    show(2)
    expect([seen, log.hastened]).toEqual([[], 0])
    log.isRelaxed = true
    // R2: one that comes later does not overtake it.
    show(3)
    log.durable = 3
    releases.advance()
    expect(seen).toEqual(['shown 2 ok', 'shown 3 ok'])
    wait(9)
    show(10)
    expect([seen.slice(2), log.hastened]).toEqual([['shown 10 ok'], 1])
  })

  it('R3 who has nothing that ends its patience is told of a failure when it begins, and the others wait on', () => {
    const { log, releases, seen, wait } = world()
    wait(4)
    releases.when(5, (failure) => seen.push(`impatient ${failure?.code ?? 'ok'}`), false)
    wait(6)
    releases.refuse(new HoldfastError('HF_STORE_LATE', 'late'))
    expect(seen).toEqual(['impatient HF_STORE_LATE'])
    log.durable = 6
    releases.advance()
    expect(seen).toEqual(['impatient HF_STORE_LATE', '4', '6'])
  })

  it('R3 everyone who waits is told when it will never happen', () => {
    const { releases, seen, wait } = world()
    wait(4)
    wait(6)
    releases.abandon(new HoldfastError('HF_STORE_FAILED', 'gone'))
    expect(seen).toEqual(['4 HF_STORE_FAILED', '6 HF_STORE_FAILED'])
  })
})
