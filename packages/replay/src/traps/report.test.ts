import { randomBytes, randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep, setInterval as ticks } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scopeOf } from './scope.fixture.js'
import { Traps } from './traps.js'

let traps: Traps

beforeEach(() => {
  traps = Traps.install()
})

afterEach(() => {
  traps.uninstall()
})

function chance(): unknown[] {
  const bytes = new Uint16Array(3)
  crypto.getRandomValues(bytes)
  return [Math.random(), crypto.randomUUID(), [...bytes], randomBytes(4).toString('hex'), randomInt(5, 9)]
}

describe('a handler whose scope reports', () => {
  it('sees recorded time on every clock', () => {
    const scope = scopeOf('report')
    const before = process.hrtime()
    const seen = traps.run(scope, () => {
      const since = process.hrtime([0, 5])
      return [
        Date.now(),
        new Date().getTime(),
        new Date(5).getTime(),
        Date.parse(Date()),
        performance.now(),
        since,
        process.hrtime.bigint(),
      ]
    })
    expect(seen).toEqual([1_000, 1_000, 5, 1_000, 1_000, [0, 999_999_995], 1_000_000_000n])
    expect(process.hrtime(before)[0]).toBeLessThan(60)
    expect(scope.leaks.map(({ what }) => what)).toEqual([
      'process.hrtime',
      'Date.now',
      'new Date',
      'Date',
      'performance.now',
      'process.hrtime.bigint',
    ])
  })

  it('draws the same chance in each run, and another one for another message', () => {
    const first = traps.run(scopeOf('report'), chance)
    expect(traps.run(scopeOf('report'), chance)).toEqual(first)
    expect(traps.run({ ...scopeOf('report'), position: 8 }, chance)).not.toEqual(first)
    expect(traps.run({ ...scopeOf('report'), attempt: 2 }, chance)).not.toEqual(first)
    expect(first[1]).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(first[4]).toBeOneOf([5, 6, 7, 8])
  })

  it('says what leaked, who leaked it and where', () => {
    const scope = scopeOf('report')
    traps.run(scope, () => Math.random())
    expect(scope.leaks).toEqual([
      {
        what: 'Math.random',
        kind: 'chance',
        actor: '/orders',
        position: 7,
        message: 'place',
        file: expect.stringMatching(/report\.test\.ts$/) as string,
        line: expect.any(Number) as number,
        column: expect.any(Number) as number,
      },
    ])
  })

  it('is refused what would stay', () => {
    const scope = scopeOf('report')
    expect(() => {
      traps.run(scope, () => {
        writeFileSync('/nowhere/at/all', '')
      })
    }).toThrow(expect.objectContaining({ code: 'HF_LEAK', detail: 'file' }) as Error)
    expect(scope.leaks).toMatchObject([{ what: 'fs.writeFileSync', kind: 'file' }])
  })
})

describe('timers of a handler whose scope reports', () => {
  it('fire without waiting, in the order in which they are due', async () => {
    const fired = await traps.run(scopeOf('report'), async () => {
      const seen: string[] = []
      await new Promise<void>((resolve) => {
        setTimeout((last: string) => (seen.push(last), resolve()), 86_400_000, 'a day')
        setTimeout(() => seen.push('an hour'), 3_600_000)
        setImmediate(() => seen.push('at once'))
        clearTimeout(setTimeout(() => seen.push('never'), 1))
        clearTimeout(Number(setTimeout(() => seen.push('never, by number'), 1)))
      })
      await sleep(86_400_000)
      return [...seen, await sleep(5, 'a value')]
    })
    expect(fired).toEqual(['at once', 'an hour', 'a day', 'a value'])
  })

  it('fire after what the record has for the same step', async () => {
    const winner = await traps.run(scopeOf('report'), () => {
      const recorded = traps.outside(() => new Promise((resolve) => setImmediate(resolve, 'recorded')))
      return Promise.race([sleep(5, 'timer'), recorded])
    })
    expect(winner).toBe('recorded')
  })

  it('end with the handler, also those that fire again and again', async () => {
    const fired: number[] = []
    const count = await traps.run(scopeOf('report'), async () => {
      setInterval(() => fired.push(fired.length), 10)
      let seen = 0
      for await (const _ of ticks(10)) if (++seen === 3) break
      return seen
    })
    const atEnd = fired.length
    for (let round = 0; round < 8; round++) await new Promise((resolve) => setImmediate(resolve))
    expect([count, fired.length]).toEqual([3, atEnd])
    expect(atEnd).toBeGreaterThan(0)
  })

  it('are not set any more when it has ended', async () => {
    let isFired = false
    const late = traps.run(scopeOf('report'), () => ({
      promise: Promise.resolve().then(() => setTimeout(() => (isFired = true), 1)),
    }))
    await late.promise
    for (let round = 0; round < 8; round++) await new Promise((resolve) => setImmediate(resolve))
    expect(isFired).toBe(false)
  })

  it('are cancelled by an abort, with the error of Node', async () => {
    const abort = new AbortController()
    const waiting = traps.run(scopeOf('report'), () => sleep(5, undefined, { signal: abort.signal }))
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
  })
})
