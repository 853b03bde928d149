import type { DataRecord, RecordData } from '@holdfast/kernel'
import type { Evidence } from './evidence.js'

/** Who the actors of a log are, looked up when somebody asks. */
export class Paths {
  readonly #evidence: Evidence
  /** Births that were come across, and not decoded. */
  readonly #seen = new Map<number, DataRecord<'spawned'>>()
  readonly #born = new Map<number, RecordData['spawned'] | undefined>()
  readonly #paths = new Map<number, string>()

  constructor(evidence: Evidence) {
    this.#evidence = evidence
  }

  /** The birth of an actor, or `undefined` when the log has none. */
  born(id: number): RecordData['spawned'] | undefined {
    if (!this.#born.has(id)) this.#born.set(id, this.#seen.get(id)?.data() ?? this.#find(id))
    return this.#born.get(id)
  }

  /** Whether the log tells who an actor is. */
  isKnown(id: number): boolean {
    return this.born(id) !== undefined
  }

  /** The path of an actor that was asked for before. */
  known(id: number): string | undefined {
    return this.#paths.get(id)
  }

  /** The path of an actor. */
  of(id: number): string {
    const known = this.#paths.get(id)
    if (known !== undefined) return known
    const born = this.born(id)
    const path =
      born === undefined ? `#${id}` : `${born.parent === 0 ? '' : this.of(born.parent)}/${born.name}`
    this.#paths.set(id, path)
    return path
  }

  /** The path of an actor's parent; the root's is its own. */
  parentOf(id: number): string {
    const born = this.born(id)
    return born === undefined || born.parent === 0 ? this.of(id) : this.of(born.parent)
  }

  /** A child by its name, if its birth stands near that of its parent. */
  childOf(parent: number, name: string): number | undefined {
    this.born(parent)
    for (const [id, record] of this.#seen) {
      const data = record.data()
      if (data.parent === parent && data.name === name) return id
    }
    return undefined
  }

  // Actors are often born together: those that stand beside the one that is looked for are noted as well.
  #find(id: number): RecordData['spawned'] | undefined {
    for (const run of this.#evidence.readTogether([id], 1, this.#evidence.next - 1)) {
      for (const record of run)
        if (record.kind === 'spawned' && !this.#seen.has(record.actor)) this.#seen.set(record.actor, record)
      const found = this.#seen.get(id)
      if (found !== undefined) return found.data()
    }
    return undefined
  }
}
