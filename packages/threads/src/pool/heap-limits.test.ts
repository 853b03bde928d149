import { describe, expect, it } from 'vitest'
import { checkHeaps } from './heap-limits.js'

describe('S-26 A heap limit of a pool', () => {
  it.each([['--max-old-space-size=1000'], ['--inspect --max_old_space_size 1000']])(
    'is refused in a process that was started with %s',
    (flag) => {
      expect(() => checkHeaps({ pools: { one: { heapMb: 64 } } }, [flag])).toThrow('threads.pools.one.heapMb')
      expect(() => checkHeaps({ pools: { one: {} } }, [flag])).not.toThrow()
    },
  )

  it('is taken in any other', () => {
    expect(() => checkHeaps({ pools: { one: { heapMb: 64 } } }, ['--inspect', undefined])).not.toThrow()
  })
})
