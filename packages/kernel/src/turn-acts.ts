// What a handler does that becomes an operation of its turn: births, stops, watches and links, timers, the stash. Each of these methods checks
// its arguments when it is called and leaves the rest to the operation, so that a turn that throws has done none of it.

import { entryOf } from './address.js'
import type { Asker } from './asker.js'
import type { Rerun } from './cell.js'
import type { ScheduleOptions, SpawnOptions } from './context.js'
import type { Definition } from './definition.js'
import { checkPatch, isPatched } from './patches.js'
import type { StopMode } from './records.js'
import { checkOpenName } from './redaction/redaction.js'
import type { AnyRef } from './ref.js'
import { tooLateToSpawn } from './refusals.js'
import { RefusedAgain, refusalSeen, refusedCall, targetOf } from './refused-calls.js'
import { SpawnOp } from './spawn-op.js'
import { stashInHand, UnstashOp, type Returned, type StashOp } from './stash.js'
import { administrationOp } from './supervision/administration.js'
import type { Administers, Command } from './supervision/commands.js'
import { TurnNotes } from './turn-notes.js'
import { TurnView } from './turn-view.js'
import { scheduleOp, stopOp, unscheduleOp, wellOp, type TurnOp } from './turn-ops.js'
import { dependOps, linkOps, unlinkOps, unwatchOps, watchOps } from './watch-ops.js'

const NO_OPTIONS: SpawnOptions<unknown> = {}

/** The part of a turn that acts. */
export abstract class TurnActs extends TurnView implements Administers {
  /** Who waits for the answer of this turn; an operation may take it over. */
  abstract asker: Asker | null
  /** What it has done so far, in order. */
  abstract ops: TurnOp[] | null
  /** What the log holds of it, when it had begun in another process. */
  abstract readonly rerun: Rerun | null
  /** The message in hand. */
  abstract payload: unknown
  /** Puts the message in hand aside when the turn ends. */
  abstract stashing: StashOp | null
  /** Stood beside a message that was put aside before. */
  abstract returned: Returned | null
  /** What it was told that does not follow from it. */
  notes: TurnNotes | null = null
  /** Method, target and type of each call so far that was granted, but for what is in the outbox. */
  protected granted: string[] | null = null
  /** Refuses what the log says was refused, or all that comes. */
  protected again: RefusedAgain | null = null
  /** It has reached outside. */
  abstract readonly hasBegun: boolean
  /** It has not ended. */
  abstract isOpen: boolean

  /** Takes part in the turn. */
  abstract add(op: TurnOp): void
  /** The time of the turn. */
  abstract now(): number
  /** A name that follows from where the message stands. */
  abstract nextName(): string
  /** Refuses what is done after the end of the turn. */
  protected abstract check(what: string): void

  spawn(definition: Definition, options: SpawnOptions<unknown> = NO_OPTIONS): AnyRef {
    this.check('spawn')
    const { name: given = '' } = options
    const name = options.name ?? this.nextName()
    if (this.again !== null) this.refuseAgain('spawn', given, definition.name)
    try {
      if (this.entry === this.cell.blueprint.stop) throw tooLateToSpawn(this.cell)
      const op = new SpawnOp(this, definition, name, options)
      this.add(op)
      this.done('spawn', given, definition.name)
      return this.kernel.addressOf(op.child)
    } catch (error) {
      throw this.refused('spawn', given, definition.name, error)
    }
  }

  stop(ref: AnyRef, how: StopMode = 'stop'): void {
    this.act('stop', ref, '', () => [stopOp(this, this.address(ref), how)])
  }

  watch(ref: AnyRef, type = 'terminated'): void {
    this.act('watch', ref, type, () => {
      entryOf(this.cell, type)
      return watchOps(this, this.address(ref), type)
    })
  }

  unwatch(ref: AnyRef): void {
    this.act('unwatch', ref, '', () => unwatchOps(this, this.address(ref)))
  }

  link(ref: AnyRef): void {
    this.act('link', ref, '', () => linkOps(this, this.address(ref)))
  }

  dependOn(ref: AnyRef): void {
    this.act('dependOn', ref, '', () => dependOps(this, this.address(ref)))
  }

  unlink(ref: AnyRef): void {
    this.act('unlink', ref, '', () => unlinkOps(this, this.address(ref)))
  }

  schedule(type: string, payload: unknown, options: ScheduleOptions): void {
    this.act('schedule', '', type, () => [scheduleOp(this, entryOf(this.cell, type), payload, options)])
  }

  unschedule(key: string): void {
    this.act('unschedule', key, '', () => [unscheduleOp(this, key)])
  }

  stash(): void {
    this.act('stash', '', '', () => [stashInHand(this)])
  }

  unstash(): void {
    this.act('unstash', '', '', () => [new UnstashOp(this)])
  }

  well(): void {
    this.act('well', '', '', () => [wellOp(this)])
  }

  patched(id: string): boolean {
    this.check('patched')
    const { cell, rerun } = this
    checkPatch(id, cell.path)
    checkOpenName(this.kernel.log, 'patched.id', id, cell)
    if (rerun !== null) return isPatched(rerun.noted?.patched, id, cell.path)
    if (cell.durable) (this.notes ??= new TurnNotes(this)).patched(id)
    return true
  }

  administer(command: Command, order: unknown): void {
    this.check(command)
    this.add(administrationOp(this, command, order))
  }

  /** Refuses the call that has just begun, when it was refused before, or too many were. */
  protected refuseAgain(call: string, target: AnyRef | string, type: string): void {
    this.again?.check(call, targetOf(target), type)
  }

  /** The call that has just begun is refused, which the handler may put up with. @returns what it is refused with */
  protected refused(call: string, target: AnyRef | string, type: string, error: unknown): unknown {
    if (!this.cell.durable || !this.isOpen) return error
    const whom = targetOf(target)
    this.notes ??= new TurnNotes(this)
    const nth = this.#countGranted(call, whom, type) + this.notes.countRefused(call, whom, type)
    const { redaction } = this.kernel.log
    const refused = refusedCall(nth, call, whom, type, error, redaction)
    this.notes.refused(refused)
    if (this.notes.isFull) this.again = RefusedAgain.everything(this.cell.path)
    return redaction === null ? error : refusalSeen(this.cell.path, error, refused)
  }

  /** A call was refused in a thread, and stands here as refused: the handler has put up with it, or has failed of it. */
  refusedThere(call: string, target: string, type: string, error: Error): void {
    this.refused(call, target, type, error)
  }

  /** A call was granted: one that is alike may yet be refused, and is told from it by how many there were. */
  done(call: string, target: string, type: string): void {
    ;(this.granted ??= []).push(call, target, type)
  }

  #countGranted(call: string, target: string, type: string): number {
    const granted = this.granted ?? []
    let count = call === 'tell' ? this.kernel.outbox.count(target, type) : 0
    for (let i = 0; i < granted.length; i += 3)
      if (granted[i] === call && granted[i + 1] === target && granted[i + 2] === type) count++
    return count
  }

  /** A call that becomes operations of the turn, or is refused. */
  protected act(call: string, target: AnyRef | string, type: string, step: () => readonly TurnOp[]): void {
    this.check(call)
    if (this.again !== null) this.refuseAgain(call, target, type)
    try {
      for (const op of step()) this.add(op)
      this.done(call, targetOf(target), type)
    } catch (error) {
      throw this.refused(call, target, type, error)
    }
  }
}
