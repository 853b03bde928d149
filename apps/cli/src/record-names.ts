// Records name actors and correlations by numbers. Here the numbers become paths and names: looked up one by one as
// long as there are few, and in one pass over the log when there turn out to be many.

import type { Journal } from '@holdfast/journal'
import type { LogRecord } from '@holdfast/kernel'

/** What names are looked up in: a journal, or the evidence of an incident. */
type Named = Pick<Journal, 'correlationName'> & {
  read(from: number): Iterable<LogRecord>
  readActor(actor: number, from: number): Iterable<LogRecord>
}

interface Known {
  readonly name: string
  readonly parent: number
  readonly durable: boolean
}

/** Look-ups after which one pass over the whole log is cheaper. */
const LOOKUPS_MAX = 256

/** Records of an actor in which its birth is looked for: it is the first, unless the first ones were deleted. */
const BIRTH_WITHIN = 4

/** Names of correlations that are kept; a look-up costs about as much as a record. */
const CORRELATIONS_KEPT = 65_536

/** Who the actors of a log are, and what its correlations are called. */
export class RecordNames {
  readonly #journal: Named
  readonly #actors = new Map<number, Known | null>()
  readonly #correlations = new Map<number, string>()
  #lookups = 0

  constructor(journal: Named) {
    this.#journal = journal
  }

  /** The path of an actor; the outside is "outside", and one of which the log knows no birth goes by its number. */
  path(id: number): string {
    if (id === 0) return 'outside'
    const steps: string[] = []
    for (let at = id; at !== 0;) {
      const known = this.#known(at)
      steps.push(known?.name ?? `#${at}`)
      at = known?.parent ?? 0
    }
    return `/${steps.reverse().join('/')}`
  }

  /** Whether what an actor does is recorded. */
  isDurable(id: number): boolean {
    return this.#known(id)?.durable ?? false
  }

  /** The actors that live or lived at a path. */
  idsAt(path: string): readonly number[] {
    this.#readAll()
    return [...this.#actors.keys()].filter((id) => this.path(id) === path)
  }

  /** All paths that ever were, each once. */
  paths(): readonly string[] {
    this.#readAll()
    return [...new Set([...this.#actors.keys()].map((id) => this.path(id)))]
  }

  /** What a correlation is called: the name that it was given, else its position. */
  correlation(id: number): string {
    let name = this.#correlations.get(id)
    if (name !== undefined) return name
    name = this.#journal.correlationName(id)
    if (this.#correlations.size >= CORRELATIONS_KEPT) this.#correlations.clear()
    this.#correlations.set(id, name)
    return name
  }

  /** Notes what a record says of a birth, so that nobody has to look for it. */
  note(record: LogRecord): void {
    if (record.kind !== 'spawned') return
    const { name, parent, durable = true } = record.data()
    this.#actors.set(record.actor, { name, parent, durable })
  }

  #known(id: number): Known | null {
    const known = this.#actors.get(id)
    if (known !== undefined) return known
    if (this.#lookups++ === LOOKUPS_MAX) this.#readAll()
    else this.#lookFor(id)
    const found = this.#actors.get(id) ?? null
    this.#actors.set(id, found)
    return found
  }

  #lookFor(id: number): void {
    let read = 0
    for (const record of this.#journal.readActor(id, 0)) {
      this.note(record)
      if (record.kind === 'spawned' || ++read === BIRTH_WITHIN) return
    }
  }

  #readAll(): void {
    this.#lookups = LOOKUPS_MAX + 1
    for (const record of this.#journal.read(1)) this.note(record)
  }
}
