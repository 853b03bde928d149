// Puts the entries of an index group in order. The keys of a group lie close together, so they are sorted by their
// distance from the lowest, two digits at a time from the right, and none is compared with another.

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS

/** Two digits, which fit into a small integer. */
const PAIR = DIGITS * DIGITS

/** Entries for which there is room, twice as many as a group usually has; more are sorted in another way. */
const ROOM = 65_536

// Always the same arrays: the compiler then knows where they are and how long, which halves the time.
const digits = new Int32Array(ROOM)
const one = new Int32Array(ROOM)
const other = new Int32Array(ROOM)
const ends = new Int32Array(DIGITS)

/**
 * The indexes of a list's first numbers in rising order of the numbers; equal ones stay as they stood.
 *
 * @returns an array that the next call writes into again
 */
export function orderOf(keys: Float64Array, count: number): Int32Array {
  if (count > ROOM) return Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => keys[a]! - keys[b]!)
  let lowest = Infinity
  let highest = 0
  for (let i = 0; i < count; i++) {
    const key = keys[i]!
    if (key < lowest) lowest = key
    if (key > highest) highest = key
    one[i] = i
  }
  for (let scale = 1; highest - lowest >= scale; scale *= PAIR) {
    for (let i = 0; i < count; i++) {
      const rest = Math.floor((keys[i]! - lowest) / scale)
      digits[i] = rest - Math.floor(rest / PAIR) * PAIR
    }
    sortBy(one, other, 0, count)
    sortBy(other, one, DIGIT_BITS, count)
  }
  return one.subarray(0, count)
}

function sortBy(from: Int32Array, to: Int32Array, shift: number, count: number): void {
  ends.fill(0)
  for (let i = 0; i < count; i++) ends[(digits[i]! >> shift) & (DIGITS - 1)]!++
  for (let digit = 1; digit < DIGITS; digit++) ends[digit]! += ends[digit - 1]!
  for (let i = count - 1; i >= 0; i--) {
    const index = from[i]!
    to[--ends[(digits[index]! >> shift) & (DIGITS - 1)]!] = index
  }
}
