// What a handler does that becomes an operation of its turn: births, stops, watches and links, timers. Each of these methods checks
// its arguments when it is called and leaves the rest to the operation, so that a turn that throws has done none of it.

import { Address, entryOf } from './address.js'
import type { Asker } from './asker.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell, Rerun } from './cell.js'
import type { ScheduleOptions, SpawnOptions } from './context.js'
import type { Definition } from './definition.js'
import { refuse } from './errors.js'
import type { Kernel } from './kernel.js'
import { checkPatch, isMarked, Patches } from './patches.js'
import type { StopMode } from './records.js'
import type { AnyRef } from './ref.js'
import { tooLateToSpawn } from './refusals.js'
import { SpawnOp } from './spawn-op.js'
import { administrationOp } from './supervision/administration.js'
import type { Administers, Command } from './supervision/commands.js'
import { scheduleOp, stopOp, unscheduleOp, wellOp, type TurnOp } from './turn-ops.js'
import { dependOps, linkOps, unlinkOps, unwatchOps, watchOps } from './watch-ops.js'

/** The part of a turn that acts. */
export abstract class TurnActs implements Administers {
  abstract readonly kernel: Kernel
  abstract readonly cell: Cell
  abstract entry: HandlerEntry
  abstract position: number
  abstract correlation: number
  /** Who waits for the answer of this turn; an operation may take it over. */
  abstract asker: Asker | null
  /** What it has done so far, in order. */
  abstract ops: TurnOp[] | null
  /** What the log holds of it, when it had begun in another process. */
  abstract readonly rerun: Rerun | null
  /** The changes of its handler that it is under, once it has asked. */
  abstract patches: Patches | null
  abstract readonly attempt: number
  /** It has reached outside. */
  abstract readonly hasBegun: boolean

  /** Takes part in the turn. */
  abstract add(op: TurnOp): void
  /** The time of the turn. */
  abstract now(): number
  /** A name that follows from where the message stands. */
  abstract nextName(): string
  /** Refuses what is done after the end of the turn. */
  protected abstract check(what: string): void

  spawn(definition: Definition, options?: SpawnOptions<unknown>): AnyRef {
    this.check('spawn')
    if (this.entry === this.cell.blueprint.stop) throw tooLateToSpawn(this.cell)
    const op = new SpawnOp(this, definition, options)
    this.add(op)
    return this.kernel.addressOf(op.child)
  }

  stop(ref: AnyRef, how: StopMode = 'stop'): void {
    this.check('stop')
    this.add(stopOp(this, this.address(ref), how))
  }

  watch(ref: AnyRef, type = 'terminated'): void {
    this.check('watch')
    entryOf(this.cell, type)
    this.#addAll(watchOps(this, this.address(ref), type))
  }

  unwatch(ref: AnyRef): void {
    this.check('unwatch')
    this.#addAll(unwatchOps(this, this.address(ref)))
  }

  link(ref: AnyRef): void {
    this.check('link')
    this.#addAll(linkOps(this, this.address(ref)))
  }

  dependOn(ref: AnyRef): void {
    this.check('dependOn')
    this.#addAll(dependOps(this, this.address(ref)))
  }

  unlink(ref: AnyRef): void {
    this.check('unlink')
    this.#addAll(unlinkOps(this, this.address(ref)))
  }

  schedule(type: string, payload: unknown, options: ScheduleOptions): void {
    this.check('schedule')
    this.add(scheduleOp(this, entryOf(this.cell, type), payload, options))
  }

  unschedule(key: string): void {
    this.check('unschedule')
    this.add(unscheduleOp(this, key))
  }

  well(): void {
    this.check('well')
    this.add(wellOp(this))
  }

  patched(id: string): boolean {
    this.check('patched')
    const { cell, rerun } = this
    checkPatch(id, cell.path)
    if (rerun !== null) return isMarked(rerun.markers, id, cell.path)
    if (cell.durable) (this.patches ??= new Patches(this)).ask(id)
    return true
  }

  administer(command: Command, order: unknown): void {
    this.check(command)
    this.add(administrationOp(this, command, order))
  }

  ref(first: unknown, second?: string): AnyRef {
    return this.kernel.ref(second ?? (first as string))
  }

  #addAll(ops: readonly TurnOp[]): void {
    for (const op of ops) this.add(op)
  }

  protected address(ref: AnyRef): Address {
    if (ref instanceof Address) return ref
    if (typeof (ref as AnyRef | undefined)?.path !== 'string') refuse('ref', ref, 'a ref', this.cell.path)
    return this.kernel.ref(ref.path)
  }
}
