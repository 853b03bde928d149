import type { LogRecord } from '@holdfast/kernel'
import { RUNS_KEPT } from './limits.js'

/** The runs of records that were read last, to find messages in: most wait for their turn for less than that. */
export class RecentRuns {
  readonly #runs: (readonly LogRecord[])[] = []
  /** The one that was found in last: messages are handled about in the order in which they were sent. */
  #near: readonly LogRecord[] = []

  add(run: readonly LogRecord[]): void {
    if (run.length === 0) return
    this.#runs.push(run)
    if (this.#runs.length > RUNS_KEPT) this.#runs.shift()
  }

  /** The record at a position, if it is here. */
  at(position: number): LogRecord | undefined {
    if (!spans(this.#near, position)) {
      const near = this.#runs.findLast((run) => spans(run, position))
      if (near === undefined) return undefined
      this.#near = near
    }
    return recordIn(this.#near, position)
  }
}

function spans(run: readonly LogRecord[], position: number): boolean {
  return run.length > 0 && position >= run[0]!.position && position <= run[run.length - 1]!.position
}

// The runs of a journal have no gaps, so that a record nearly always is where it must be.
function recordIn(run: readonly LogRecord[], position: number): LogRecord | undefined {
  const nth = position - run[0]!.position
  if (nth < run.length && run[nth]!.position === position) return run[nth]
  let low = 0
  let high = run.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (run[middle]!.position < position) low = middle + 1
    else high = middle
  }
  return run[low]?.position === position ? run[low] : undefined
}
