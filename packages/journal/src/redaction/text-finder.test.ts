import { describe, expect, it } from 'vitest'
import { TextFinder } from './text-finder.js'

const SECRET = 'p@ss/w0rd+"x\\y secret-ü-42'
const OTHER = 'hunter22hunter'

function finder(more: Partial<ConstructorParameters<typeof TextFinder>[0]> = {}): TextFinder {
  return new TextFinder({
    secrets: [SECRET, OTHER],
    fieldNames: [],
    hasShapes: true,
    highEntropy: null,
    ...more,
  })
}

/** A text with `_` in the place of everything that is found. */
function without(text: string, by = finder(), isBytes = false): string {
  let [at, rest] = [0, '']
  for (const { span } of by.in(text, isBytes)) {
    rest += `${text.slice(at, span.start)}_`
    at = span.end
  }
  return rest + text.slice(at)
}

function json(value: unknown, times: number): string {
  let text = JSON.stringify(value)
  for (let i = 1; i < times; i++) text = JSON.stringify(text)
  return text
}

function coded(text: string, encoding: BufferEncoding): string {
  return Buffer.from(text).toString(encoding)
}

describe('S-36 a registered secret is found', () => {
  it.each([
    ['as it is', SECRET],
    ['twice, without a gap', SECRET + SECRET],
    ['next to another one', SECRET + OTHER],
    ['in JSON', json({ a: SECRET }, 1)],
    ['in JSON in JSON', json({ a: SECRET }, 2)],
    ['in JSON in JSON in JSON', json({ a: SECRET }, 3)],
    [
      'in JSON with every character escaped',
      `"${SECRET.replace(/[^]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`,
    ],
    ['as a part of a URL', encodeURIComponent(SECRET)],
    ['in a whole URL', encodeURI(`https://example.org/${SECRET}`)],
    ['in a form', new URLSearchParams({ a: SECRET }).toString()],
    [
      'percent-encoded in small letters',
      encodeURIComponent(SECRET).replaceAll(/%../g, (c) => c.toLowerCase()),
    ],
    ['with every byte percent-encoded', coded(SECRET, 'hex').replaceAll(/../g, '%$&')],
    ['in a URL in a URL', encodeURIComponent(encodeURIComponent(SECRET))],
    ['in hex', coded(SECRET, 'hex')],
    ['in capital hex', coded(SECRET, 'hex').toUpperCase()],
    ['in base64 in a URL', encodeURIComponent(coded(`??${SECRET}`, 'base64'))],
    ['in base64 with line breaks', coded(`ab${SECRET}${SECRET}`, 'base64').replaceAll(/.{20}/g, '$&\r\n')],
    [
      'in base64 with line breaks in JSON',
      json(coded(`b${SECRET}c`, 'base64').replaceAll(/.{20}/g, '$&\n'), 1),
    ],
    ['as bytes that are taken for characters', Buffer.from(SECRET).toString('latin1')],
    ['in what looks like a placeholder', `[redacted:secret:${OTHER}]`],
  ])('%s', (_how, text) => {
    const rest = without(`before ${text} after`)
    expect(rest).toMatch(/^before [^]* after$/)
    expect(rest).toContain('_')
    for (const secret of [SECRET, OTHER]) expect(rest).not.toContain(secret.slice(0, 6))
  })

  it.each([0, 1, 2, 3].flatMap((before) => [0, 1, 2].map((after) => [before, after] as const)))(
    'in base64 behind %i bytes and before %i, with nothing of it left',
    (before, after) => {
      for (const encoding of ['base64', 'base64url'] as const) {
        const rest = without(`${coded('#'.repeat(before) + SECRET + '#'.repeat(after), encoding)}.`)
        // What is left are characters that hold nothing but what stood around it.
        const [left = '', right = ''] = rest.split('_')
        expect(left.length).toBeLessThanOrEqual(Math.floor((before * 8) / 6))
        expect(right.replace(/=*\.$/, '').length).toBeLessThanOrEqual(Math.ceil((after * 8) / 6))
      }
    },
  )

  it('in bytes of any kind', () => {
    const bytes = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from(SECRET), Buffer.from([254])])
    expect(without(bytes.toString('latin1'), finder(), true)).toBe('\u0000\u00ff\u0080_\u00fe')
  })

  it('in bytes that hold UTF-16', () => {
    const bytes = Buffer.from(`a${SECRET}b`, 'utf16le')
    expect(without(bytes.toString('latin1'), finder(), true)).toBe('a\u0000_b\u0000')
  })

  it('under the one name whatever its form', () => {
    const found = finder().in(`${SECRET} ${coded(SECRET, 'hex')} ${coded(SECRET, 'base64')}`)
    expect(found.map(({ kind, of }) => [kind, of])).toEqual([
      ['secret', SECRET],
      ['secret-hex', SECRET],
      ['secret-base64', SECRET],
    ])
  })

  it('and nothing is, where there is none', () => {
    expect(finder().in(`hunter22hunte p@ss/w0rd+"x\\y ${'hunter22hunte'.repeat(100)}`)).toEqual([])
  })
})

describe('S-36 a key or a token is told by how it looks', () => {
  it.each([
    ['api-key', 'sk-proj-4fhgjkLK9283hfkjsdhfkj2'],
    ['api-key', 'sk-ant-api03-abcDEF123456-_abcDEF123456'],
    ['api-key', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'],
    ['github-token', 'ghp_0123456789abcdefghijABCDEFGHIJ012345'],
    ['github-token', 'gho_0123456789abcdefghijABCDEFGHIJ012345'],
    ['github-token', 'github_pat_11ABCDEFG0123456789_abcdefghijklmnopqrstuv'],
    ['gitlab-token', 'glpat-abcDEF123_-456789xyz'],
    ['npm-token', 'npm_0123456789abcdefghijABCDEFGHIJ012345'],
    ['aws-key', 'AKIAIOSFODNN7EXAMPLE'],
    ['slack-token', 'xoxb-123456789012-abcdefABCDEF'],
    ['google-key', 'AIzaSyA-1234567890abcdefghijklmnopqrstu'],
    ['jwt', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'],
    ['jwt', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0.'],
    ['private-key', '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----'],
    ['private-key', '-----BEGIN RSA PRIVATE KEY-----\\nMIIEvQIBADANBg\\n-----END RSA PRIVATE KEY-----'],
    ['private-key', '-----BEGIN EC PRIVATE KEY-----\nMIIEvQIBADANBg, and cut off'],
  ])('%s', (kind, token) => {
    for (const text of [token, `use "${token}"`, `?key=${token}`, `a: ${token}`])
      expect(
        finder({ secrets: [] })
          .in(text)
          .map((found) => [found.kind, found.of]),
        text,
      ).toEqual([
        [
          kind,
          token +
            text
              .slice(text.indexOf(token) + token.length)
              .repeat(kind === 'private-key' && token.endsWith('off') ? 1 : 0),
        ],
      ])
  })

  it.each([
    ['Authorization: Bearer abcDEF1234567890xyz==', 'Authorization: Bearer _'],
    ['authorization: basic YWxhZGRpbjpvcGVuc2VzYW1l', 'authorization: basic _'],
    ['BEARER abcDEF1234567890xyz', 'BEARER _'],
  ])('%s', (text, rest) => {
    expect(without(text)).toBe(rest)
  })

  it.each([
    'task-management-of-something-that-is-long-1',
    'sk-a-css-class-with-a-long-name-of-words',
    'bearer of tidings, basic training, Basic necessities',
    'AKIA is a name, and AKIASHORT1 as well',
    'eyJust a word. eyJust.another.word',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    'xoxo, from all of us-at-home',
    'ghp_short and npm_run_build_everything',
    '0123456789abcdef0123456789abcdef01234567',
    'Bearer [redacted:secret:0123456789abcdef] [redacted:api-key:0123456789abcdef]',
  ])('and %s is none', (text) => {
    expect(finder({ secrets: [] }).in(text)).toEqual([])
  })

  it('and is not looked for when nobody wants it', () => {
    expect(finder({ hasShapes: false }).in('ghp_0123456789abcdefghijABCDEFGHIJ012345')).toEqual([])
  })
})

describe('S-36 a field of a credential in a text', () => {
  const fields = finder({
    secrets: [],
    fieldNames: ['cookie', 'x-api-key', 'x_api_key', 'xapikey'],
    hasShapes: false,
  })

  it.each([
    ['Cookie: a=b; c="d e"', 'Cookie: _'],
    [
      'GET / HTTP/1.1\r\nHost: x\r\nX-API-Key: abc \r\nAccept: y',
      'GET / HTTP/1.1\r\nHost: x\r\nX-API-Key: _ \r\nAccept: y',
    ],
    [`curl -H 'Cookie: a=b' -H "x-api-key: c" url`, `curl -H 'Cookie: _' -H "x-api-key: _" url`],
    ['{"cookie":"a=b","x_api_key" : "c\\"d", "n":1}', '{"cookie":"_","x_api_key" : "_", "n":1}'],
    [json('{"cookie":"a=\\"b","n":"c"}', 1), json('{"cookie":"_","n":"c"}', 1)],
    [json(json({ cookie: 'a', n: 'b' }, 1), 2), json(json({ cookie: '_', n: 'b' }, 1), 2)],
    [json('POST /\nCookie: a="b"\nHost: c', 1), json('POST /\nCookie: _\nHost: c', 1)],
    [`{'xApiKey': 'a b'}`, `{'xApiKey': '_'}`],
    ['{"x-api-key": 1234, "n": 5}', '{"x-api-key": _, "n": 5}'],
    ['{"cookie": ["a","b"], "n": ["c"]}', '{"cookie": [_], "n": ["c"]}'],
    ['{"cookie": "cut off', '{"cookie": "_'],
  ])('%s', (text, rest) => {
    expect(without(text, fields)).toBe(rest)
  })

  it.each([
    'I like this cookie: it has chocolate',
    'cookies: a=b',
    'Cookie:',
    '{"cookie": null, "cookie": {"a": "b"}, "cookie": ""}',
    'Cookie: [redacted:field:0123456789abcdef]',
    '{"cookie":"[redacted:field:0123456789abcdef]"}',
  ])('and none in %s', (text) => {
    expect(fields.in(text)).toEqual([])
  })
})

describe('S-36 text that looks drawn by lot', () => {
  const drawn = finder({ secrets: [], hasShapes: false, highEntropy: { minLength: 24, minBits: 4 } })

  it('is found in a text, and words are not', () => {
    expect(without('id 9fT2kLmN0pQrStUvWxYz12345 and antidisestablishmentarianism', drawn)).toBe(
      'id _ and antidisestablishmentarianism',
    )
  })

  it('is left in bytes, and in placeholders', () => {
    expect(drawn.in('9fT2kLmN0pQrStUvWxYz12345', true)).toEqual([])
    const strict = finder({ secrets: [], hasShapes: false, highEntropy: { minLength: 8, minBits: 2 } })
    expect(strict.in('[redacted:api-key:0123456789abcdef]')).toEqual([])
  })
})

// No clock: what is not linear here takes longer than any test may.
describe('S-22 a text that somebody made to take long', () => {
  const evil = finder({
    secrets: [SECRET, 'aaaaaaaa', `${'a'.repeat(4_000)}b`, 'abababab', `${'ab'.repeat(2_000)}c`],
    fieldNames: ['cookie', 'x-api-key'],
    highEntropy: { minLength: 24, minBits: 4 },
  })

  it.each([
    'cookie: ',
    '"cookie":"',
    '"cookie":[',
    '\\\\"cookie\\\\":\\\\"',
    'cookie: a\n',
    'sk-',
    'sk-1',
    'eyJ',
    'eyJaaaaaaaaa.',
    'eyJaaaaaaaaa.aaaaaaa.',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    '-----BEGIN X PRIVATE KEY',
    'Bearer ',
    'Basic a1b2c3d4 ',
    '\\',
    '\\u0041',
    '\\\\\\u005c',
    '%41',
    '%25',
    '%2525',
    SECRET.slice(0, -1),
    'a',
    'ab',
    'b\n',
    '[redacted:',
    '[redacted:secret:0123456789abcdef]',
    '[redacted:secret:0123456789abcdef]ghp_0123456789abcdefghijABCDEFGHIJ012345 ',
    'A1',
    'xoxb-',
    'ghp_',
    '\u{10ffff}',
  ])('of a megabyte of %j takes as long as any other', (part) => {
    const text = part.repeat(Math.ceil(1_000_000 / part.length))
    expect(evil.in(text)).toEqual(evil.in(text))
  })
})
