import { describe, expect, it } from 'vitest'
import { diverged, divergedBy, divergenceOf, isBeyondRestart, isSameReason } from './divergence.js'
import { HoldfastError } from './errors.js'
import { storedError } from './records.js'

const at = { position: 7, message: 5, what: 'it throws' }

describe('a divergence', () => {
  it('says where it is, and what differs, and is beyond a restart', () => {
    const error = diverged('/it', at)
    expect(error).toMatchObject({
      code: 'HF_DIVERGED',
      message: '/it cannot be rebuilt: at position 7, it throws.',
    })
    expect([divergenceOf(error), isBeyondRestart(error)]).toEqual([at, true])
    expect(Object.keys(storedError(error)).sort()).toEqual(['code', 'message', 'name', 'stack'])
  })

  it('that something else was, keeps its code and gets a place', () => {
    const newer = new HoldfastError('HF_VERSION_NEWER', 'version 3')
    const error = divergedBy('/it', newer, at)
    expect(error).toMatchObject({ code: 'HF_VERSION_NEWER', message: 'version 3' })
    expect(divergenceOf(error)).toEqual({ ...at, what: 'version 3' })
    expect(divergedBy('/it', error, { ...at, position: 9 })).toBe(error)
  })

  it('that any error was, is one of the code that is there', () => {
    const error = divergedBy('/it', new TypeError('no'), at)
    expect([error.code, divergenceOf(error)]).toEqual(['HF_DIVERGED', at])
  })

  it('of the first state has no place in the log', () => {
    const what = 'TypeError: no'
    expect(divergenceOf(new TypeError('no'))).toEqual({ position: 0, message: 0, what })
    expect(isBeyondRestart(new TypeError('no'))).toBe(false)
  })

  it('is the same one when it says the same', () => {
    const one = storedError(diverged('/it', at))
    expect(isSameReason(one, storedError(diverged('/it', at)))).toBe(true)
    expect(isSameReason(one, storedError(diverged('/it', { ...at, position: 9 })))).toBe(false)
  })
})
