// Home
// ====
// Where virtual actors live. It knows the key of each, wakes one when something is sent to it, and lets those sleep that
// have been idle. What it knows of a sleeper is its id and how many turns its last snapshot has behind it: state, mailbox
// and path are made again from the log.
//
//   unknown --first message--> awake --idle, stopped or failed--> asleep --message--> awake
//
// Invariants
//   V1  A key has one id for good, and at most one cell at a time.
//   V2  Who sleeps has no mail: what reached it on its way to sleep wakes it again.
//   V3  Who waits, is watched, watches, has children or timers does not go to sleep for being idle.

import { applyBirth, discardBirth, writeBirth, type Birth } from '../birth.js'
import type { Blueprint } from '../blueprint.js'
import { Cell } from '../cell.js'
import { STOPPED, STOPPING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { checkOpenName } from '../redaction/redaction.js'
import { stopCell } from '../stopping.js'
import type { Timer } from '../authorities/authorities.js'
import { KnownActors } from './known-actors.js'

/** Looks within one idle time: an actor sleeps when it was idle at so many of them in a row. */
const LOOKS = 4

interface Look {
  turns: number
  /** Looks in a row at which it had done nothing since the one before. */
  idle: number
}

/** The virtual actors of one supervisor. */
export class Home {
  known = new KnownActors()
  readonly #kernel: Kernel
  readonly #cell: Cell
  /** What the last look saw of those who are awake: made anew by each, so that waking costs nothing for it. */
  #looks = new Map<Cell, Look>()
  #path: string | undefined
  #timer: Timer | null = null

  constructor(kernel: Kernel, cell: Cell) {
    this.#kernel = kernel
    this.#cell = cell
  }

  /** Whether somebody can be woken here. */
  get isOpen(): boolean {
    return (this.#cell.gate & (STOPPING | STOPPED)) === 0
  }

  /** Where the actor of a key lives. */
  pathOf(key: string): string {
    return `${(this.#path ??= this.#cell.path)}/${key}`
  }

  /** What each of them is made from. */
  get blueprint(): Blueprint {
    return this.#kernel.blueprints.of(this.#cell.blueprint.template!.definition)
  }

  /** The cell of a key, when it has one. */
  awake(key: string): Cell | undefined {
    return this.#awake.get(key)
  }

  /** A cell for a key, not yet born: known by its id when it has lived before. */
  cellOf(key: string): Cell {
    const template = this.#cell.blueprint.template!
    const known = this.known.get(key)
    if (known === 0) checkOpenName(this.#kernel.log, 'key', key, this.#cell)
    const cell = new Cell(
      known === 0 ? this.#kernel.nextId++ : known,
      key,
      this.#cell,
      this.blueprint,
      undefined,
      template,
      false,
    )
    // What it was stands in the log.
    cell.isDirty = known !== 0
    if (known !== 0) cell.turns = this.known.turnsOf(key)
    this.#kernel.adopt(cell)
    return cell
  }

  /** Wakes an actor at once, for what comes from outside of any turn. */
  wake(key: string, correlation: number, cause: number): Cell {
    const cell = this.cellOf(key)
    try {
      this.#kernel.subjects?.bornInTurn(cell)
    } catch (error) {
      discardBirth(this.#kernel, cell)
      throw error
    }
    applyBirth(this.#kernel, cell, this.write(cell, correlation, cause))
    return cell
  }

  /** Writes that a cell wakes. */
  write(cell: Cell, correlation: number, cause: number): Birth {
    return writeBirth(this.#kernel, cell, correlation, cause)
  }

  /** A cell of this home lives: it is known from now on, and looked at. */
  onBorn(cell: Cell): void {
    this.known.add(cell.name, cell.id)
    if (this.#timer === null) this.#lookLater()
  }

  /** A cell of this home has gone to sleep. */
  onAsleep(cell: Cell): void {
    this.#looks.delete(cell)
    const isWhole = !cell.isDirty && cell.weight === 0 && cell.snapshotBytes < Number.MAX_SAFE_INTEGER
    this.known.sleeps(cell.name, isWhole ? cell.turns : 0)
    if (this.#awake.size > 0) return
    this.#timer?.cancel()
    this.#timer = null
  }

  get #awake(): ReadonlyMap<string, Cell> {
    return this.#kernel.supervisionOf(this.#cell).children
  }

  #lookLater(): void {
    const { idleMs } = this.#cell.blueprint
    this.#timer = this.#kernel.authorities.timer(Math.max(1, Math.ceil(idleMs! / LOOKS)), () => {
      this.#timer = null
      this.#look()
      if (this.#awake.size > 0 && this.#timer === null) this.#lookLater()
    })
  }

  #look(): void {
    const before = this.#looks
    this.#looks = new Map()
    for (const cell of this.#awake.values()) {
      const look = before.get(cell)
      const isIdle = look !== undefined && look.turns === cell.turns && maySleep(cell)
      const idle = isIdle ? look.idle + 1 : 0
      if (idle < LOOKS) this.#looks.set(cell, { turns: cell.turns, idle })
      else stopCell(this.#kernel, cell, 'passivated')
    }
    this.#kernel.dispatcher.wake()
  }
}

function maySleep({ gate, lifecycle, mailbox, supervision, rare }: Cell): boolean {
  if (gate !== 0 || lifecycle !== 'running') return false
  if ((mailbox?.size ?? 0) > 0 || (supervision?.children.size ?? 0) > 0) return false
  if (rare === null) return true
  const { watchers, watching, dependents, dependsOn, timers } = rare
  if (rare.stash !== null && rare.stash.length > 0) return false
  return [watchers, watching, dependents, dependsOn, timers].every((each) => (each?.size ?? 0) === 0)
}
