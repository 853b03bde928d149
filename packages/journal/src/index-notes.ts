// Index notes
// ===========
// Which actors and correlations a batch concerns, noted while it is written: each actor once, and of the correlations
// those that began in an earlier batch, because the others are found by their own position. A correlation is noted
// with the block of records that it stands in, so that nobody reads a whole batch for one record of it.
//
//   correlations:  2 * c              the correlation c stands in the present block; the first block is number 0
//                  (last) + 2 * n - 1  an odd number, n blocks further on than the number before it
//
// Invariants
//   N1  The notes follow from the records alone, so that whoever reads the batch can make them again.
//   N2  `rewind` leaves them as they were at `mark`.

import { OFFSET_EVERY } from './limits.js'

/** Places to remember an actor in, a power of two: most records concern an actor that was noted before. */
const ACTORS_REMEMBERED = 1_024
const NOBODY = -1
const NOBODY_YET: readonly number[] = new Array<number>(ACTORS_REMEMBERED).fill(NOBODY)

/** What the index must know of one batch. */
export class IndexNotes {
  readonly actors: number[] = []
  readonly correlations: number[] = []
  readonly #seen = new Set<number>()
  /** Spares most look-ups in `#seen`: an actor that stands in its place is in there. */
  readonly #remembered = NOBODY_YET.slice()
  #records = 0
  #blockEnd = OFFSET_EVERY
  #last = 0
  #markActors = 0
  #markCorrelations = 0
  #markRecords = 0
  #markBlockEnd = OFFSET_EVERY
  #markLast = 0

  /** Notes the next record. */
  add(actor: number, correlation: number, first: number): void {
    const record = this.#records++
    if (this.#remembered[actor & (ACTORS_REMEMBERED - 1)] !== actor) this.#noteActor(actor)
    if (correlation >= first || correlation === 0) return
    if (record >= this.#blockEnd) this.#openBlock(record)
    if (this.#last === 2 * correlation) return
    this.#last = 2 * correlation
    this.correlations.push(this.#last)
  }

  mark(): void {
    this.#markActors = this.actors.length
    this.#markCorrelations = this.correlations.length
    this.#markRecords = this.#records
    this.#markBlockEnd = this.#blockEnd
    this.#markLast = this.#last
  }

  rewind(): void {
    for (let i = this.#markActors; i < this.actors.length; i++) {
      const actor = this.actors[i]!
      this.#seen.delete(actor)
      this.#remembered[actor & (ACTORS_REMEMBERED - 1)] = NOBODY
    }
    this.actors.length = this.#markActors
    this.correlations.length = this.#markCorrelations
    this.#records = this.#markRecords
    this.#blockEnd = this.#markBlockEnd
    this.#last = this.#markLast
  }

  #noteActor(actor: number): void {
    this.#remembered[actor & (ACTORS_REMEMBERED - 1)] = actor
    if (this.#seen.has(actor)) return
    this.#seen.add(actor)
    this.actors.push(actor)
  }

  // What was noted in an earlier block is noted again in this one.
  #openBlock(record: number): void {
    const blocks = Math.floor((record - this.#blockEnd) / OFFSET_EVERY) + 1
    this.#blockEnd += blocks * OFFSET_EVERY
    this.#last = (this.correlations.at(-1) ?? 0) + 2 * blocks - 1
    this.correlations.push(this.#last)
  }
}

/** Gives every noted correlation to `visit`, with the number of its block, in the order of the records. */
export function forEachCorrelation(
  correlations: readonly number[],
  visit: (correlation: number, block: number) => void,
): void {
  let block = 0
  let last = 0
  for (let i = 0; i < correlations.length; i++) {
    const noted = correlations[i]!
    if ((noted & 1) === 0) visit(noted / 2, block)
    else block += (noted - last + 1) / 2
    last = noted
  }
}
