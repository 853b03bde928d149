// Trace
// =====
// Hooks that hear of each turn of one actor. While there are any, its turns are of a class that tells of its end; the
// turns of everybody else are what they always were, and nobody asks whether they are traced.
//
// Boundary: what runs turns knows of this class by its type only, because it extends theirs.

import type { Cell } from '../cell.js'
import { refuse } from '../errors.js'
import { STOPPING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { nobodyToSteer, steeredInsideTurn } from '../refusals.js'
import { LiveTurn } from '../turn.js'

/** A turn that has ended, as a trace hook hears of it. */
export interface TracedMessage {
  /** Path of the actor. */
  readonly actor: string
  /** Type of the message; hooks are `$start` and `$stop`. */
  readonly type: string
  /** Position of the message, 0 when the log does not hold it. */
  readonly position: number
  /** Its correlation, empty when it has none. */
  readonly correlationId: string
  readonly attempt: number
  readonly outcome: 'done' | 'failed'
}

/** Hears of each turn of one actor, soon after it has ended. */
export type TraceHook = (message: TracedMessage) => void

interface Installed {
  readonly hook: TraceHook
}

/** The trace hooks of one actor. They belong to the actor, whatever its incarnation. */
export class Trace {
  readonly #kernel: Kernel
  readonly #cell: Cell
  #installed: readonly Installed[] = []
  #ended: {
    readonly turn: Omit<TracedMessage, 'correlationId'>
    correlation: number
    to: readonly Installed[]
  }[] = []

  constructor(kernel: Kernel, cell: Cell) {
    this.#kernel = kernel
    this.#cell = cell
  }

  get isEmpty(): boolean {
    return this.#installed.length === 0
  }

  add(each: Installed): void {
    this.#installed = [...this.#installed, each]
  }

  remove(each: Installed): void {
    this.#installed = this.#installed.filter((other) => other !== each)
  }

  /** A turn that is traced. */
  newTurn(): LiveTurn {
    return new TracedTurn(this.#kernel, this.#cell, this)
  }

  /** Notes the end of a turn. The hooks hear of it when nothing is under way any more, because they may do anything. */
  note({ entry, position, correlation, attempt }: LiveTurn, outcome: TracedMessage['outcome']): void {
    const turn = { actor: this.#cell.path, type: entry.type, position, attempt, outcome }
    this.#ended.push({ turn, correlation, to: this.#installed })
    if (this.#ended.length > 1) return
    this.#kernel.authorities.defer(() => {
      this.#tell()
    })
  }

  #tell(): void {
    const ended = this.#ended
    this.#ended = []
    for (const { turn, correlation, to } of ended) {
      const message = { ...turn, correlationId: this.#kernel.log.correlationName(correlation) }
      for (const each of to) if (this.#installed.includes(each)) this.#call(each, message)
    }
  }

  #call({ hook }: Installed, message: TracedMessage): void {
    try {
      hook(message)
    } catch (error) {
      this.#kernel.warn(message.actor, 'A trace hook threw.', error)
    }
  }
}

/** Installs a hook. @returns the way to remove it */
export function trace(kernel: Kernel, path: string, hook: TraceHook): () => void {
  if (typeof hook !== 'function') refuse('hook', hook, 'a function', path)
  if (kernel.turn !== null) throw steeredInsideTurn(kernel.turn.cell, 'trace')
  const cell = kernel.born(path)
  if (cell === null) throw nobodyToSteer(path)
  const rare = cell.extra()
  const hooks = (rare.trace ??= new Trace(kernel, cell))
  const installed = { hook }
  hooks.add(installed)
  renew(cell)
  return () => {
    hooks.remove(installed)
    if (!hooks.isEmpty || rare.trace !== hooks) return
    rare.trace = null
    renew(cell)
  }
}

// A turn at rest gives way to one of the right class; one that waits does so when it ends.
function renew(cell: Cell): void {
  if (cell.turn?.isOpen === false) cell.turn = null
}

class TracedTurn extends LiveTurn {
  readonly #trace: Trace
  #turnsBefore = 0
  #isAbandoned = false

  constructor(kernel: Kernel, cell: Cell, hooks: Trace) {
    super(kernel, cell)
    this.#trace = hooks
  }

  override open(): void {
    this.#turnsBefore = this.cell.turns
    super.open()
  }

  override close(): void {
    if (this.isOpen) this.#note()
    super.close()
    // The last hook was removed while it ran.
    if (this.#trace.isEmpty && this.cell.turn === this) this.cell.turn = null
  }

  override abandon(): void {
    this.#isAbandoned = true
    super.abandon()
  }

  // A turn that ends well is counted before it is closed. One that is given up without
  // a failure will be tried again.
  #note(): void {
    const { cell, kernel } = this
    if (cell.turns > this.#turnsBefore) this.#trace.note(this, 'done')
    else if (!this.#isAbandoned || ((cell.gate & STOPPING) !== 0 && !kernel.isHalting))
      this.#trace.note(this, 'failed')
  }
}
