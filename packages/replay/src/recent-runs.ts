import type { LogRecord, MessageRecord } from '@holdfast/kernel'
import { RUNS_KEPT } from './limits.js'

/** One run of records, and how many of its messages have not been taken. */
interface Run {
  readonly records: readonly LogRecord[]
  readonly first: number
  readonly last: number
  waiting: number
}

/**
 * The runs of records in which messages wait for their turns. A run is forgotten when none waits in it, or when there
 * are too many: then what is still wanted is read from the log.
 */
export class RecentRuns {
  #runs: Run[] = []
  /** The one that was found in last: messages are handled about in the order in which they were sent. */
  #near: Run | null = null
  #newest: Run | null = null

  add(records: readonly LogRecord[]): void {
    if (records.length === 0) return
    const { position: first } = records[0]!
    const run = { records, first, last: records[records.length - 1]!.position, waiting: 0 }
    this.#runs = this.#runs.filter(({ waiting }) => waiting > 0)
    if (this.#runs.length >= RUNS_KEPT) this.#runs.shift()
    this.#runs.push(run)
    this.#newest = run
  }

  /** A message of the newest run waits for its turn. */
  waits(): void {
    this.#newest!.waiting++
  }

  /** The message at a position, if it is here. It is asked for once. */
  take(position: number): MessageRecord | undefined {
    let run = this.#near
    if (run === null || position < run.first || position > run.last) {
      run = this.#runs.findLast(({ first, last }) => position >= first && position <= last) ?? null
      if (run === null) return undefined
      this.#near = run
    }
    run.waiting--
    const found = recordIn(run, position)
    return found?.kind === 'message' ? found : undefined
  }
}

// The runs of a journal have no gaps, so that a record nearly always is where it must be.
function recordIn({ records, first }: Run, position: number): LogRecord | undefined {
  const nth = position - first
  if (nth < records.length && records[nth]!.position === position) return records[nth]
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (records[middle]!.position < position) low = middle + 1
    else high = middle
  }
  return records[low]?.position === position ? records[low] : undefined
}
