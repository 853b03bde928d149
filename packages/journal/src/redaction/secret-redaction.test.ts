import { type HoldfastError, REF } from '@holdfast/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Codec } from '../codec.js'
import { KeptRef } from '../kept-ref.js'
import { keyedHash } from '../disk/redaction-key.js'
import type { RedactOptions } from './redact-options.js'
import { SecretRedaction } from './secret-redaction.js'

const SECRET = 'hunter2-hunter2'
const hash = keyedHash(new Uint8Array(32))

function redaction(options: RedactOptions = { secrets: [SECRET] }, key = hash): SecretRedaction {
  const redaction = new SecretRedaction(options)
  redaction.hash = key
  return redaction
}

const MARK = redaction().text(SECRET)
function bytesOf(value: unknown): [Uint8Array, number, number] {
  const bytes = new Codec().bytes(value)
  return [bytes, 0, bytes.byteLength]
}

const base64 = Buffer.from(`{"k":"${SECRET}"}`).toString('base64')

describe('S-36 what goes through a redaction', () => {
  it('has a placeholder in the place of a secret, with its kind and a hash, and nothing of it', () => {
    expect(MARK).toMatch(/^\[redacted:secret:[0-9a-f]{16}\]$/)
    expect(redaction({ secrets: [SECRET] }, keyedHash(new Uint8Array(32).fill(1))).text(SECRET)).not.toBe(
      MARK,
    )
    expect(redaction().text(`a ${SECRET} b ${SECRET}`)).toBe(`a ${MARK} b ${MARK}`)
  })

  it.each<[string, unknown, unknown]>([
    ['a text', `in ${SECRET}`, `in ${MARK}`],
    ['an object', { a: 1, b: SECRET }, { a: 1, b: MARK }],
    ['a list in a list', [1, [SECRET, null]], [1, [MARK, null]]],
    ['the name of a field', { [SECRET]: 1 }, { [MARK]: 1 }],
    ['the key of a map', new Map([[SECRET, 1]]), new Map([[MARK, 1]])],
    ['a value of a map', new Map([[1, { s: SECRET }]]), new Map([[1, { s: MARK }]])],
    ['a set', new Set([SECRET, 2]), new Set([MARK, 2])],
    ['a buffer', Buffer.from(`x${SECRET}y`), Buffer.from(`x${MARK}y`)],
    ['bytes', new Uint8Array(Buffer.from(SECRET)), new Uint8Array(Buffer.from(MARK))],
    [
      'numbers of two bytes, which may be characters',
      new Uint16Array(Buffer.from(`${SECRET}!`)),
      new Uint16Array(SECRET.length + 1),
    ],
    [
      'a view of bytes',
      new DataView(Uint8Array.from(Buffer.from(SECRET)).buffer),
      new DataView(new ArrayBuffer(15)),
    ],
    ['a text with half a character', `\ud800${SECRET}`, `\ud800${MARK}`],
  ])('loses it in %s', (_where, value, open) => {
    expect(redaction().value(value)).toEqual(open)
  })

  it('loses it in an error: in its name, message, stack, cause and fields', () => {
    const error = Object.assign(new Error(`no ${SECRET}`, { cause: new Error(SECRET) }), {
      key: SECRET,
      [SECRET]: 1,
    })
    error.name = `Error${SECRET}`
    const open = redaction().value(error) as Error & { key: string }
    expect([open.name, open.message, open.key]).toEqual([`Error${MARK}`, `no ${MARK}`, MARK])
    expect((open.cause as Error).message).toBe(MARK)
    expect(Object.keys(open)).toEqual(['key', MARK])
    expect(open.stack).toContain(`no ${MARK}`)
    expect(open.stack).not.toContain(SECRET)
    expect(error.message).toBe(`no ${SECRET}`)
  })

  it('keeps everything else as it was', () => {
    const value = {
      a: [1, 2n, -0, NaN, new Date(5), null, undefined],
      m: new Map([[{}, new Set([1])]]),
      b: Buffer.from([1]),
    }
    expect(redaction().value(value)).toEqual(value)
    expect(
      Object.hasOwn(redaction().value(JSON.parse(`{"__proto__":"${SECRET}"}`)) as object, '__proto__'),
    ).toBe(true)
  })

  it('makes no name longer than one may be, and finds it again', () => {
    const name = `${SECRET} `.repeat(12)
    expect(redaction().name(name)).toMatch(/^\[redacted:name:[0-9a-f]{16}\]$/)
    expect(redaction().name(redaction().name(name))).toBe(redaction().name(name))
    expect(redaction().name(`order ${SECRET}`)).toBe(`order ${MARK}`)
  })

  it('is refused where a ref leads to it', () => {
    expect(() => redaction().value({ to: new KeptRef(`/root/${SECRET}`) })).toThrow(
      expect.objectContaining({ code: 'HF_HOLDS_SECRET' }) as Error,
    )
  })

  it('keeps a ref beside it', () => {
    const open = redaction().value({ to: new KeptRef('/root'), text: SECRET }) as Record<'to', KeptRef>
    expect(open.to[REF]).toBe('/root')
    expect(new Codec().unpack(...bytesOf(open))).toEqual({ to: { path: '/root' }, text: MARK })
  })

  it('is refused when two names would become one', () => {
    const both = new Map([
      [SECRET, 1],
      [SECRET.replaceAll('-', '%2D'), 2],
    ])
    expect(() => redaction().value(both)).toThrow(
      expect.objectContaining({ code: 'HF_NOT_REDACTED' }) as Error,
    )
  })

  it('is the same when it goes through once more', () => {
    const options = {
      secrets: [SECRET, 'tenletters'],
      highEntropy: { minLength: 8, minBits: 2 },
      fields: ['pin'],
    }
    const text = fc.oneof(
      fc.constantFrom(
        SECRET,
        base64,
        'tenletters',
        'sk-abcdefghijklmnop12345',
        'Bearer abcDEF1234567890xyz',
        MARK,
        '[redacted:',
      ),
      fc.string(),
    )
    const texts = fc.array(text).map((parts) => parts.join(''))
    const leaf = fc.oneof(
      texts,
      fc.integer(),
      fc.boolean(),
      texts.map((each) => Buffer.from(each)),
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value')),
        fc.dictionary(fc.oneof(texts, fc.constantFrom('pin', 'Cookie')), tie('value')),
      ),
    }))
    fc.assert(
      fc.property(value, (given) => {
        let once: unknown
        try {
          once = redaction(options).value(given)
        } catch (error) {
          expect((error as HoldfastError).code).toBe('HF_NOT_REDACTED')
          return
        }
        expect(redaction(options).value(once)).toEqual(once)
        const stored = new Codec().bytes(once)
        for (const secret of [SECRET, 'tenletters']) expect(stored.includes(secret)).toBe(false)
      }),
    )
  })
})

describe('S-36 fields of credentials', () => {
  const by = redaction({ fields: ['pin'] })
  const hidden = expect.stringMatching(/^\[redacted:field:[0-9a-f]{16}\]$/) as string

  it('are replaced whatever they hold, in any spelling', () => {
    const headers = {
      Authorization: 'x',
      'SET-COOKIE': ['a', 'b'],
      xApiKey: 'k',
      PIN: 1234,
      cookie: null,
      pin: false,
    }
    expect(by.value({ headers })).toEqual({
      headers: {
        Authorization: hidden,
        'SET-COOKIE': [hidden, hidden],
        xApiKey: hidden,
        PIN: hidden,
        cookie: null,
        pin: false,
      },
    })
    expect(
      by.value([
        ['Cookie', 'a=b'],
        ['host', 'c'],
      ]),
    ).toEqual([
      ['Cookie', hidden],
      ['host', 'c'],
    ])
    expect(by.value(new Map<string, unknown>([['pin', { a: 'x', b: Buffer.from('y') }]]))).toEqual(
      new Map([['pin', { a: hidden, b: expect.any(Buffer) as Buffer }]]),
    )
  })

  it('have the same placeholder for the same value, and it stays', () => {
    const once = by.value({ pin: '12', cookie: '12' }) as { pin: string; cookie: string }
    expect(once.pin).toBe(once.cookie)
    expect(by.value(once)).toEqual(once)
  })

  it('are none when nobody wants them', () => {
    expect(redaction({ fields: false }).value({ cookie: 'a' })).toEqual({ cookie: 'a' })
  })
})

describe('S-36 what cannot be redacted', () => {
  it('is refused: a function that throws, and a value that does', () => {
    function thrower(): never {
      throw new RangeError('no list')
    }
    const calls = { list: (): readonly string[] => [] }
    const lazy = redaction({ secrets: () => calls.list() })
    calls.list = thrower
    for (const step of [() => lazy.text('a'), () => lazy.value({ a: 'b' }), () => lazy.place({})])
      expect(step).toThrow(expect.objectContaining({ code: 'HF_NOT_REDACTED' }) as Error)
    const trap = Object.defineProperty({}, 'x', { get: thrower, enumerable: true })
    expect(() => redaction().value(trap)).toThrow(
      expect.objectContaining({ code: 'HF_NOT_REDACTED' }) as Error,
    )
    expect(() => redaction().value({ f: () => 1 })).toThrow(
      expect.objectContaining({ code: 'HF_NOT_STORABLE' }) as Error,
    )
  })

  it('is looked for by what the function gives now', () => {
    let list: readonly string[] = []
    const by = redaction({ secrets: () => list })
    expect(by.text(SECRET)).toBe(SECRET)
    list = [SECRET]
    expect(by.text(SECRET)).toBe(MARK)
  })

  it('does not see one value and store another', () => {
    let looks = 0
    const sly = Object.defineProperty({}, 'x', {
      get: () => (looks++ === 0 ? 'nothing' : SECRET),
      enumerable: true,
    })
    expect(JSON.stringify(redaction().value({ deep: sly }))).not.toContain(SECRET)
    looks = 0
    expect(JSON.stringify(redaction().value(sly))).not.toContain(SECRET)
  })
})

describe('S-36 the options of a redaction', () => {
  it.each<[string, RedactOptions, string]>([
    ['a secret of seven characters', { secrets: ['1234567'] }, 'redact.secrets[0]'],
    ['no text', { secrets: ['12345678', 5 as unknown as string] }, 'redact.secrets[1]'],
    ['half a character', { secrets: ['12345678\ud800'] }, 'redact.secrets[0]'],
    ['a secret that placeholders hold', { secrets: ['redacted'] }, 'redact.secrets[0]'],
    ['a secret that is too long', { secrets: ['x'.repeat(8_193)] }, 'redact.secrets[0]'],
    ['too many', { secrets: Array.from({ length: 257 }, (_, i) => `secret-${i}`) }, 'redact.secrets'],
    ['too much', { secrets: Array.from({ length: 9 }, (_, i) => `${i}`.repeat(8_000)) }, 'redact.secrets'],
    ['no list', { secrets: 'secret' as unknown as string[] }, 'redact.secrets'],
    ['no name of a field', { fields: ['--'] }, 'redact.fields[0]'],
    ['no switch', { shapes: 1 as unknown as boolean }, 'redact.shapes'],
    ['a short run', { highEntropy: { minLength: 2 } }, 'redact.highEntropy.minLength'],
    ['more bits than a character has', { highEntropy: { minBits: 7 } }, 'redact.highEntropy.minBits'],
  ])('are refused with %s, by the name of the field and without the secret', (_what, options, field) => {
    try {
      redaction(options)
      expect.unreachable()
    } catch (error) {
      const refused = (error as Error).cause ?? error
      expect(refused).toMatchObject({ code: 'HF_INVALID', field })
      expect((refused as Error).message).not.toMatch(/1234567|xxxxxxxx/)
    }
  })
})
