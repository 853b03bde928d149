// Secret redaction
// ================
// What a log goes through that must not store secrets. It puts keyed placeholders in their places: the same secret has the
// same one within a store, so that what was equal stays equal, and nobody without the key learns more.
//
// Invariants
//   K1  Nothing comes out that holds what the rules find. Where that cannot be made sure, it throws.
//   K2  What comes out is given back as it is when it goes in again.
//   K3  What is looked at is what will be stored: a copy that went through the codec, never the object of somebody else.

import { HoldfastError, placeholder, type Redaction } from '@holdfast/kernel'
import { Codec } from '../codec.js'
import { KeptRef } from '../kept-ref.js'
import { FIELD_NAMES_KNOWN } from '../limits.js'
import {
  checkSecrets,
  fieldKey,
  redactRules,
  type RedactOptions,
  type RedactRules,
} from './redact-options.js'
import { TextFinder, type Found } from './text-finder.js'
import { ValueRedaction, type ValueRules } from './value-redaction.js'

/** Characters of a name that find room in the table of names, whatever they are: that of a correlation at the most. */
const NAME_LENGTH_MAX = 400

/** A keyed hash in hex: of one text, for one store. */
export type KeyedHash = (text: string) => string

/** Replaces secrets in everything that one journal stores. */
export class SecretRedaction implements Redaction, ValueRules {
  readonly #rules: RedactRules
  readonly #codec = new Codec()
  /** Of the store; nothing can be replaced before it is known. */
  hash: KeyedHash = () => {
    throw notRedacted('The key of the store is not known', undefined)
  }
  readonly #isField = new Map<string, boolean>()
  #secrets: readonly string[] | null = null
  #finder!: TextFinder

  /** @throws {HoldfastError} `HF_INVALID`; `HF_NOT_REDACTED` when the secrets cannot be had */
  constructor(options: RedactOptions) {
    this.#rules = redactRules(options)
    // A ref stays one on its way through.
    this.#codec.ref = (path) => new KeptRef(path)
    this.#look()
  }

  text(text: string): string {
    return this.#walk((walk) => walk.text(text)).result
  }

  place(value: unknown): string | undefined {
    const { place } = this.#walk((walk) => walk.of(this.#codec.encode(value).copy))
    // The name of a field may be what must not be said.
    return place === undefined ? undefined : this.text(['state', ...place].join('.'))
  }

  /** A copy of a value, as it will be read, without what must not be stored. @throws {HoldfastError} `HF_NOT_REDACTED` */
  value(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (typeof value !== 'object' || value === null) return value
    return this.#walk((walk) => walk.of(flatCopy(value) ?? this.#codec.encode(value).copy)).result
  }

  find(text: string, isBytes: boolean): readonly Found[] {
    return this.#finder.in(text, isBytes)
  }

  /** A name that is looked up by its text: one that placeholders make too long is one placeholder as a whole. */
  name(name: string): string {
    const open = this.text(name)
    return open.length <= Math.max(name.length, NAME_LENGTH_MAX) ? open : this.placeholder('name', open)
  }

  placeholder(kind: string, of: string): string {
    return placeholder(kind, this.hash(of))
  }

  isField(name: string): boolean {
    let known = this.#isField.get(name)
    if (known === undefined) {
      known = this.#rules.fields.has(fieldKey(name))
      if (this.#isField.size < FIELD_NAMES_KNOWN) this.#isField.set(name, known)
    }
    return known
  }

  #walk<T>(step: (walk: ValueRedaction) => T): {
    readonly result: T
    readonly place: ValueRedaction['place']
  } {
    this.#look()
    const walk = new ValueRedaction(this)
    try {
      return { result: step(walk), place: walk.place }
    } catch (error) {
      throw error instanceof HoldfastError ? error : notRedacted('It cannot be gone through', error)
    }
  }

  // Another list is another set of secrets.
  #look(): void {
    let secrets: readonly string[]
    try {
      secrets = this.#rules.secrets()
      if (this.#secrets !== null && isSame(secrets, this.#secrets)) return
      checkSecrets(secrets)
    } catch (error) {
      throw notRedacted('The secrets to look for cannot be had', error)
    }
    const { fieldNames, hasShapes, highEntropy } = this.#rules
    this.#finder = new TextFinder({ secrets: [...new Set(secrets)], fieldNames, hasShapes, highEntropy })
    this.#secrets = [...secrets]
  }
}

function isSame(secrets: unknown, known: readonly string[]): boolean {
  if (!Array.isArray(secrets) || secrets.length !== known.length) return false
  for (let i = 0; i < known.length; i++) if (secrets[i] !== known[i]) return false
  return true
}

/** A copy of an object of nothing but scalars, which most payloads are; `undefined` for others. */
function flatCopy(value: object): object | undefined {
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined
  const copy = { ...(value as Record<string, unknown>) }
  for (const name in copy) {
    const field = copy[name]
    if (typeof field === 'object' ? field !== null : typeof field === 'function') return undefined
  }
  return copy
}

function notRedacted(what: string, cause: unknown): HoldfastError {
  return new HoldfastError('HF_NOT_REDACTED', `${what}, so nothing was stored.`, {
    field: 'redact',
    cause,
    hint: 'See to it that `redact.secrets` answers, and that what is sent is plain data.',
  })
}
