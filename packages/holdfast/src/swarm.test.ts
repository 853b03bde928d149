import { describe, expect, it } from 'vitest'
import { actor, swarm } from './index.js'

const root = actor({ name: 'root', on: {} })

describe('a swarm', () => {
  it('is a frozen description of what to run, with nothing around it unless it says so', () => {
    const described = swarm({ name: 'audit', root })
    expect(described).toEqual({
      kind: 'swarm',
      name: 'audit',
      root,
      args: undefined,
      definitions: [],
      data: undefined,
      on: {},
    })
    expect(Object.isFrozen(described)).toBe(true)
  })

  it.each([
    ['swarm.name', { root }],
    ['swarm.name', { name: '', root }],
    ['swarm.root', { name: 'audit' }],
    ['swarm.root', { name: 'audit', root: 'root' }],
  ])('is refused with its field: %s of %o', (field, spec) => {
    expect(() => swarm(spec as Parameters<typeof swarm>[0])).toThrow(
      expect.objectContaining({ code: 'HF_INVALID', field }),
    )
  })
})
