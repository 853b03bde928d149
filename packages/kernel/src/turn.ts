// Turn
// ====
// One message in the hands of one actor: the `ctx` that its handler sees. Nothing that a handler does through it shows
// before the turn ends, except what reaches outside on purpose: an ask goes out at once, an effect starts once the log
// before it is durable, and the results of both are records.
//
//   run handler --returns--> write turn --> deliver told --> release replies
//        |  \--promise--> detached: what it told waits in memory, the actor takes no message, others go on
//        \--throws--> everything taken back --> failed --> supervisor
//
// Invariants
//   T1  A turn that throws has told, spawned, scheduled and changed nothing.
//   T2  A turn stands in the log whole, its told messages right before it.
//   T3  Results reach a handler one by one, each with its own step of the event loop while others are outstanding, in
//       the order of their records: a race that is run again has the same winner.
//   T4  After its end a turn does nothing more: every call refuses with HF_TURN_CLOSED.

import { entryOf } from './address.js'
import type { Asker } from './asker.js'
import { lookAgain } from './ask-circle.js'
import { answerLives, askOnce } from './asking.js'
import type { Timer } from './authorities/authorities.js'
import type { HandlerEntry } from './blueprint.js'
import type { Cell, Rerun } from './cell.js'
import { Chance } from './chance.js'
import type { AskOptions, EffectOptions, TellOptions } from './context.js'
import { keptOps } from './detaching.js'
import { checkEffect, checkTimeout, runEffect } from './effect.js'
import { HoldfastError, refuse } from './errors.js'
import type { Kernel } from './kernel.js'
import { ASK_TIMEOUT_MS, RESULTS_PER_TURN } from './limits.js'
import { NO_ANSWER } from './log.js'
import type { Taker } from './mailbox.js'
import { checkOpenName } from './redaction/redaction.js'
import type { AnyRef } from './ref.js'
import { askFailed } from './outside-ask.js'
import { revivedError, type StoredError } from './records.js'
import { turnClosed } from './refusals.js'
import { RefusedAgain, targetOf } from './refused-calls.js'
import { ResultQueue } from './result-queue.js'
import type { Returned, StashOp } from './stash.js'
import { TurnActs } from './turn-acts.js'
import { tellOp, type TurnOp } from './turn-ops.js'
import { reach } from './watchdog/in-hand.js'

let serials = 0

/** A turn that is really happening. */
export class LiveTurn extends TurnActs implements Taker {
  readonly kernel: Kernel
  readonly cell: Cell
  entry!: HandlerEntry
  payload: unknown = null
  position = 0
  correlation = 0
  asker: Asker | null = null
  attempt = 1
  serial = 0
  isOpen = false
  /** What it does is kept in `ops` until its end, because other turns run meanwhile. */
  isDetached = false
  /** What it wrote can be taken back. Never true while it waits: then others write behind it. */
  isMarked = false
  ops: TurnOp[] | null = null
  answer: unknown = NO_ANSWER
  /** Puts the message in hand aside when the turn ends. */
  stashing: StashOp | null = null
  /** Stood beside a message that was put aside before. */
  returned: Returned | null = null
  rerun: Rerun | null = null
  /** Its handler is asking just now, and may ask for more before it looks at any answer. */
  isAsking = false
  /** Looks again for circles of questions, when it has got something that it waited for, or has ended. */
  lookAgain: (() => void)[] | null = null
  /** Told of the end of a hook's turn, instead of the supervisor. */
  onEnd: ((error: unknown) => void) | null = null
  #isUsed = false
  #tellsInOps = false
  #timeMs = 0
  #named = 0
  #chance: Chance | null = null
  #results: ResultQueue | null = null
  #nextResult = 0
  #hasBegun = false
  #abort: AbortController | null = null

  constructor(kernel: Kernel, cell: Cell) {
    super()
    this.kernel = kernel
    this.cell = cell
  }

  /** Makes it ready for the message that was just taken. */
  open(): void {
    this.isOpen = true
    if (this.#isUsed) this.#reset()
    this.isMarked = this.cell.durable
    // A hook is tried once, and leaves the count to the message that waits behind it.
    this.attempt = this.entry.isHook ? 1 : this.cell.attempt
    if (this.cell.rare !== null && this.cell.rare.rerun !== null) this.#adopt(this.cell.rare.rerun)
    if (this.entry.isAsync) this.detach()
  }

  // Most turns touch nothing of this, so most turns need not clean it up.
  #reset(): void {
    this.#isUsed = false
    this.#tellsInOps = false
    this.#hasBegun = false
    this.rerun = null
    this.answer = NO_ANSWER
    this.#timeMs = 0
    this.#named = 0
    this.#chance = null
    this.ops = null
    this.stashing = null
    this.notes = null
    this.again = null
    this.granted = null
  }

  /** Ends it; whoever kept it gets HF_TURN_CLOSED from now on. */
  close(): void {
    this.isOpen = false
    this.payload = null
    this.from = null
    this.asker = null
    if (!this.isDetached) return
    this.rerun = null
    this.#results?.clear()
    lookAgain(this)
    this.onEnd = null
  }

  /** Gives up on a turn that waits: its signal is aborted and its results go nowhere. */
  abandon(): void {
    const abort = this.#abort
    this.close()
    abort?.abort(
      new HoldfastError('HF_ACTOR_STOPPED', `${this.cell.path} was stopped while it waited.`, {
        actor: this.cell.path,
      }),
    )
  }

  // What handlers see ------------------------------------------------------------------------------------------------

  get state(): unknown {
    this.check('state')
    return this.cell.state
  }

  set state(value: unknown) {
    this.check('state')
    this.cell.state = value
  }

  get signal(): AbortSignal {
    return (this.#abort ??= new AbortController()).signal
  }

  now(): number {
    this.check('now')
    if (this.#timeMs === 0) {
      this.#isUsed = true
      this.#timeMs = this.kernel.log.timeMs
      // A turn that waits ends in a later batch, with a later time: what it saw must be written down.
      if (this.isDetached) this.#begin()
    }
    return this.#timeMs
  }

  random(): number {
    this.check('random')
    if (this.position === 0) return this.kernel.authorities.random()
    this.#isUsed = true
    return (this.#chance ??= new Chance(this.position, this.attempt)).next()
  }

  id(): string {
    this.check('id')
    // Where no position makes it unique, chance does; nothing replays it.
    if (this.position === 0) return `v${Math.floor(this.kernel.authorities.random() * 2 ** 52).toString(36)}`
    return this.nextName()
  }

  tell(to: AnyRef, type: string, payload?: unknown, options?: TellOptions): void {
    this.check('tell')
    if (this.again !== null) this.refuseAgain('tell', to, type)
    try {
      const address = this.address(to)
      const target = address.resolve()
      if (target === null || this.isDetached || this.#tellsInOps || options !== undefined) {
        const entry = target === null ? null : entryOf(target, type)
        // What is told after this must not overtake it.
        this.#tellsInOps = true
        this.add(tellOp(this, address, target, entry, type, payload, options))
        this.done('tell', address.path, type)
        return
      }
      const entry = address.entry(target, type)
      if (this.cell.durable || target.durable) {
        const { log } = this.kernel
        if (!this.isMarked) this.mark()
        const position = log.message(
          target.id,
          entry.name,
          payload,
          this.correlation,
          this.position,
          this.cell.id,
          null,
        )
        // What is told outside of any incident begins one.
        const correlation = this.correlation === 0 ? position : this.correlation
        this.kernel.outbox.add(target, entry, log.copy, position, correlation)
        target.weight += log.weight
      } else {
        this.kernel.outbox.add(target, entry, payload, 0, this.correlation)
      }
    } catch (error) {
      throw this.refused('tell', to, type, error)
    }
  }

  ask(to: AnyRef, type: string, payload?: unknown, options?: AskOptions): Promise<unknown> {
    const timeoutMs = options?.timeoutMs ?? ASK_TIMEOUT_MS
    const index = this.#reach('ask', to, type, () => {
      this.address(to)
      checkTimeout('ask.timeoutMs', timeoutMs, this.cell.path)
    })
    const address = this.address(to)
    const target = address.resolve()
    const answer = this.#wait(index, undefined, address.path, target)
    if (!this.#isRecorded(index)) askOnce(this, address, target, type, payload, index, timeoutMs, options)
    return answer
  }

  lives(ref: AnyRef): Promise<unknown> {
    const index = this.#reach('lives', ref, '', () => this.address(ref))
    const address = this.address(ref)
    const answer = this.#wait(index, undefined, address.path, null)
    if (!this.#isRecorded(index)) answerLives(this, address, index)
    return answer
  }

  effect(name: string, run: (signal: AbortSignal) => unknown, options: EffectOptions = {}): Promise<unknown> {
    const index = this.#reach('effect', name, '', () => {
      checkEffect(name, options, this.cell.path)
      checkOpenName(this.kernel.log, 'effect.name', name, this.cell)
    })
    const result = this.#wait(index, name, undefined, null)
    if (!this.#isRecorded(index)) runEffect(this, index, name, run, options)
    return result
  }

  reply(answer: unknown): void {
    this.check('reply')
    this.#isUsed = true
    this.answer = answer
  }

  // What the runtime sees --------------------------------------------------------------------------------------------

  /** A name that follows from where the message stands: the same in every run. */
  nextName(): string {
    this.#isUsed = true
    // Without a position nothing makes it unique among the children, but each of them counts the ids on.
    const at = this.position === 0 ? `v${this.kernel.nextId}` : String(this.position)
    return this.attempt === 1 ? `${at}-${this.#named++}` : `${at}-${this.attempt}-${this.#named++}`
  }

  /** Takes part in the turn: written at once while the turn runs, at its end when it waits. */
  add(op: TurnOp): void {
    this.#isUsed = true
    if (!this.isDetached) this.#write(op)
    ;(this.ops ??= []).push(op)
  }

  /** Its handler runs elsewhere, and saw this time there: a rerun must see the same. */
  sees(timeMs: number): void {
    if (timeMs === this.#timeMs) return
    this.#isUsed = true
    if (timeMs !== this.kernel.log.timeMs) this.detach()
    this.#timeMs = timeMs
    if (this.isDetached) this.#begin()
  }

  /** From here on what it writes can be taken back. */
  mark(): void {
    this.kernel.log.mark()
    this.isMarked = true
  }

  /** Takes back what it wrote, if that is still possible. */
  rewind(): void {
    if (!this.isMarked) return
    this.isMarked = false
    this.kernel.log.rewind()
  }

  /** From here on the turn may wait: what it did is taken out of the open batch and kept. */
  detach(): void {
    if (this.isDetached) return
    this.isDetached = true
    this.serial = ++serials
    this.rewind()
    this.ops = keptOps(this)
    if (this.#timeMs !== 0) this.#begin()
  }

  /** The message has its outcome: the next one is on its first attempt. */
  forgetAttempts(): void {
    this.cell.attempt = 1
    this.returned = null
  }

  /** Whom it has asked and who has not answered. */
  get asked(): readonly Cell[] {
    return this.#results?.asked ?? []
  }

  /** The same when it waits for nothing else; `null` otherwise. */
  get onlyAsked(): readonly Cell[] | null {
    return this.#results?.onlyAsked ?? null
  }

  get hasBegun(): boolean {
    return this.#hasBegun
  }

  isWaitingFor(index: number): boolean {
    return this.#results?.has(index) === true
  }

  /** A live result has come. It reaches the handler after those that came before it (T3). */
  settle(
    index: number,
    ok: boolean,
    value: unknown,
    error: StoredError | undefined,
    timeMs = this.kernel.log.timeMs,
  ): void {
    this.#results?.settle({ index, ok, value, error, timeMs }, this.isAsking)
  }

  /** The handler has ended: what it still waits for reaches it no more, and it waits in no circle. */
  forgetResults(): void {
    this.#results?.clear()
  }

  /** Has a timer end with the result that it serves, or with the turn. */
  keepTimer(index: number, timer: Timer): void {
    this.#results?.onSettled(index, timer)
  }

  // Goes on with what the log holds of this turn: from its beginning it sees the time that it saw then.
  #adopt(rerun: Rerun): void {
    if (rerun.message !== this.position || rerun.attempt !== this.attempt) return
    this.cell.rare!.rerun = null
    this.#isUsed = true
    this.rerun = rerun
    if (rerun.noted !== null) this.again = new RefusedAgain(this.cell.path, rerun.noted.refused)
    this.#hasBegun = true
    this.#timeMs = rerun.timeMs
  }

  // What cannot be written was never done, also when the handler goes on.
  #write(op: TurnOp): void {
    if (!this.isMarked) this.mark()
    try {
      op.write()
    } catch (error) {
      op.discard?.()
      throw error
    }
  }

  // From here on it may wait. What it cannot reach for uses up no result.
  #reach(call: string, target: AnyRef | string, type: string, check: () => unknown): number {
    this.check(call)
    if (this.again !== null) this.refuseAgain(call, target, type)
    try {
      check()
      this.detach()
      const index = this.#nextIndex()
      this.done(call, targetOf(target), type)
      return index
    } catch (error) {
      throw this.refused(call, target, type, error)
    }
  }

  #nextIndex(): number {
    if (this.#nextResult >= RESULTS_PER_TURN) {
      refuse(
        'results',
        this.#nextResult + 1,
        `at most ${RESULTS_PER_TURN} effects and asks in one turn`,
        this.cell.path,
      )
    }
    this.#begin()
    return this.#nextResult++
  }

  // Before the first thing that reaches outside: from here on the time that the handler saw must be the same in a rerun.
  #begin(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const nowMs = this.now()
    const { cell, attempt } = this
    const { log } = this.kernel
    if (!cell.durable) return
    const data = nowMs === log.timeMs ? { attempt } : { attempt, nowMs }
    log.record('began', cell.id, this.correlation, this.position, data)
    this.notes?.begin()
  }

  #isRecorded(index: number): boolean {
    return this.rerun?.results.some((result) => result.index === index) === true
  }

  #wait(
    index: number,
    effect: string | undefined,
    asked: string | undefined,
    target: Cell | null,
  ): Promise<unknown> {
    this.#results ??= this.#newResults()
    const failure = (error: StoredError): Error =>
      asked === undefined ? revivedError(error) : askFailed(asked, error)
    return this.#results.wait(index, effect, failure, target)
  }

  #newResults(): ResultQueue {
    const { authorities, hand } = this.kernel
    const onTime = (timeMs: number): void => {
      this.#timeMs = timeMs
      lookAgain(this)
      if (hand !== null) reach(this.kernel, hand, this)
    }
    return new ResultQueue(authorities, this.rerun?.results ?? [], onTime, hand !== null)
  }

  protected check(what: string): void {
    if (this.isOpen) return
    throw turnClosed(this.cell, what)
  }
}
