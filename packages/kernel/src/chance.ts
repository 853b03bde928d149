// A small seeded generator (splitmix32 after Steele, Lea and Flood 2014, with mulberry's finaliser): the seed is where
// the message stands in the log, so a replay draws the same numbers and no record is needed. Not for secrets.

/** Numbers in [0, 1) that follow from message position and attempt. */
export class Chance {
  #seed: number

  constructor(position: number, attempt: number) {
    const high = Math.floor(position / 4_294_967_296)
    this.#seed = (Math.imul(position >>> 0, 0x9e3779b1) ^ Math.imul(high + attempt, 0x85ebca6b)) >>> 0
  }

  /** The next number. */
  next(): number {
    this.#seed = (this.#seed + 0x9e3779b9) >>> 0
    let z = this.#seed
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 4_294_967_296
  }
}
