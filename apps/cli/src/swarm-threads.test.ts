import { actor, swarm, type ThreadsOptions } from 'holdfast'
import { expect, it } from 'vitest'
import { threadsFor } from './swarm-threads.js'

const root = actor({ name: 'bank', on: {} })

function loaded(file: string, threads?: ThreadsOptions | false) {
  return { file, swarm: swarm({ name: 'bank', root, threads }) }
}

it('definitions are found in the swarm file, unless it names another module', () => {
  expect(threadsFor(loaded('/bank/swarm.js'), undefined, [])).toEqual({
    module: 'file:///bank/swarm.js',
    pools: { default: {} },
  })
  const module = 'file:///bank/actors.js'
  expect(threadsFor(loaded('/bank/swarm.js', { module }), undefined, [])).toMatchObject({ module })
})

it('the command line says how many threads the default pool has, and no other', () => {
  const pools = { default: { threads: 4, heapMb: 64 }, small: { threads: 1 } }
  expect(threadsFor(loaded('/swarm.js', { pools }), 2, [])).toMatchObject({
    pools: { default: { threads: 2, heapMb: 64 }, small: { threads: 1 } },
  })
})

it('0 threads are none, also when the file has pools, and a number is some, also when it wants none', () => {
  expect(threadsFor(loaded('/swarm.js', { pools: { small: {} } }), 0, [])).toBe(false)
  expect(threadsFor(loaded('/swarm.js', false), undefined, [])).toBe(false)
  expect(threadsFor(loaded('/swarm.js', false), 2, [])).toMatchObject({ pools: { default: { threads: 2 } } })
})

it('threads of a TypeScript file load a loader, and get those flags of the process that are about loading', () => {
  const flags = [
    '--max-old-space-size=90',
    '-C',
    'source',
    '--import',
    'a.js',
    '--cpu-prof',
    '--conditions=other',
  ]
  const own = { execArgv: ['--no-warnings'] }
  const threads = threadsFor(
    loaded('/swarm.ts', { pools: { own, small: {} } }),
    undefined,
    flags,
  ) as ThreadsOptions
  const { default: given, small, own: kept } = threads.pools ?? {}
  expect(given?.execArgv?.slice(0, -2)).toEqual(['-C', 'source', '--import', 'a.js', '--conditions=other'])
  expect(given?.execArgv?.slice(-2)).toEqual([
    '--import',
    expect.stringMatching(/^file:.*load-typescript\.js$/),
  ])
  expect(small).toEqual({ execArgv: given?.execArgv })
  expect(kept).toEqual(own)
  expect(threadsFor(loaded('/swarm.mjs'), undefined, flags)).toMatchObject({ pools: { default: {} } })
})
