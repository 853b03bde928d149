// Known actors
// ============
// The ids of actors by their keys: all that is kept in memory of one that sleeps. Nothing is ever taken out, because a
// virtual actor ends never.
//
//   slots:  [   | 3 |   | 1 | 2 |   ]     open addressing, at most half full; an entry is its number plus one
//                 |       |   |
//   ids:          12      7   9           one for each entry
//   hashes:       h3      h1  h2          of their keys
//   turns:        3       0   41          how many it had completed when it fell asleep, if its snapshot is after the last
//   ends:         31      10  21          where the key of each entry ends in `bytes`
//   bytes:  customer-1 | customer-42 ...  the keys, in UTF-8, one behind the other
//
// Invariants
//   KA1  A key has one id, and keeps it.
//   KA2  An actor costs 24 bytes and its key, and at most twice that while the arrays have just grown.

import { assert } from '../errors.js'

const FIRST_SLOTS = 16
const FIRST_BYTES = 256
/** Ids and turns are kept in four bytes. */
const NUMBER_MAX = 2 ** 32 - 1

/** The actors of one home, by key. */
export class KnownActors {
  #slots = new Uint32Array(FIRST_SLOTS)
  #ids = new Uint32Array(FIRST_SLOTS / 2)
  #hashes = new Uint32Array(FIRST_SLOTS / 2)
  #turns = new Uint32Array(FIRST_SLOTS / 2)
  #ends = new Uint32Array(FIRST_SLOTS / 2)
  #bytes = Buffer.alloc(FIRST_BYTES)
  #used = 0
  /** The key that was looked for last, and its slot: whoever is not known is mostly added next. */
  #lastKey: string | null = null
  #lastSlot = 0
  /** How many there are. */
  size = 0

  /** The id of a key, or 0. */
  get(key: string): number {
    const entry = this.#slots[this.#find(key)]!
    return entry === 0 ? 0 : this.#ids[entry - 1]!
  }

  /** The turns that the snapshot of one that sleeps has behind it, when it stands behind the last one; 0 otherwise. */
  turnsOf(key: string): number {
    const entry = this.#slots[this.#find(key)]!
    return entry === 0 ? 0 : this.#turns[entry - 1]!
  }

  /** Notes the turns of one that has fallen asleep; 0 when its snapshot does not stand behind the last one. */
  sleeps(key: string, turns: number): void {
    const entry = this.#slots[this.#find(key)]!
    if (entry !== 0) this.#turns[entry - 1] = turns > NUMBER_MAX ? 0 : turns
  }

  /** Makes a key known. One that is known keeps its id. */
  add(key: string, id: number): void {
    assert(id > 0 && id <= NUMBER_MAX, 'an id of a virtual actor is out of range')
    const slot = this.#find(key)
    if (this.#slots[slot] !== 0) return
    this.#lastKey = null
    this.#append(key, id)
    this.#slots[slot] = this.size
    if (this.size * 2 > this.#slots.length) this.#grow()
  }

  /** All of them, in the order in which they became known. */
  *entries(): Generator<{ readonly key: string; readonly id: number; readonly turns: number }> {
    for (let entry = 0; entry < this.size; entry++)
      yield { key: this.#keyOf(entry), id: this.#ids[entry]!, turns: this.#turns[entry]! }
  }

  #append(key: string, id: number): void {
    if (this.size === this.#ids.length) {
      this.#ids = doubled(this.#ids)
      this.#hashes = doubled(this.#hashes)
      this.#turns = doubled(this.#turns)
      this.#ends = doubled(this.#ends)
    }
    const length = Buffer.byteLength(key)
    while (this.#used + length > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2)
    this.#used += this.#bytes.write(key, this.#used)
    this.#ids[this.size] = id
    this.#hashes[this.size] = hashOf(key)
    this.#ends[this.size] = this.#used
    this.size++
  }

  // The slot of a key, or the free one that it would have.
  #find(key: string): number {
    if (key === this.#lastKey) return this.#lastSlot
    const mask = this.#slots.length - 1
    const hash = hashOf(key)
    let slot = hash & mask
    for (let entry = this.#slots[slot]!; entry !== 0; entry = this.#slots[slot]!) {
      if (this.#hashes[entry - 1] === hash && this.#keyOf(entry - 1) === key) break
      slot = (slot + 1) & mask
    }
    this.#lastKey = key
    return (this.#lastSlot = slot)
  }

  #keyOf(entry: number): string {
    return this.#bytes.toString('utf8', entry === 0 ? 0 : this.#ends[entry - 1]!, this.#ends[entry])
  }

  #grow(): void {
    const mask = this.#slots.length * 2 - 1
    const slots = new Uint32Array(mask + 1)
    for (let entry = 0; entry < this.size; entry++) {
      let slot = this.#hashes[entry]! & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = entry + 1
    }
    this.#slots = slots
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(array.length * 2)
  grown.set(array)
  return grown
}

// FNV-1a with a last stir, because open addressing looks at the low bits.
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}
