// Subject vault
// =============
// AES-256-GCM with a key for each subject, inside the batches: what belongs to one is read with that key and with no other,
// whoever has the batch. Keys come from a `SubjectKeys` when they are needed, and few of them are kept.
//
//   key of the subject --HKDF, salt of this opening--> key of this opening for the subject --seals--> values
//
// Invariants
//   V1  No nonce is used twice with a key. Each opening draws a salt of 128 bits by chance and counts from 1, so that its
//       keys are its own: what was sealed before, or in another copy of the store, was sealed with others.
//   V2  A sealed value opens only for its subject and at its place: the position of its record, or of a snapshot.
//   V3  Keys that are kept are zeroed when they are dropped, destroyed, or no longer needed.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { HoldfastError, SealedValue, type SubjectSeal } from '@holdfast/kernel'
import { intact } from '../../damage.js'
import { SUBJECT_KEYS_CACHED } from '../../limits.js'
import * as form from '../../subjects/sealed-form.js'
import { SUBJECT_KEY_BYTES, type SubjectKeys } from '../../subjects/subject-keys.js'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12

/** What a key of a subject comes to: one for an opening, and the mark by which it is told from others. */
interface Derived {
  readonly key: Buffer
  readonly mark: Buffer
}

type Found = Derived | 'destroyed' | undefined

/** Opens and seals the values of subjects for one log. */
export class SubjectVault implements SubjectSeal {
  readonly #keys: SubjectKeys
  readonly #salt = randomBytes(form.SALT_BYTES)
  readonly #close: () => void
  #counter = 0
  /** By subject and salt, those that were used last at the end. */
  readonly #derived = new Map<string, Derived>()
  /** What is known of subjects, those that were asked for last at the end. */
  readonly #states = new Map<string, 'live' | 'destroyed'>()

  /** @param close closes the keys, when they are only for this */
  constructor(keys: SubjectKeys, close: () => void = () => undefined) {
    this.#keys = keys
    this.#close = close
  }

  get id(): string {
    return this.#keys.id
  }

  begin(): void {
    this.#keys.begin()
  }

  idOf(name: string): string {
    return this.#keys.idOf(name)
  }

  has(subject: string): boolean {
    return this.#state(subject) !== undefined
  }

  isShredded(subject: string): boolean {
    return this.#state(subject) === 'destroyed'
  }

  open(subject: string): void {
    const state = this.#state(subject)
    if (state === 'live') return
    if (state === 'destroyed') throw shredded(subject)
    this.#keys.create(subject).fill(0)
    this.#note(subject, 'live')
  }

  seal(subject: string, place: number, packed: Uint8Array, isText: boolean): SealedValue {
    const found = this.#find(subject, this.#salt)
    if (found === 'destroyed') throw shredded(subject)
    intact(found !== undefined, `subject ${subject} has no key`)
    const counter = ++this.#counter
    const sealed = Buffer.allocUnsafeSlow(form.SEALED_HEAD_BYTES + packed.byteLength)
    sealed[0] = form.SEALED_VERSION
    sealed.write(subject, form.SUBJECT_AT, 'hex')
    sealed.set(this.#salt, form.SALT_AT)
    sealed.writeUIntBE(counter, form.COUNTER_AT, form.COUNTER_BYTES)
    sealed.set(found.mark, form.MARK_AT)
    const cipher = createCipheriv(CIPHER, found.key, nonceIn(sealed)).setAAD(boundTo(sealed, place, isText))
    sealed.set(cipher.update(packed), form.SEALED_HEAD_BYTES)
    cipher.final()
    sealed.set(cipher.getAuthTag(), form.TAG_AT)
    return new SealedValue(subject, sealed, isText)
  }

  /**
   * The packed bytes that were sealed for a place, or why they cannot be read.
   *
   * @throws {HoldfastError} `HF_STORE_DAMAGED` when they are not what was sealed there
   */
  unseal(sealed: Uint8Array, place: number, isText: boolean): Uint8Array | 'shredded' | 'no-key' {
    const subject = form.subjectOf(sealed)
    intact(subject !== undefined, 'a sealed value is none')
    const found = this.#find(subject, sealed.subarray(form.SALT_AT, form.SALT_AT + form.SALT_BYTES))
    if (found === 'destroyed') return 'shredded'
    const mark = sealed.subarray(form.MARK_AT, form.MARK_AT + form.MARK_BYTES)
    // There is another key of the same subject: the one that this was sealed with is not here.
    if (found === undefined || Buffer.compare(found.mark, mark) !== 0) return 'no-key'
    const decipher = createDecipheriv(CIPHER, found.key, nonceIn(sealed))
    decipher.setAAD(boundTo(sealed, place, isText))
    decipher.setAuthTag(sealed.subarray(form.TAG_AT, form.TAG_AT + form.TAG_BYTES))
    const packed = decipher.update(sealed.subarray(form.SEALED_HEAD_BYTES))
    try {
      decipher.final()
    } catch {
      intact(false, `what subject ${subject} has at ${place} is not what was sealed there`)
    }
    return packed
  }

  destroy(subject: string): void {
    this.#keys.destroy(subject)
    this.#note(subject, 'destroyed')
    for (const [slot, { key }] of this.#derived) {
      if (!slot.startsWith(subject)) continue
      key.fill(0)
      this.#derived.delete(slot)
    }
  }

  /** Zeroes every key that it has (V3). */
  close(): void {
    for (const { key } of this.#derived.values()) key.fill(0)
    this.#derived.clear()
    this.#states.clear()
    this.#close()
  }

  #state(subject: string): 'live' | 'destroyed' | undefined {
    const known = this.#states.get(subject)
    if (known !== undefined) return known
    const key = this.#keys.get(subject)
    if (key === undefined) return undefined
    if (key !== 'destroyed') key.fill(0)
    return this.#note(subject, key === 'destroyed' ? 'destroyed' : 'live')
  }

  #note(subject: string, state: 'live' | 'destroyed'): 'live' | 'destroyed' {
    this.#states.delete(subject)
    this.#states.set(subject, state)
    if (this.#states.size > SUBJECT_KEYS_CACHED) this.#states.delete(firstOf(this.#states)!)
    return state
  }

  #find(subject: string, salt: Uint8Array): Found {
    const slot = subject + Buffer.from(salt).toString('hex')
    const known = this.#derived.get(slot)
    if (known !== undefined) {
      this.#derived.delete(slot)
      this.#derived.set(slot, known)
      return known
    }
    const key = this.#keys.get(subject)
    if (key === undefined || key === 'destroyed') return key
    const derived = derive(key, salt)
    key.fill(0)
    this.#derived.set(slot, derived)
    if (this.#derived.size > SUBJECT_KEYS_CACHED) this.#drop(firstOf(this.#derived)!)
    return derived
  }

  #drop(slot: string): void {
    this.#derived.get(slot)?.key.fill(0)
    this.#derived.delete(slot)
  }
}

function derive(key: Uint8Array, salt: Uint8Array): Derived {
  const bytes = Buffer.from(hkdfSync('sha256', key, salt, 'holdfast subject 1', SUBJECT_KEY_BYTES))
  const mark = Buffer.from(hkdfSync('sha256', key, salt, 'holdfast subject mark 1', form.MARK_BYTES))
  return { key: bytes, mark }
}

function nonceIn(sealed: Uint8Array): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  const counter = sealed.subarray(form.COUNTER_AT, form.COUNTER_AT + form.COUNTER_BYTES)
  nonce.set(counter, NONCE_BYTES - form.COUNTER_BYTES)
  return nonce
}

function boundTo(sealed: Uint8Array, place: number, isText: boolean): Buffer {
  const bound = Buffer.alloc(form.TAG_AT + 9)
  bound.set(sealed.subarray(0, form.TAG_AT))
  bound.writeDoubleLE(place, form.TAG_AT)
  bound[form.TAG_AT + 8] = isText ? 1 : 0
  return bound
}

function firstOf<K>(map: ReadonlyMap<K, unknown>): K | undefined {
  for (const key of map.keys()) return key
  return undefined
}

function shredded(subject: string): HoldfastError {
  return new HoldfastError('HF_SUBJECT_SHREDDED', `What belongs to subject ${subject} was shredded.`, {
    detail: subject,
    hint: 'A subject that was shredded does not come back. Use another name for another one.',
  })
}
