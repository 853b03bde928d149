import { applyBirth, discardBirth, writeBirth, type Birth } from './birth.js'
import type { Cell } from './cell.js'
import type { SpawnOptions } from './context.js'
import type { Definition } from './definition.js'
import { refuse } from './errors.js'
import type { Kernel } from './kernel.js'
import { checkName } from './path.js'
import { checkOpenName } from './redaction/redaction.js'
import { plainTerms } from './supervision/child-terms.js'
import { checkCorrelation, type TurnOp } from './turn-ops.js'
import type { TurnActs } from './turn-acts.js'

/** A child that starts when the turn ends. One object a child and no closures: turns spawn by the hundred thousand. */
export class SpawnOp implements TurnOp {
  readonly child: Cell
  readonly #kernel: Kernel
  readonly #correlation: number
  readonly #cause: number
  readonly #correlationName: string | undefined
  #birth: Birth | null = null

  constructor(turn: TurnActs, definition: Definition, name: string, options: SpawnOptions<unknown>) {
    const { kernel, cell } = turn
    checkName(name, 'spawn.name')
    checkOpenName(kernel.log, 'spawn.name', name, cell)
    if (options.correlation !== undefined) checkCorrelation(options.correlation)
    if (cell.durable) kernel.log.encode(options.args)
    this.#kernel = kernel
    this.#correlation = turn.correlation
    this.#cause = turn.position
    this.#correlationName = options.correlation
    const { restart = 'transient' } = options
    // A permanent child is one that its parent's definition names: what a turn starts may end.
    if (restart !== 'transient' && restart !== 'temporary')
      refuse('spawn.restart', restart, '"transient" or "temporary"', cell.path)
    this.child = kernel.newChild(
      cell,
      definition,
      name,
      options.args,
      plainTerms(restart, definition.kind === 'supervisor'),
    )
  }

  get round(): 0 {
    return 0
  }

  write(): void {
    this.#kernel.subjects?.bornInTurn(this.child)
    this.#birth = writeBirth(this.#kernel, this.child, this.#correlation, this.#cause, this.#correlationName)
  }

  apply(): void {
    applyBirth(this.#kernel, this.child, this.#birth!)
  }

  discard(): void {
    discardBirth(this.#kernel, this.child)
  }
}
