import { describe, expect, it } from 'vitest'
import { HoldfastError } from '../errors.js'
import { directiveFor } from './directive.js'

class Overdrawn extends Error {}
class VeryOverdrawn extends Overdrawn {}

describe('the directive for an error', () => {
  it.each([
    ['restart without a policy', new Error('x'), undefined, 'restart'],
    ['restart when the policy says nothing of it', new Error('x'), { TypeError: 'stop' }, 'restart'],
    ['what default says', new Error('x'), { default: 'escalate' }, 'escalate'],
    ['by class', new Overdrawn('x'), { Overdrawn: 'resume', default: 'stop' }, 'resume'],
    ['by a class above', new VeryOverdrawn('x'), { Overdrawn: 'resume' }, 'resume'],
    ['the nearest class', new VeryOverdrawn('x'), { Overdrawn: 'resume', VeryOverdrawn: 'stop' }, 'stop'],
    ['by code', Object.assign(new Error('x'), { code: 'ENOENT' }), { ENOENT: 'resume' }, 'resume'],
    ['by our code', new HoldfastError('HF_ASK_TIMEOUT', 'x'), { HF_ASK_TIMEOUT: 'resume' }, 'resume'],
    ['default for what is no error', 'text', { default: 'stop' }, 'stop'],
    ['nothing that objects inherit', new Error('x'), { default: 'stop' }, 'stop'],
  ] as const)('is found %s', (_name, error, policy, directive) => {
    expect(directiveFor(error, policy)).toBe(directive)
  })

  it('is found by the name of an error that came out of the log', () => {
    const revived = new Error('x')
    revived.name = 'Overdrawn'
    expect(directiveFor(revived, { Overdrawn: 'resume' })).toBe('resume')
  })
})
