// What a benchmark is.

/** What a benchmark wants to reach: a figure, or so many times what a contender measured in the same run. */
type Target = { readonly value: number } | { readonly times: number; readonly of: string }

interface Excess {
  readonly over: string
  /** What both of them measured; per cent is what comes of it. */
  readonly unit: string
}

/** One row of the table: what is measured, by whom, and what it should come to. */
export interface Benchmark {
  readonly name: string
  /** One sentence for the page: what exactly the figure counts. */
  readonly measures: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly target: Target
  /** The contender whose figure is the value. `<name>-<contender>.ts` in `contenders/` measures it. */
  readonly ours: string
  /** The contenders beside it in the same run, each with its own file. */
  readonly against: readonly string[]
  /** The value is by how many per cent what `ours` measured exceeds what another contender measured in the same round. */
  readonly excess?: Excess
  /** It waits for stable storage, so it means nothing on a file system that lives in memory. */
  readonly isDurable?: boolean
}
