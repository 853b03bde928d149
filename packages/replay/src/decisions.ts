// Decisions
// =========
// Holds what supervisors decided about failures against what the code says now: which directive, and whom a restart
// concerns. It follows from the policies of the code and the failure as the log keeps it; nobody is restarted for it.
//
// Invariant: a difference is only said when it is sure. Whether a sibling was up at that moment is looked for in the log,
// and one of which the log does not say so is passed over.

import {
  directiveOf,
  type Blueprint,
  type Blueprints,
  type DataRecord,
  type Directive,
  type RecordData,
} from '@holdfast/kernel'
import type { Difference } from './compare.js'
import type { Evidence } from './evidence.js'
import type { Paths } from './paths.js'

/** What was decided, for humans. */
interface Verdict {
  readonly directive: Directive
  readonly affected: readonly string[]
}

/** Compares decisions with the code that is replayed. */
export class Decisions {
  readonly #evidence: Evidence
  readonly #paths: Paths
  readonly #blueprints: Blueprints

  constructor(evidence: Evidence, paths: Paths, blueprints: Blueprints) {
    this.#evidence = evidence
    this.#paths = paths
    this.#blueprints = blueprints
  }

  /** How the code decides otherwise, if it does. */
  compare(record: DataRecord<'directive'>): Difference | undefined {
    const born = this.#paths.born(record.actor)
    const own = this.#blueprint(born)
    // An actor that the code does not know is told of with its turns.
    if (born === undefined || own === undefined) return undefined
    const above = this.#blueprint(this.#paths.born(born.parent))
    const { directive, affected } = record.data()
    const replayed = this.#directive(record, born, own, above)
    if (replayed === undefined) return undefined
    if (replayed !== directive) return decided({ directive, affected }, { directive: replayed, affected: [] })
    if (directive !== 'restart') return undefined
    const now = this.#affected(record, born, above, affected)
    return now === undefined ? undefined : decided({ directive, affected }, { directive, affected: now })
  }

  #blueprint(born: RecordData['spawned'] | undefined): Blueprint | undefined {
    if (born === undefined || !this.#blueprints.has(born.definition)) return undefined
    return this.#blueprints.named(born.definition, born.name)
  }

  #directive(
    record: DataRecord<'directive'>,
    born: RecordData['spawned'],
    own: Blueprint,
    above: Blueprint | undefined,
  ): Directive | undefined {
    const { context, reason, directive } = record.data()
    // One that was started by hand is stopped when it does not come up, whatever its policy says.
    if (context === 'start' && directive === 'stop') return undefined
    const isDecisionFailed = reason.code === 'HF_DECISION_FAILED'
    const spec = born.fixed === true ? above?.childSpec(born.name) : above?.template
    const restart = (spec ?? born.terms)?.restart ?? (born.restart as 'transient' | undefined) ?? 'transient'
    try {
      const replayed = directiveOf(own, above, restart, reason, context)
      // The failure that it was about is not in the record of a decision that failed.
      return isDecisionFailed ? undefined : replayed
    } catch {
      return isDecisionFailed ? undefined : 'escalate'
    }
  }

  // Whom a restart concerns now; nothing when that is not surely somebody else.
  #affected(
    record: DataRecord<'directive'>,
    born: RecordData['spawned'],
    above: Blueprint | undefined,
    recorded: readonly string[],
  ): readonly string[] | undefined {
    if (born.fixed !== true || above === undefined) return undefined
    const order = above.children.map((spec) => spec.id)
    const index = order.indexOf(born.name)
    // Children that were added by hand have their places among those of the spec, and the code does not know which.
    if (index === -1 || recorded.some((name) => !order.includes(name))) return undefined
    const range = order.slice(...above.strategy.affected(order.length, index))
    const tooMany = recorded.filter((name) => !range.includes(name))
    const others = range.filter((name) => !recorded.includes(name))
    const isSure = others.length > 0 && this.#wasCarriedOut(record)
    const missing = others.filter((name) => isSure && this.#wasUp(born.parent, name, record.position))
    if (tooMany.length === 0 && missing.length === 0) return undefined
    return order.filter(
      (name) => missing.includes(name) || (recorded.includes(name) && !tooMany.includes(name)),
    )
  }

  // A system that stops takes its children down without a word in the log, and restarts nobody any more.
  #wasCarriedOut({ actor, position }: DataRecord<'directive'>): boolean {
    for (const record of this.#evidence.readActor(actor, position + 1)) {
      if (record.position <= position) continue
      if (record.kind === 'restarted') return !this.#isReopened(position, record.position)
      if (record.kind === 'directive' || record.kind === 'stopped') return false
      if (record.kind === 'message' && record.type === '$start') return false
    }
    return false
  }

  // The next run starts whoever the stop had taken down, and that is no answer to the failure any more.
  #isReopened(from: number, below: number): boolean {
    for (const { kind } of this.#evidence.read(from, below)) if (kind === 'opened') return true
    return false
  }

  #wasUp(parent: number, name: string, before: number): boolean {
    const id = this.#paths.childOf(parent, name)
    if (id === undefined) return false
    let isUp = false
    for (const record of this.#evidence.readActor(id, 0)) {
      if (record.position >= before) break
      if (record.kind === 'spawned' || record.kind === 'restarted') isUp = true
      else if (record.kind === 'stopped' || record.kind === 'quarantined') isUp = false
    }
    return isUp
  }
}

function decided(recorded: Verdict, replayed: Verdict): Difference {
  const what =
    recorded.directive === replayed.directive
      ? `the restart concerns ${listed(replayed.affected)} instead of ${listed(recorded.affected)}`
      : `it is told to ${replayed.directive} instead of ${recorded.directive}`
  return { kind: 'decision', subject: 'directive', recorded, replayed, what }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nobody' : names.join(', ')
}
