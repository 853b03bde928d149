// The fewest of a list that still do it: delta debugging (ddmin) after Zeller and Hildebrandt, "Simplifying and Isolating
// Failure-Inducing Input" (2002). The result is 1-minimal: without any one of its members it is no longer so.

/** Whether these, in their order, still do it. */
export type StillFails<T> = (some: readonly T[]) => Promise<boolean>

/** The fewest members of `all` that still fail; `all` itself must. */
export async function minimise<T>(all: readonly T[], fails: StillFails<T>): Promise<readonly T[]> {
  if (all.length === 0 || (await fails([]))) return []
  let left = all
  for (let parts = 2; left.length >= 2;) {
    const smaller = await reduced(left, parts, fails)
    if (smaller !== undefined) {
      left = smaller.left
      parts = Math.max(2, smaller.isPart ? 2 : parts - 1)
    } else if (parts >= left.length) break
    else parts = Math.min(left.length, parts * 2)
  }
  return left
}

// One part alone, or all but one part.
async function reduced<T>(
  all: readonly T[],
  parts: number,
  fails: StillFails<T>,
): Promise<{ readonly left: readonly T[]; readonly isPart: boolean } | undefined> {
  const bounds = Array.from({ length: parts + 1 }, (_, i) => Math.round((i * all.length) / parts))
  for (let i = 0; i < parts; i++) {
    const part = all.slice(bounds[i], bounds[i + 1])
    if (part.length < all.length && (await fails(part))) return { left: part, isPart: true }
  }
  if (parts === 2) return undefined
  for (let i = 0; i < parts; i++) {
    const rest = [...all.slice(0, bounds[i]), ...all.slice(bounds[i + 1])]
    if (rest.length < all.length && (await fails(rest))) return { left: rest, isPart: false }
  }
  return undefined
}
