/** A state of one megabyte as it is stored: what an actor may have that keeps ten thousand customers. */
export function largeState(): { readonly rows: readonly object[] } {
  const rows = Array.from({ length: 10_000 }, (_, id) => ({
    id,
    name: `Customer ${id}`,
    mail: `customer-${id}@somewhere.example.com`,
    balance: id * 7.5,
    isOpen: id % 3 === 0,
  }))
  return { rows }
}

/** The longest time, in milliseconds, for which the event loop stood still while something was done. */
export async function longestStall(work: () => Promise<void>): Promise<number> {
  let longest = 0
  let last = performance.now()
  let isOver = false
  const look = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  await new Promise((resolve) => setImmediate(resolve))
  await work()
  await new Promise((resolve) => setImmediate(resolve))
  isOver = true
  return longest
}
