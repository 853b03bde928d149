// Which actors and correlations a batch concerns, noted while it is written: once per actor and batch, and only those
// correlations that began in an earlier batch, because the others are found by their own position.

/** What the index must know of one batch. */
export class IndexNotes {
  readonly actors: number[] = []
  readonly correlations: number[] = []
  readonly #seen = new Set<number>()
  #lastActor = -1
  #lastCorrelation = -1
  #markActors = 0
  #markCorrelations = 0

  add(actor: number, correlation: number, first: number): void {
    if (actor !== this.#lastActor) {
      this.#lastActor = actor
      if (!this.#seen.has(actor)) {
        this.#seen.add(actor)
        this.actors.push(actor)
      }
    }
    if (correlation >= first || correlation === 0 || correlation === this.#lastCorrelation) return
    this.#lastCorrelation = correlation
    this.correlations.push(correlation)
  }

  mark(): void {
    this.#markActors = this.actors.length
    this.#markCorrelations = this.correlations.length
  }

  rewind(): void {
    for (let i = this.#markActors; i < this.actors.length; i++) this.#seen.delete(this.actors[i]!)
    this.actors.length = this.#markActors
    this.correlations.length = this.#markCorrelations
    this.#lastActor = -1
    this.#lastCorrelation = -1
  }
}
