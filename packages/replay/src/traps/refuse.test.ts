import childProcess from 'node:child_process'
import nodeCrypto, { randomBytes } from 'node:crypto'
import dgram from 'node:dgram'
import dns from 'node:dns'
import fs, { writeFileSync } from 'node:fs'
import fsPromises, { writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import nodeTimers from 'node:timers'
import timersPromises, { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import workerThreads from 'node:worker_threads'
import { HoldfastError } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LeakKind } from './leak.js'
import { scopeOf } from './scope.fixture.js'
import { Traps } from './traps.js'

let traps: Traps

beforeEach(() => {
  traps = Traps.install()
})

afterEach(() => {
  traps.uninstall()
})

function refusal(run: () => unknown): HoldfastError {
  try {
    traps.run(scopeOf('refuse'), run)
  } catch (error) {
    if (error instanceof HoldfastError) return error
    throw error
  }
  throw new Error('it was let through')
}

const path = '/nowhere/at/all'
const nothing = (): void => undefined

const CALLS: readonly [what: string, kind: LeakKind, run: () => unknown][] = [
  ['Date.now', 'clock', () => Date.now()],
  ['new Date', 'clock', () => new Date()],
  ['new Date', 'clock', () => new (class Deadline extends Date {})()],
  ['Date', 'clock', () => Date()],
  ['performance.now', 'clock', () => performance.now()],
  ['process.hrtime', 'clock', () => process.hrtime()],
  ['process.hrtime.bigint', 'clock', () => process.hrtime.bigint()],
  ['process.uptime', 'clock', () => process.uptime()],
  ['Math.random', 'chance', () => Math.random()],
  ['crypto.randomUUID', 'chance', () => crypto.randomUUID()],
  ['crypto.randomUUID', 'chance', () => nodeCrypto.randomUUID()],
  ['crypto.getRandomValues', 'chance', () => crypto.getRandomValues(new Uint8Array(4))],
  ['crypto.randomBytes', 'chance', () => randomBytes(4)],
  ['crypto.randomInt', 'chance', () => nodeCrypto.randomInt(6)],
  ['crypto.randomFillSync', 'chance', () => nodeCrypto.randomFillSync(new Uint8Array(4))],
  ['setTimeout', 'timer', () => setTimeout(nothing, 1)],
  ['setTimeout', 'timer', () => nodeTimers.setTimeout(nothing, 1)],
  ['setInterval', 'timer', () => setInterval(nothing, 1)],
  ['setImmediate', 'timer', () => setImmediate(nothing)],
  ['timers/promises.setTimeout', 'timer', () => sleep(1)],
  ['timers/promises.setTimeout', 'timer', () => promisify(setTimeout)(1)],
  ['timers/promises.setInterval', 'timer', () => timersPromises.setInterval(1)],
  ['scheduler.wait', 'timer', () => timersPromises.scheduler.wait(1)],
  ['AbortSignal.timeout', 'timer', () => AbortSignal.timeout(1)],
  ['fetch', 'network', () => fetch('http://127.0.0.1:9')],
  ['net.connect', 'network', () => net.connect(9)],
  ['net.Socket.connect', 'network', () => new net.Socket().connect(9)],
  ['net.Server.listen', 'network', () => net.createServer().listen(0)],
  ['http.request', 'network', () => http.request('http://127.0.0.1:9')],
  ['https.get', 'network', () => https.get('https://127.0.0.1:9')],
  ['dgram.Socket.bind', 'network', () => dgram.createSocket('udp4').bind(0)],
  ['dns.lookup', 'network', () => dns.lookup('localhost', nothing)],
  ['dns/promises.lookup', 'network', () => dns.promises.lookup('localhost')],
  ['child_process.spawn', 'process', () => childProcess.spawn('true')],
  ['child_process.execFileSync', 'process', () => childProcess.execFileSync('true')],
  ['child_process.spawn', 'process', () => promisify(childProcess.execFile)('true')],
  ['new Worker', 'process', () => new workerThreads.Worker('process.exit()', { eval: true })],
  ['process.exit', 'process', () => process.exit(1)],
  ['process.kill', 'process', () => process.kill(process.pid, 0)],
  ['process.abort', 'process', () => process.abort()],
  ['process.chdir', 'process', () => process.chdir('.')],
  ['fs.writeFileSync', 'file', () => writeFileSync(path, '')],
  ['fs.writeFile', 'file', () => fs.writeFile(path, '', nothing)],
  ['fs/promises.writeFile', 'file', () => writeFile(path, '')],
  ['fs.openSync', 'file', () => fs.openSync(path, 'w')],
  ['fs.open', 'file', () => fs.open(path, fs.constants.O_RDWR, nothing)],
  ['fs/promises.open', 'file', () => fsPromises.open(path, 'a+')],
  ['fs.readFileSync', 'file', () => fs.readFileSync(path, { flag: 'a+' })],
  ['fs.createWriteStream', 'file', () => fs.createWriteStream(path)],
  ['fs.mkdirSync', 'file', () => fs.mkdirSync(path)],
  ['fs/promises.rm', 'file', () => fsPromises.rm(path)],
  ['fs.renameSync', 'file', () => fs.renameSync(path, path)],
  ['fs/promises.copyFile', 'file', () => fsPromises.copyFile(path, path)],
  ['fs.writeSync', 'file', () => fs.writeSync(99, 'x')],
]

describe('a handler whose scope refuses', () => {
  it.each(CALLS)('gets HF_LEAK at %s, a matter of %s', (what, kind, run) => {
    const error = refusal(run)
    expect(error).toMatchObject({ code: 'HF_LEAK', actor: '/orders', detail: kind, disposition: 'bug' })
    expect(error.message).toContain(`/orders in "place" calls ${what} past ctx, at `)
    expect(error.message).toContain('refuse.test.ts:')
  })

  it('is told the line and the column of the call', () => {
    const scope = scopeOf('refuse')
    expect(() => traps.run(scope, () => Date.now())).toThrow(
      expect.objectContaining({ code: 'HF_LEAK' }) as Error,
    )
    const line = fs.readFileSync(scope.leaks[0]!.file!, 'utf8').split('\n')[scope.leaks[0]!.line - 1]!
    expect(line.slice(scope.leaks[0]!.column - 1)).toMatch(/^(Date\.)?now\(\)\)\)\.toThrow/)
  })

  it('is refused after an await and in a callback as well, and another one beside it is not', async () => {
    const late = traps.run(scopeOf('refuse'), async () => {
      await new Promise<void>((resolve) => queueMicrotask(resolve))
      return Date.now()
    })
    expect(Date.now()).toBeGreaterThan(0)
    await expect(late).rejects.toMatchObject({ code: 'HF_LEAK' })
  })

  it('may do everything that neither reads a clock nor reaches out', () => {
    const value = traps.run(scopeOf('refuse'), () => {
      const at = new Date(86_400_000)
      class Day extends Date {}
      return [
        at.toISOString(),
        Date.UTC(1970, 0, 2),
        Date.parse('1970-01-02'),
        at instanceof Date,
        at.constructor === Date,
        new Day(0) instanceof Day,
        structuredClone(at).getTime(),
        fs.readFileSync(new URL(import.meta.url), 'utf8').length > 0,
        fs.existsSync(path),
      ]
    })
    expect(value).toEqual([
      '1970-01-02T00:00:00.000Z',
      86_400_000,
      86_400_000,
      true,
      true,
      true,
      86_400_000,
      true,
      false,
    ])
  })

  it('may do all of it in what runs outside, also later', async () => {
    const times = await traps.run(scopeOf('refuse'), async () => {
      const first = traps.outside(() => Date.now())
      const second = await traps.outside(async () => {
        await sleep(1)
        return Date.now()
      })
      return [first, second]
    })
    expect(times.every((time) => time > 1_000_000)).toBe(true)
  })
})

describe('traps', () => {
  const kept = {
    date: Date,
    now: Date.now,
    timeout: setTimeout,
    write: fs.writeFileSync,
    random: Math.random,
  }
  const now = () => ({
    date: Date,
    now: Date.now,
    timeout: setTimeout,
    write: fs.writeFileSync,
    random: Math.random,
  })

  it('are gone when the last one who installed them has uninstalled', () => {
    const second = Traps.install()
    traps.uninstall()
    traps.uninstall()
    expect(globalThis.Date).not.toBe(kept.date)
    expect(writeFileSync).toBe(fs.writeFileSync)
    second.uninstall()
    expect(now()).toEqual(kept)
    expect(Object.is(Date, kept.date) && Object.is(fs.writeFileSync, kept.write)).toBe(true)
    expect(Object.hasOwn(net.Socket.prototype, 'write')).toBe(false)
    expect(Object.is(writeFileSync, kept.write)).toBe(true)
    expect(new Date().constructor).toBe(kept.date)
  })

  it('leave fake timers alone that are set on top of them, and those below them', () => {
    vi.useFakeTimers({ now: 5_000 })
    expect([Date.now(), new Date().getTime()]).toEqual([5_000, 5_000])
    vi.useRealTimers()
    expect(refusal(() => Date.now()).code).toBe('HF_LEAK')
    traps.uninstall()
    expect(Date).toBe(kept.date)
    vi.useFakeTimers({ now: 6_000 })
    traps = Traps.install()
    const fired: number[] = []
    setTimeout(() => fired.push(Date.now()), 10)
    vi.advanceTimersByTime(10)
    expect(fired).toEqual([6_010])
    vi.useRealTimers()
    traps.uninstall()
    expect(now()).toEqual(kept)
    expect(Date).toBe(kept.date)
  })

  it('that are uninstalled under fake timers are gone when those are', () => {
    vi.useFakeTimers({ now: 5_000 })
    traps.uninstall()
    expect(Date.now()).toBe(5_000)
    vi.useRealTimers()
    expect(traps.run(scopeOf('report'), () => Date.now())).toBeGreaterThan(5_000)
  })
})
