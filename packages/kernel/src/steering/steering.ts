// Steering
// ========
// What an operator does to a running system. A command is refused at once, with nothing done, or it stands in the log
// with who gave it and why, and the promise resolves when that is on stable storage.
//
// Invariants
//   C1  A command begins when no turn is under way and nothing is half written.
//   C2  Its record stands before anything that it brings about.
//   C3  A command that finds things as it wants them is no error, and is recorded as well.

import type { Cell } from '../cell.js'
import { durable } from '../durable.js'
import { HoldfastError, refuse } from '../errors.js'
import { STOPPED, STOPPING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { STEER_TEXT_MAX } from '../limits.js'
import type { SteerCommand } from '../records.js'
import { nobodyToSteer, steeredInsideTurn, systemStopping } from '../refusals.js'
import { pause, resume } from './pause.js'

/** Who gives a command, and why. */
export interface SteerOptions {
  /** Who gives it: a person, a program, a policy. */
  readonly by: string
  readonly reason?: string
}

/** The commands of an operator. Each resolves when it is on stable storage. */
export class Steering {
  readonly #kernel: Kernel

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /**
   * Has an actor take no further message until `resume`; a turn in hand ends. What it is sent waits under the bound of
   * its mailbox. It stays paused over a restart of its own and of the process.
   *
   * @throws {HoldfastError} `HF_INVALID`, `HF_NO_SUCH_ACTOR`, `HF_ACTOR_STOPPED`, `HF_SYSTEM_STOPPED`
   * @example await system.steer.pause('/bank/reserve', { by: 'ana', reason: 'looks wrong' })
   */
  pause(path: string, options: SteerOptions): Promise<void> {
    return this.#steer('pause', path, options, (cell) => {
      if (cell.blueprint.isSupervisor)
        refuse('path', path, 'an actor, because a supervisor takes no messages anyway', path)
      return () => {
        pause(cell)
      }
    })
  }

  /**
   * Has a paused actor take messages again, in the order in which they came.
   *
   * @throws {HoldfastError} `HF_INVALID`, `HF_NO_SUCH_ACTOR`, `HF_ACTOR_STOPPED`, `HF_SYSTEM_STOPPED`
   */
  resume(path: string, options: SteerOptions): Promise<void> {
    return this.#steer('resume', path, options, (cell) => () => {
      resume(this.#kernel, cell)
    })
  }

  // `check` refuses, or gives back what is to be done once the record stands.
  async #steer(
    command: SteerCommand,
    path: string,
    options: SteerOptions,
    check: (cell: Cell) => () => void,
  ): Promise<void> {
    const given = await this.#begin(command, options)
    const cell = this.#living(path)
    const act = check(cell)
    this.#record(command, cell, given)
    act()
    await durable(this.#kernel)
  }

  // C1: a listener may steer in the middle of what it is told of, so a command waits until that is over.
  async #begin(command: SteerCommand, options: SteerOptions): Promise<SteerOptions> {
    const kernel = this.#kernel
    const given = checked(options)
    if (kernel.turn !== null) throw steeredInsideTurn(kernel.turn.cell, command)
    await Promise.resolve()
    if (kernel.isHalting) throw systemStopping()
    return given
  }

  #living(path: string): Cell {
    const cell = this.#kernel.born(path)
    if (cell === null) throw nobodyToSteer(path)
    if ((cell.gate & (STOPPED | STOPPING)) === 0) return cell
    throw new HoldfastError('HF_ACTOR_STOPPED', `${path} has ended, or is about to.`, {
      actor: path,
      field: 'path',
    })
  }

  #record(command: SteerCommand, cell: Cell, { by, reason }: SteerOptions): void {
    const kernel = this.#kernel
    const said = reason === undefined ? { command, by } : { command, by, reason }
    // Of what a volatile actor spawned the log knows nothing but the path.
    if (kernel.isRecorded(cell)) kernel.log.record('steered', cell.id, 0, 0, said)
    else kernel.log.record('steered', 0, 0, 0, { ...said, to: cell.path })
    if (kernel.events.has('steered'))
      kernel.events.emit('steered', { actor: cell.path, command, by, reason: reason ?? '', message: 0 })
  }
}

function checked(options: SteerOptions): SteerOptions {
  const { by, reason } = (options ?? {}) as Partial<Record<keyof SteerOptions, unknown>>
  const wants = `a text of 1 to ${STEER_TEXT_MAX} characters`
  if (!isText(by) || by.trim() === '') refuse('by', by, wants)
  if (reason !== undefined && !isText(reason)) refuse('reason', reason, wants)
  return reason === undefined ? { by } : { by, reason }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= STEER_TEXT_MAX
}
