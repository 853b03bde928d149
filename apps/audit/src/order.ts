// Every list that leaves the audit is sorted by code unit, never by locale: two machines with
// different languages write the same report, byte for byte.

/** Compares two texts by code unit, for `sort`. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Returns a comparison that sorts by the texts `keyOf` gives, the first difference deciding. */
export function byKeys<T>(...keysOf: ((item: T) => string)[]): (a: T, b: T) => number {
  return (a, b) => {
    for (const keyOf of keysOf) {
      const order = byText(keyOf(a), keyOf(b))
      if (order !== 0) return order
    }
    return 0
  }
}

/** Returns the distinct texts of a list, sorted. */
export function distinct(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(byText)
}
