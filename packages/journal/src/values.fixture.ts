// Values that are easily lost on their way through a log, and values that must be refused, each with a name.

/** A value of the matrix: what goes in is what comes out. */
export interface Sample {
  readonly name: string
  readonly value: unknown
}

/** A value that the log refuses, and the path by which it names the culprit. */
export interface Refused extends Sample {
  readonly field: string
}

const broken = '\ud83d and \ude00'

/** Everything that the log keeps. */
export function samples(): Sample[] {
  return [...plainSamples(), ...richSamples(), ...oddObjects()]
}

function plainSamples(): Sample[] {
  return [
    { name: 'null', value: null },
    { name: 'undefined in an object and in an array', value: { a: undefined, b: [undefined, 1, undefined] } },
    { name: 'NaN and the infinities', value: [Number.NaN, Infinity, -Infinity] },
    {
      name: 'numbers at the edges',
      value: [0, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 5e-324, 1.797e308, 0.1],
    },
    { name: 'bigints of 64 bits', value: [2n ** 63n - 1n, -(2n ** 63n), 0n, -1n] },
    { name: 'dates', value: [0, -1, 1_767_225_600_123, 8.64e15, -8.64e15].map((ms) => new Date(ms)) },
    { name: 'a date that is none', value: new Date(Number.NaN) },
    { name: 'texts', value: ['', '\0', 'é', '漢字', '😀', 'a'.repeat(70_000)] },
    {
      name: 'a Buffer in a Buffer field',
      value: { head: Buffer.from('a'), rest: [Buffer.alloc(0), Buffer.alloc(70_000, 7)] },
    },
    { name: 'long arrays', value: Array.from({ length: 70_000 }, (_, i) => i) },
    { name: 'nesting to the limit', value: nested(99) },
  ]
}

function richSamples(): Sample[] {
  return [
    { name: 'minus zero', value: [-0, { a: -0 }, 0] },
    { name: 'bigints beyond 64 bits', value: [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 400n, -(2n ** 400n)] },
    {
      name: 'a Map with keys of all kinds',
      value: new Map<unknown, unknown>([
        ['a', 1],
        [2, [-0]],
        [{ b: 1 }, new Map()],
      ]),
    },
    {
      name: 'a Map whose keys and values are lists',
      value: new Map([
        [
          [1, 2],
          [3, 4],
        ],
      ]),
    },
    { name: 'a Set', value: new Set([1, 'a', [2], new Set([-0])]) },
    { name: 'lone surrogates in values and keys', value: { text: broken, [broken]: [broken] } },
    { name: 'a long text with a lone surrogate', value: `${'x'.repeat(200_000)}\ud800` },
    { name: 'a plain Uint8Array', value: Uint8Array.from([1, 2, 3]) },
    { name: 'typed arrays', value: typedArrays() },
    { name: 'a view on a part of its memory', value: new Float64Array(new ArrayBuffer(64), 16, 2) },
  ]
}

function oddObjects(): Sample[] {
  const proto = JSON.parse(
    '{"__proto__": {"polluted": true}, "constructor": 1, "prototype": 2, "toJSON": 3}',
  ) as unknown
  const huge = Object.fromEntries(Array.from({ length: 65_536 }, (_, i) => [`k${i}`, i]))
  return [
    {
      name: 'keys that mean something to objects',
      value: { constructor: 'x', prototype: 1, hasOwnProperty: 2, '': 3 },
    },
    { name: 'a key named __proto__', value: proto },
    { name: 'an object of 65,536 keys', value: huge },
    { name: 'keys that look like numbers', value: { 2: 'b', 1: 'a', '-1': 'c', '01': 'd' } },
    { name: 'a shared part', value: shared() },
  ]
}

function typedArrays(): unknown[] {
  return [
    Int8Array.from([-1, 2]),
    Uint8ClampedArray.from([255, 0]),
    Int16Array.from([-32_768, 7]),
    Uint16Array.from([65_535]),
    Int32Array.from([-1]),
    Uint32Array.from([4_294_967_295]),
    Float32Array.from([0.5, -0]),
    Float64Array.from([0.1, Number.NaN, -0]),
    BigInt64Array.from([-1n]),
    BigUint64Array.from([2n ** 64n - 1n]),
    new DataView(Uint8Array.from([1, 2, 3]).buffer, 1),
  ]
}

function shared(): unknown {
  const part = { list: [1, 2, 3] }
  return { one: part, two: part, both: [part, part] }
}

/** A value of so many levels. */
export function nested(levels: number): unknown {
  let value: unknown = 'bottom'
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { in: value }
  return value
}

class Account {
  readonly balance = 1
}

class Names extends Array<string> {}

class Labels extends Map<string, string> {}

class Stamp extends Date {}

class Samples extends Float64Array {}

/** Everything that the log refuses, because it would not come back as it was. */
export function refusals(): Refused[] {
  const cycle: Record<string, unknown> = { name: 'a' }
  cycle['self'] = { again: cycle }
  return [
    { name: 'a function', value: { on: { done: () => undefined } }, field: 'on.done' },
    { name: 'a symbol', value: ['a', Symbol('b')], field: '1' },
    { name: 'an instance of a class', value: { accounts: [new Account()] }, field: 'accounts.0' },
    { name: 'an instance of a class that extends Array', value: { names: new Names('a') }, field: 'names' },
    { name: 'an instance of a class that extends Map', value: { labels: new Labels() }, field: 'labels' },
    { name: 'an instance of a class that extends Date', value: { at: new Stamp(0) }, field: 'at' },
    { name: 'an instance of a class that extends a typed array', value: { s: new Samples(1) }, field: 's' },
    { name: 'a promise', value: { later: Promise.resolve(1) }, field: 'later' },
    { name: 'a regular expression', value: { match: /a/ }, field: 'match' },
    { name: 'a URL', value: { link: new URL('http://localhost') }, field: 'link' },
    { name: 'an ArrayBuffer', value: { memory: new ArrayBuffer(1) }, field: 'memory' },
    { name: 'a boxed number', value: { n: Object(1) as unknown }, field: 'n' },
    { name: 'a WeakMap', value: new WeakMap(), field: 'payload' },
    { name: 'a cycle', value: cycle, field: 'self.again.self.again.self.again.self.again' },
    { name: 'what is too deep', value: nested(101), field: '0.in.0.in.0.in.0.in' },
    { name: 'a text that is too long', value: { text: 'x'.repeat(16_777_217) }, field: 'text' },
    { name: 'a function in a Map', value: { m: new Map([['run', () => 1]]) }, field: 'm.run' },
    { name: 'a function as the key of a Map', value: { m: new Map([[() => 1, 1]]) }, field: 'm.(key)' },
    { name: 'a function in a Set', value: new Set([1, () => 1]), field: '1' },
    {
      name: 'a function on an error',
      value: { e: Object.assign(new Error('x'), { retry: () => 1 }) },
      field: 'e.retry',
    },
    { name: 'a part that is shared until it fans out', value: fanOut(64), field: 'payload' },
  ]
}

// 64 arrays in memory, 2^64 when written out.
function fanOut(levels: number): unknown {
  let value: unknown = []
  for (let i = 0; i < levels; i++) value = [value, value]
  return value
}
