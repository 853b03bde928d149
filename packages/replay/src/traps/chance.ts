// Chance. A scope that reports draws from a stream of its own, which follows from the message like that of `ctx.random`
// and does not disturb it.

import { builtin } from './builtin.js'
import type { Patches } from './patches.js'
import type { HeldScope } from './scope.js'
import { guarded, loose, type Call } from './trap.js'

/** Sets traps on sources of chance. */
export function trapChance(patches: Patches): void {
  const trap = (holder: unknown, key: string, what: string, instead: Instead): void => {
    patches.wrap(holder, key, (original) => guarded(original, { what, kind: 'chance', instead }))
  }
  trap(Math, 'random', 'Math.random', (scope) => scope.random())
  const crypto = builtin('node:crypto')
  const web: unknown = Object.getPrototypeOf(crypto.webcrypto)
  trap(web, 'randomUUID', 'crypto.randomUUID', uuid)
  trap(web, 'getRandomValues', 'crypto.getRandomValues', (scope, { args }) => fill(scope, args[0]))
  trap(crypto, 'randomUUID', 'crypto.randomUUID', uuid)
  trap(crypto, 'getRandomValues', 'crypto.getRandomValues', (scope, { args }) => fill(scope, args[0]))
  trap(crypto, 'randomBytes', 'crypto.randomBytes', (scope, { args: [size, callback] }) =>
    given(fill(scope, Buffer.alloc(Number(size))), callback),
  )
  trap(crypto, 'pseudoRandomBytes', 'crypto.pseudoRandomBytes', (scope, { args: [size, callback] }) =>
    given(fill(scope, Buffer.alloc(Number(size))), callback),
  )
  trap(crypto, 'randomInt', 'crypto.randomInt', randomInt)
  trap(crypto, 'randomFillSync', 'crypto.randomFillSync', randomFill)
  trap(crypto, 'randomFill', 'crypto.randomFill', randomFill)
}

type Instead = (scope: HeldScope, call: Call) => unknown

function uuid(scope: HeldScope): string {
  const bytes = new Uint8Array(16)
  fill(scope, bytes)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return [8, 12, 16, 20, 32].map((end, i) => hex.slice([0, 8, 12, 16, 20][i], end)).join('-')
}

function randomInt(scope: HeldScope, { args }: Call): unknown {
  const callback = args.find((each) => typeof each === 'function')
  const [first, second] = args.filter((each): each is number => typeof each === 'number')
  const [from, below] = second === undefined ? [0, first ?? 1] : [first!, second]
  return given(from + Math.floor(scope.random() * (below - from)), callback)
}

function randomFill(scope: HeldScope, { args }: Call): unknown {
  const callback = args.find((each) => typeof each === 'function')
  const [offset, size] = args.slice(1).filter((each): each is number => typeof each === 'number')
  return given(fill(scope, args[0], offset, size), callback)
}

// Callers with a callback get it in a later step, as they expect.
function given(value: unknown, callback: unknown): unknown {
  if (typeof callback !== 'function') return value
  queueMicrotask(() => loose(callback)(null, value))
  return undefined
}

function fill(scope: HeldScope, into: unknown, offset = 0, size?: number): unknown {
  const bytes = ArrayBuffer.isView(into)
    ? new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
    : new Uint8Array(into as ArrayBuffer)
  const unit = (into as { readonly BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1
  const end = size === undefined ? bytes.length : (offset + size) * unit
  for (let i = offset * unit; i < end; i++) bytes[i] = Math.floor(scope.random() * 256)
  return into
}
