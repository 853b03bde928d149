import { describe, expect, it } from 'vitest'
import { actor } from './definition.js'

/** Takes any spec, as plain JavaScript gives it. */
const loosely = actor as unknown as (spec: unknown) => unknown

describe('a definition', () => {
  it('is a frozen plain object with its name, and version 1 unless it says otherwise', () => {
    const definition = actor({ name: 'counter', on: { add: () => 1 } })
    expect(definition).toMatchObject({ kind: 'actor', name: 'counter', version: 1 })
    expect(actor({ name: 'counter', version: 7, on: {} }).version).toBe(7)
    expect(Object.isFrozen(definition) && Object.isFrozen(definition.spec)).toBe(true)
  })

  it('is apart from the spec that it was made from', () => {
    const spec = { name: 'counter', attempts: 2, on: {} }
    const definition = actor(spec)
    spec.attempts = 9
    expect(definition.spec.attempts).toBe(2)
  })

  it('may say everything that there is to say', () => {
    const whole = {
      name: 'whole',
      version: 3,
      durable: false,
      state: () => ({}),
      on: { go: () => undefined },
      messages: {
        go: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
      },
      onStart: () => undefined,
      onStop: () => undefined,
      onFailure: { RangeError: 'resume', TypeError: 'stop', HF_ASK_TIMEOUT: 'escalate', default: 'restart' },
      attempts: 100,
      spawns: [actor({ name: 'kid', on: {} })],
      migrate: { 2: (old: unknown) => old },
      upcast: { go: { 3: (old: unknown) => old } },
      mailbox: { capacity: 1, overflow: 'drop-oldest', urgent: ['go'], stash: 1 },
      idle: { afterMs: 1, type: 'go' },
      snapshot: { everyBytes: 0 },
      digestEvery: 0,
    }
    expect(() => loosely(whole)).not.toThrow()
  })

  it.each([
    ['name', { name: '' }],
    ['name', { name: 'a/b' }],
    ['name', { name: undefined }],
    ['on', { on: undefined }],
    ['on', { on: null }],
    ['on.go', { on: { go: 'a text' } }],
    ['on.$start', { on: { $start: () => undefined } }],
    ['version', { version: 0 }],
    ['version', { version: 1.5 }],
    ['version', { version: '2' }],
    ['durable', { durable: 'no' }],
    ['state', { state: { n: 0 } }],
    ['onStart', { onStart: true }],
    ['onStop', { onStop: {} }],
    ['onFailure', { onFailure: 'restart' }],
    ['onFailure.RangeError', { onFailure: { RangeError: 'explode' } }],
    ['onFailure.default', { onFailure: { default: null } }],
    ['attempts', { attempts: 0 }],
    ['attempts', { attempts: 101 }],
    ['attempts', { attempts: NaN }],
    ['spawns', { spawns: {} }],
    ['spawns', { spawns: [undefined] }],
    ['strategy', { strategy: 'one-for-one' }],
    ['migrate', { migrate: () => undefined }],
    ['upcast', { upcast: 1 }],
    ['mailbox', { mailbox: 100 }],
    ['mailbox.capacity', { mailbox: { capacity: 0 } }],
    ['mailbox.capacity', { mailbox: { capacity: 4_194_305 } }],
    ['mailbox.capacity', { mailbox: { capacity: Infinity } }],
    ['mailbox.overflow', { mailbox: { overflow: 'explode' } }],
    ['mailbox.stash', { mailbox: { stash: 0 } }],
    ['mailbox.stash', { mailbox: { stash: 1.5 } }],
    ['mailbox.urgent', { mailbox: { urgent: 'go' } }],
    ['mailbox.urgent', { mailbox: { urgent: ['gone'] } }],
    ['mailbox.urgent', { mailbox: { urgent: ['toString'] } }],
    ['mailbox.urgent', { mailbox: { urgent: [7] } }],
    ['idle', { idle: 1_000 }],
    ['idle.afterMs', { on: { go: () => 1 }, idle: { type: 'go' } }],
    ['idle.afterMs', { on: { go: () => 1 }, idle: { afterMs: 0, type: 'go' } }],
    ['idle.afterMs', { on: { go: () => 1 }, idle: { afterMs: 2 ** 31, type: 'go' } }],
    ['idle.afterMs', { on: { go: () => 1 }, idle: { afterMs: NaN, type: 'go' } }],
    ['idle.type', { on: { go: () => 1 }, idle: { afterMs: 1 } }],
    ['idle.type', { on: { go: () => 1 }, idle: { afterMs: 1, type: 'gone' } }],
    ['snapshot', { snapshot: true }],
    ['snapshot.everyBytes', { snapshot: { everyBytes: -1 } }],
    ['digestEvery', { digestEvery: -1 }],
    ['messages', { messages: 'zod' }],
    ['messages.go', { messages: { go: { parse: () => undefined } } }],
  ])('is refused with its field: %s of %o', (field, wrong) => {
    const refused = expect.objectContaining({ code: 'HF_INVALID', field }) as Error
    expect(() => loosely({ name: 'it', on: {}, ...wrong })).toThrow(refused)
  })

  it.each([undefined, null, 'a text', 7])('is refused when it is %j', (spec) => {
    expect(() => loosely(spec)).toThrow(expect.objectContaining({ code: 'HF_INVALID', field: 'spec' }))
  })

  it('that has nothing under a field is as if it did not name it', () => {
    expect(() =>
      loosely({ name: 'it', on: {}, mailbox: undefined, onStart: undefined, version: undefined }),
    ).not.toThrow()
  })
})
