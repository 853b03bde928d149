// Unrecorded
// ==========
// Other code may ask for what the record does not hold. What it is given then is the user's choice: nothing, so that the
// turn fails; what a turn like it was given; what the user says; or the real thing, a few times. Each time is noted,
// because an answer that was made up proves less than one that was recorded.

import { revivedError, type RecordedResult } from '@holdfast/kernel'
import type { Evidence } from './evidence.js'
import type { Paths } from './paths.js'
import type { Supplied } from './report.js'
import type { Slice } from './slice.js'
import { runLive } from './traps/live.js'
import { outside } from './traps/scope.js'

/** What a handler wants that the record does not hold. */
export interface Wanted {
  readonly kind: 'effect' | 'ask'
  /** Path of the actor that wants it. */
  readonly actor: string
  /** Name of the effect, or path and type of the question: `/bank/ledger take`. */
  readonly what: string
  /** What was asked; nothing for an effect. */
  readonly payload: unknown
}

/** What stands in for results that the record does not hold. */
export type UnrecordedRule =
  /** Nothing: the turn fails. */
  | 'fail'
  /** The recorded result of the same effect, or the same question, that stands nearest in the log. */
  | 'nearest'
  /** What the function returns. It is given to the handler as the result. */
  | ((wanted: Wanted) => unknown)
  /** The real effect, so many times in all; then the turn fails. A question is never asked for real. */
  | { readonly live: number }

/** Supplies what was not recorded, by one rule. */
export class Unrecorded {
  readonly supplied: Supplied[] = []
  /** By turn and by what was wanted in it: who goes through a turn once more is given the same again. */
  readonly #given = new Map<string, Promise<unknown> | undefined>()
  #turn = 0
  #wanted = new Map<string, number>()
  readonly #rule: UnrecordedRule
  readonly #evidence: Evidence
  readonly #paths: Paths
  readonly #slice: Slice
  #left: number
  #known: Map<string, RecordedResult[]> | null = null

  constructor(rule: UnrecordedRule, evidence: Evidence, paths: Paths, slice: Slice) {
    this.#rule = rule
    this.#evidence = evidence
    this.#paths = paths
    this.#slice = slice
    this.#left = typeof rule === 'object' ? rule.live : 0
  }

  /** A turn begins, which ends at a position. */
  begin(position: number): void {
    this.#turn = position
    if (this.#wanted.size > 0) this.#wanted = new Map()
  }

  /** What stands in for a result of the turn; nothing when the rule has nothing. */
  supply(wanted: Wanted, run: ((signal: AbortSignal) => unknown) | undefined): Promise<unknown> | undefined {
    const nth = (this.#wanted.get(wanted.what) ?? 0) + 1
    this.#wanted.set(wanted.what, nth)
    const key = `${this.#turn} ${nth} ${wanted.what}`
    if (!this.#given.has(key)) this.#given.set(key, this.#byRule(this.#turn, wanted, run))
    return this.#given.get(key)
  }

  #byRule(
    position: number,
    wanted: Wanted,
    run: ((signal: AbortSignal) => unknown) | undefined,
  ): Promise<unknown> | undefined {
    const rule = this.#rule
    if (rule === 'fail') return undefined
    if (rule === 'nearest') return this.#nearest(position, wanted)
    if (typeof rule === 'function') {
      this.#note(position, wanted, 'given')
      return this.#stored(() => outside(() => rule(wanted)))
    }
    if (run === undefined || this.#left === 0) return undefined
    this.#left--
    this.#note(position, wanted, 'live')
    return this.#stored(() => outside(() => runLive(() => run(NEVER.signal))))
  }

  #nearest(position: number, wanted: Wanted): Promise<unknown> | undefined {
    const known = (this.#known ??= this.#results()).get(wanted.what) ?? []
    const distance = (result: RecordedResult): number => Math.abs(result.position - position)
    const nearest = known.reduce<RecordedResult | undefined>(
      (best, each) => (best === undefined || distance(each) < distance(best) ? each : best),
      undefined,
    )
    if (nearest === undefined) return undefined
    this.#note(position, wanted, 'nearest', nearest.position)
    if (nearest.ok) return this.#stored(() => nearest.value)
    return Promise.reject(revivedError(nearest.error!))
  }

  // As it would be in a turn that runs for the first time: the handler sees what would be recorded.
  async #stored(make: () => unknown): Promise<unknown> {
    return this.#evidence.encode(await make()).copy
  }

  #results(): Map<string, RecordedResult[]> {
    const known = new Map<string, RecordedResult[]>()
    for (const { rerun } of this.#slice.steps()) {
      for (const result of rerun?.results ?? []) {
        const what = result.kind === 'effect' ? result.name : this.#asked(rerun!.asked.get(result.index))
        if (what !== undefined) known.set(what, [...(known.get(what) ?? []), result])
      }
    }
    return known
  }

  #asked(position: number | undefined): string | undefined {
    const message = position === undefined ? undefined : this.#evidence.messageAt(position)
    return message === undefined ? undefined : `${this.#paths.of(message.actor)} ${message.type}`
  }

  #note(position: number, { actor, what }: Wanted, by: Supplied['by'], from?: number): void {
    this.supplied.push({ position, actor, what, by, ...(from === undefined ? {} : { from }) })
  }
}

const NEVER = new AbortController()
