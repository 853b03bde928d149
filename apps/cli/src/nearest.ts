// What somebody may have meant. Names that hold what was typed come first, then those that few letters are away.

/** Names that are offered. */
const OFFERED = 3

/** The known names that are nearest to a wanted one, the best first; none when nothing is near. */
export function nearest(wanted: string, known: Iterable<string>): readonly string[] {
  const letters = Math.max(2, Math.floor(wanted.length / 3))
  const scored: { readonly name: string; readonly score: number }[] = []
  const small = wanted.toLowerCase()
  for (const name of known) {
    const other = name.toLowerCase()
    const isPart = small.length > 1 && other.includes(small)
    const score = isPart ? (other.length - small.length) / 1_000 : distance(small, other, letters)
    if (score <= letters) scored.push({ name, score })
  }
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1))
  return scored.slice(0, OFFERED).map(({ name }) => name)
}

/** The hint for an unknown name: what is near, or else what to look at. */
export function didYouMean(wanted: string, known: Iterable<string>, otherwise: string): string {
  const names = nearest(wanted, known)
  return names.length === 0 ? otherwise : `Did you mean ${names.join(' or ')}?`
}

// Levenshtein with two rows; what is certainly farther than `most` is not computed.
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return Infinity
  let above = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(swap, above[j]! + 1, row[j - 1]! + 1))
    }
    if (Math.min(...row) > most) return Infinity
    above = row
  }
  return above[b.length]!
}
