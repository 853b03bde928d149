import { describe, expect, it } from 'vitest'
import { Steps } from './steps.js'

describe('steps', () => {
  it('runs a step that a step adds after it, not inside it', () => {
    const steps = new Steps()
    const seen: string[] = []
    steps.run(() => {
      steps.run(() => seen.push('inner'))
      seen.push('outer')
    })
    expect(seen).toEqual(['outer', 'inner'])
  })

  it('runs a chain of a hundred thousand without growing the stack', () => {
    const steps = new Steps()
    let count = 0
    const next = (): void => {
      if (++count < 100_000) steps.run(next)
    }
    steps.run(next)
    expect(count).toBe(100_000)
  })

  it('goes on after a step that threw', () => {
    const steps = new Steps()
    expect(() => {
      steps.run(() => {
        throw new RangeError('once')
      })
    }).toThrow('once')
    let ran = false
    steps.run(() => {
      ran = true
    })
    expect(ran).toBe(true)
  })
})
