import { describe, expect, it } from 'vitest'
import { THREADS_MAX } from '../limits.js'
import { checkThreads, type ThreadsOptions } from './pool-options.js'

const one = (pool: unknown): ThreadsOptions => ({ pools: { one: pool } }) as ThreadsOptions

describe('Options of threads', () => {
  it.each<[field: string, given: unknown]>([
    ['threads', null],
    ['threads', 2],
    ['threads.module', './relative.js'],
    ['threads.module', 7],
    ['threads.pools', null],
    ['threads.pools', 'one'],
    ['threads.pools.one', null],
    ['threads.pools.one', 4],
    ['threads.pools.one.threads', null],
    ['threads.pools.one.threads', 0],
    ['threads.pools.one.threads', 1.5],
    ['threads.pools.one.threads', '2'],
    ['threads.pools.one.threads', Number.NaN],
    ['threads.pools.one.threads', THREADS_MAX + 1],
    ['threads.pools.one.threads.max', {}],
    ['threads.pools.one.threads.max', { max: 0 }],
    ['threads.pools.one.threads.max', { max: THREADS_MAX + 1 }],
    ['threads.pools.one.threads.min', { min: 0, max: 2 }],
    ['threads.pools.one.threads.min', { min: 3, max: 2 }],
    ['threads.pools.one.threads.idleMs', { max: 2, idleMs: 0 }],
    ['threads.pools.one.threads.idleMs', { max: 2, idleMs: 0.5 }],
    ['threads.pools.one.threads.idleMs', { max: 2, idleMs: Infinity }],
    ['threads.pools.one.threads.idleMs', { max: 2, idleMs: 2 ** 31 }],
    ['threads.pools.one.spare', 1],
    ['threads.pools.one.heapMb', 7],
    ['threads.pools.one.heapMb', Number.NaN],
    ['threads.pools.one.heapMb', '64'],
    ['threads.pools.one.heapMb', Infinity],
    ['threads.pools.one.stackMb', 0],
    ['threads.pools.one.stackMb', '4'],
    ['threads.pools.one.bytesMb', 0],
    ['threads.pools.one.bytesMb', '8'],
    ['threads.pools.one.env', { A: 1 }],
    ['threads.pools.one.env', null],
    ['threads.pools.one.env', 'A=1'],
    ['threads.pools.one.execArgv', '--inspect'],
    ['threads.pools.one.execArgv', [1]],
  ])('%s is refused by its name when it is wrong: %j', (field, given) => {
    const [, top, , name] = field.split('.')
    const value =
      top === undefined
        ? given
        : top === 'module' || field === 'threads.pools'
          ? { [top]: given }
          : one(name === undefined ? given : { [name]: given })
    expect(() => {
      checkThreads(value as ThreadsOptions)
    }).toThrow(expect.objectContaining({ code: 'HF_INVALID', field }))
  })

  it.each<[ThreadsOptions]>([
    [{}],
    [{ module: 'file:///a.js', pools: {} }],
    [one({})],
    [one({ threads: THREADS_MAX, spare: false, heapMb: 8, stackMb: 1, bytesMb: 1 })],
    [one({ threads: { max: 1 } })],
    [one({ threads: { min: 1, max: THREADS_MAX, idleMs: 1 }, env: {}, execArgv: [] })],
    [one({ env: { LANG: 'C' }, execArgv: ['--enable-source-maps'] })],
  ])('%j is taken', (given) => {
    expect(() => {
      checkThreads(given)
    }).not.toThrow()
  })
})
