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
import { refuse } from '../errors.js'
import { STOPPED, STOPPING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import type { SteerCommand } from '../records.js'
import {
  divergedToRelease,
  endedToSteer,
  nobodyToSteer,
  steeredInsideTurn,
  systemStopping,
} from '../refusals.js'
import { announceCommand, checkedOptions, writeCommand, type SteerOptions } from './command.js'
import { drop, redrive } from './parking.js'
import { pause, resume } from './pause.js'
import { quarantine, release, writeQuarantine } from './quarantine.js'

interface Deed {
  /** Writes what belongs to the command that stands at `at`. */
  write?(at: number): void
  act(): void
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
      return {
        act: () => {
          pause(cell)
        },
      }
    })
  }

  /**
   * Has a paused actor take messages again, in the order in which they came.
   *
   * @throws {HoldfastError} `HF_INVALID`, `HF_NO_SUCH_ACTOR`, `HF_ACTOR_STOPPED`, `HF_SYSTEM_STOPPED`
   */
  resume(path: string, options: SteerOptions): Promise<void> {
    return this.#steer('resume', path, options, (cell) => ({
      act: () => {
        resume(this.#kernel, cell)
      },
    }))
  }

  /**
   * Holds an actor, or a supervisor with all below it, between two lives, on its last good state, until `release`. What
   * it is sent waits under the bound of its mailbox. A turn in hand is given up, and tried again in its next life; its
   * stop hook does not run.
   *
   * @throws {HoldfastError} `HF_INVALID`, `HF_NO_SUCH_ACTOR`, `HF_ACTOR_STOPPED`, `HF_SYSTEM_STOPPED`
   */
  quarantine(path: string, options: SteerOptions): Promise<void> {
    const kernel = this.#kernel
    return this.#steer('quarantine', path, options, (cell) => {
      if ((cell.rare?.quarantine ?? null) !== null) return { act: () => undefined }
      const { by, reason } = options
      const why = { name: 'Quarantined', message: reason === undefined ? `by ${by}` : `by ${by}: ${reason}` }
      return {
        write: (at) => {
          writeQuarantine(kernel, cell, 'steered', why, 0, at)
        },
        act: () => {
          quarantine(kernel, cell, 'steered', why, 0)
        },
      }
    })
  }

  /**
   * Restarts an actor that is quarantined, with a fresh budget of its own; it gets its messages in order. One whose log
   * the code does not follow is let go by the next start whose code does, and by nobody.
   *
   * @throws {HoldfastError} `HF_INVALID`, `HF_NO_SUCH_ACTOR`, `HF_ACTOR_STOPPED`, `HF_SYSTEM_STOPPED`, `HF_DIVERGED`
   */
  release(path: string, options: SteerOptions): Promise<void> {
    return this.#steer('release', path, options, (cell) => {
      const { diverged = null, quarantine: ordered = null } = cell.rare ?? {}
      if (diverged !== null && (ordered === null || ordered.isReleased))
        throw divergedToRelease(cell, diverged)
      return {
        act: () => {
          release(this.#kernel, cell)
        },
      }
    })
  }

  /**
   * Sends a parked message again, as a new message to the same actor, in the same correlation and caused by the first
   * one; it is off the list then. Resolves with its position.
   *
   * @throws {HoldfastError} `HF_INVALID` when no message is parked there; `HF_NO_SUCH_ACTOR`, `HF_ACTOR_STOPPED`,
   *   `HF_MAILBOX_FULL`, `HF_OVERLOAD`, `HF_UNKNOWN_MESSAGE`, and it stays parked; `HF_SYSTEM_STOPPED`
   * @example for (const { position } of system.parked()) await system.steer.redrive(position, { by: 'ana' })
   */
  async redrive(position: number, options: SteerOptions): Promise<number> {
    const given = await this.#begin('redrive', options)
    const again = redrive(this.#kernel, position, given)
    await durable(this.#kernel)
    return again
  }

  /**
   * Takes a parked message off the list for good; it stays in the log.
   *
   * @throws {HoldfastError} `HF_INVALID` when no message is parked there; `HF_SYSTEM_STOPPED`
   */
  async drop(position: number, options: SteerOptions): Promise<void> {
    const given = await this.#begin('drop', options)
    drop(this.#kernel, position, given)
    await durable(this.#kernel)
  }

  // `check` refuses, or gives back what is to be written with the record and done once it stands.
  async #steer(
    command: SteerCommand,
    path: string,
    options: SteerOptions,
    check: (cell: Cell) => Deed,
  ): Promise<void> {
    const given = await this.#begin(command, options)
    const cell = this.#living(path)
    const deed = check(cell)
    const kernel = this.#kernel
    const about = { id: kernel.isRecorded(cell) ? cell.id : 0, path: cell.path }
    kernel.log.mark()
    const at = writeCommand(kernel, command, given, about)
    deed.write?.(at)
    kernel.log.keep()
    deed.act()
    announceCommand(kernel, command, given, about)
    await durable(kernel)
  }

  // C1: a listener may steer in the middle of what it is told of, so a command waits until that is over.
  async #begin(command: SteerCommand, options: SteerOptions): Promise<SteerOptions> {
    const kernel = this.#kernel
    const given = checkedOptions(options)
    if (kernel.turn !== null) throw steeredInsideTurn(kernel.turn.cell, command)
    await Promise.resolve()
    if (kernel.isHalting) throw systemStopping()
    return given
  }

  #living(path: string): Cell {
    const cell = this.#kernel.born(path)
    if (cell === null) throw nobodyToSteer(path)
    if ((cell.gate & (STOPPED | STOPPING)) !== 0) throw endedToSteer(path)
    return cell
  }
}
