import { admit, askFromOutside } from './admission.js'
import type { Blueprint, HandlerEntry } from './blueprint.js'
import type { Cell } from './cell.js'
import { STOPPED, UNBORN } from './gate.js'
import type { AskOptions, TellOptions } from './context.js'
import { HoldfastError } from './errors.js'
import type { Kernel } from './kernel.js'
import { REF } from './ref.js'
import { KEY } from './supervision/partitions.js'

/** The runtime's ref: a path, the cell that lives there, and the message type that was sent last. */
export class Address {
  readonly #kernel: Kernel
  #path: string | null
  #cell: Cell | null
  #last: HandlerEntry | null = null

  /** Either the path or the cell is given; the path of a cell is made when somebody asks for it. */
  constructor(kernel: Kernel, path: string | null, cell: Cell | null) {
    this.#kernel = kernel
    this.#path = path
    this.#cell = cell
  }

  get path(): string {
    return (this.#path ??= this.#cell!.path)
  }

  get [REF](): string {
    return this.path
  }

  /** The cell that lives there now; one that ended gives way to a later one under the same path. */
  resolve(): Cell | null {
    const cell = this.#cell
    if (cell !== null && (cell.gate & STOPPED) === 0) return cell
    const found = this.#kernel.born(this.path)
    // A key leads to another partition when there are more of them, or fewer.
    if (isKeyed(this.path)) return found
    // A virtual actor that sleeps is nobody until it is reached.
    const isAsleep = found === null && this.#kernel.homeAt(this.path) !== null
    if (isAsleep || (found !== null && found !== cell)) {
      this.#cell = found
      this.#last = null
    }
    return this.#cell
  }

  /** The same for whoever sends from outside of any turn: a virtual actor that sleeps is woken. */
  reach(): Cell | null {
    const cell = this.#cell
    if (cell !== null && (cell.gate & STOPPED) === 0) return cell
    // Asked first, because the way to somebody who sleeps would be gone twice: once to find nobody.
    const found = this.#kernel.homeAt(this.path)
    if (found === null) return this.resolve()
    const awake = found.home.awake(found.key)
    this.#last = null
    return (this.#cell =
      awake !== undefined && (awake.gate & (STOPPED | UNBORN)) === 0
        ? awake
        : found.home.wake(found.key, 0, 0))
  }

  /** The entry of a message type at this actor. @throws {HoldfastError} `HF_UNKNOWN_MESSAGE` */
  entry(cell: Cell, type: string): HandlerEntry {
    const last = this.#last
    if (last !== null && last.type === type) return last
    return (this.#last = entryOf(cell, type))
  }

  tell(type: string, payload?: unknown, options?: TellOptions): void {
    const cell = this.reach()
    if (cell === null) this.#kernel.nobody(this.path, type)
    else admit(this.#kernel, cell, this.entry(cell, type), payload, options, null)
  }

  ask(type: string, payload?: unknown, options?: AskOptions): Promise<unknown> {
    return askFromOutside(this.#kernel, this, type, payload, options)
  }

  toJSON(): string {
    return this.path
  }
}

/** Whether a path ends in a key: who it leads to is asked anew each time. */
export function isKeyed(path: string): boolean {
  return path.lastIndexOf('/') === path.lastIndexOf(`/${KEY}`)
}

/** The entry of a message type. @throws {HoldfastError} `HF_UNKNOWN_MESSAGE` that names the known types */
export function entryOf(cell: Cell, type: string): HandlerEntry {
  const entry = cell.blueprint.entry(type)
  return entry !== undefined && !type.startsWith('$') ? entry : entryIn(cell.blueprint, cell.path, type)
}

/** The same for an actor that has no cell now. */
export function entryIn(blueprint: Blueprint, path: string, type: string): HandlerEntry {
  const entry = blueprint.entry(type)
  if (entry !== undefined && !type.startsWith('$')) return entry
  const known = blueprint.types()
  throw new HoldfastError('HF_UNKNOWN_MESSAGE', `${path} (${blueprint.name}) has no handler for "${type}".`, {
    actor: path,
    field: 'type',
    hint: known.length === 0 ? 'It handles no messages.' : `It handles: ${known.join(', ')}.`,
  })
}
