// Key ring
// ========
// The keys of whoever owns the data: 32 bytes each, from a file, the environment or a function. The first one is the one
// that is written with; the others are for what was written before. They seal nothing but the keys of the store, which
// seal the data, so that another one costs a moment and not a rewriting of everything.

import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { HoldfastError } from '@holdfast/kernel'
import { checkSecretFile } from '../secret-file.js'

/** Bytes of a key. */
export const KEY_BYTES = 32

/** Bytes of the name of a key. */
export const KEY_ID_BYTES = 8

/** Where a key ring comes from: itself, or a function that is asked for it when a store is opened. */
export type KeySource = KeyRing | (() => KeyRing)

/** The keys that a store is opened with. */
export class KeyRing {
  readonly #keys = new Map<string, Uint8Array>()
  /** The name of the key that is written with. */
  readonly current: string

  /** @param keys each of 32 bytes; the first one is written with @throws {HoldfastError} `HF_KEY` */
  constructor(keys: readonly Uint8Array[]) {
    for (const key of keys) {
      if (key.byteLength !== KEY_BYTES)
        throw noKey(`A key has ${key.byteLength} bytes, and must have ${KEY_BYTES}.`)
      this.#keys.set(keyIdOf(key), Uint8Array.from(key))
    }
    const [first] = this.#keys.keys()
    if (first === undefined) throw noKey('No key was given.')
    this.current = first
  }

  /** The key of a name, in hex. */
  find(id: string): Uint8Array | undefined {
    return this.#keys.get(id)
  }

  /** One with the same keys, that lasts when this one is zeroed. */
  copy(): KeyRing {
    const { current } = this
    const others = [...this.#keys].filter(([id]) => id !== current).map(([, key]) => key)
    return new KeyRing([this.#keys.get(current)!, ...others])
  }

  /** Overwrites its keys in memory: it opens nothing any more. */
  zero(): void {
    for (const key of this.#keys.values()) key.fill(0)
    this.#keys.clear()
  }

  /** How it is shown: a key is never. */
  toJSON(): { readonly keys: readonly string[] } {
    return { keys: [...this.#keys.keys()] }
  }
}

/**
 * The keys that a file holds: one a line, in hex or base64. Nobody but its owner may be able to read it.
 *
 * @throws {HoldfastError} `HF_KEY`
 */
export function keysFromFile(file: string): KeyRing {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw noKey(`${file} cannot be read.`, error)
  }
  checkSecretFile(file)
  return keysFromText(text, file)
}

/** The keys that a text holds, one a line or separated by commas. @throws {HoldfastError} `HF_KEY` */
export function keysFromText(text: string, where: string): KeyRing {
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  return new KeyRing(words.map((word) => keyFrom(word, where)))
}

/** The ring of a source, for whoever zeroes it when it is done. */
export function ringOf(source: KeySource): KeyRing {
  return typeof source === 'function' ? source() : source.copy()
}

// What stands there is never repeated: it may be a key with one letter missing.
function keyFrom(word: string, where: string): Uint8Array {
  const key = Buffer.from(word, /^([0-9a-f]{2})+$/i.test(word) ? 'hex' : 'base64')
  if (key.byteLength === KEY_BYTES) return key
  throw noKey(`${where} holds a word that is no key of ${KEY_BYTES} bytes in hex or base64.`)
}

// It says nothing of the key.
function keyIdOf(key: Uint8Array): string {
  const id = createHmac('sha256', key).update('holdfast key').digest()
  return id.subarray(0, KEY_ID_BYTES).toString('hex')
}

function noKey(message: string, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_KEY', message, {
    field: 'keys',
    cause,
    hint: 'Make one with: openssl rand -hex 32 > holdfast.key && chmod 600 holdfast.key',
  })
}
