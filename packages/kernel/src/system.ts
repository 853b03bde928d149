// System
// ======
// One running tree of actors on one log: started, or brought back from what the log holds; asked, watched, stopped.

import type { Around } from './around.js'
import type { Authorities } from './authorities/authorities.js'
import { roomIn } from './backpressure.js'
import { applyBirth, writeBirth } from './birth.js'
import { Blueprints } from './blueprints.js'
import type { DeadLetter, DeadLetterCounts, DeadLetterQuery } from './dead-letters.js'
import type { Definition, HandlersOf } from './definition.js'
import { durable } from './durable.js'
import { ENGINE } from './engine.js'
import { HoldfastError } from './errors.js'
import type { SystemEventName, SystemEvents } from './events.js'
import type { Executor } from './executor/executor.js'
import { failBetweenTurns } from './executor/fault.js'
import { NO_THREADS, type Threads } from './executor/threads.js'
import { fingerprintOf } from './fingerprint.js'
import { UNBORN } from './gate.js'
import { Checkpointer } from './checkpoint/checkpointer.js'
import { Retaining } from './checkpoint/retaining.js'
import { inspectCell, treeOf, type Inspection, type TreeNode } from './inspection.js'
import { Kernel } from './kernel.js'
import { CHECKPOINT_EVERY_RECORDS } from './limits.js'
import type { LogBeginning } from './log-beginning.js'
import type { Durability, Log, StoreHold } from './log.js'
import { checkName } from './path.js'
import type { StoredError } from './records.js'
import { recover, type RecoveryProgress } from './recovery.js'
import type { Retention } from './retention.js'
import type { ActorRef, AnyRef } from './ref.js'
import { noHome } from './refusals.js'
import type { ParkedMessage } from './steering/parked-list.js'
import { parkedMessages, type ParkedOptions } from './steering/parking.js'
import { Steering } from './steering/steering.js'
import { trace, type TraceHook } from './steering/trace.js'
import { stopCell } from './stopping.js'
import { changeSupervisor } from './supervision/change.js'
import type { SupervisorDefinition } from './supervision/supervisor-definition.js'
import { checkSealed } from './subjects/check-subjects.js'
import { shred, type ShredOptions, type ShredReport } from './subjects/shred.js'
import { takeSnapshot } from './turn-runner.js'
import { goOnAfter } from './watchdog/after-stall.js'
import { watch } from './watchdog/watching-loop.js'
import type { StallEnd, Watchdog } from './watchdog/watchdog.js'
import type { Cell } from './cell.js'

/** What a system is made of. */
export interface SystemParts {
  /** Name of the system. */
  readonly name: string
  /** What runs at the top of the tree. */
  readonly root: Definition
  /** What the root's state is made from, when it is an actor. */
  readonly args?: unknown
  /** Definitions that are neither children nor listed under `spawns`. */
  readonly definitions?: readonly Definition[]
  readonly log: Log
  readonly authorities: Authorities
  /** What to note with this run, such as where the code came from. */
  readonly origin?: string
  /** Gets the way to make a ref from its path before the log is read, because what the log holds may hold refs. */
  readonly refs?: (make: (path: string) => AnyRef) => void
  /** Hears how far the log has been read, while a system is brought back from it. */
  readonly onRecovery?: RecoveryProgress | undefined
  /** Records between two checkpoints of the whole system. @default 524,288 */
  readonly checkpointEvery?: number | undefined
  /** How much of the log is wanted, and the log's way to give up its beginning. @default all of it */
  readonly retention?: { readonly wanted: Retention; readonly beginning: LogBeginning } | undefined
  /** Runs the handlers of those who run in threads. @default they run in the main thread */
  readonly executor?: Executor | undefined
  /** Stands around the handlers of durable actors, live and when they are run again. */
  readonly around?: Around | undefined
  /** Watches the thread from another one. */
  readonly watchdog?: Watchdog | undefined
  /** How the last process on this log was ended by its watchdog, if it was. */
  readonly stallEnd?: StallEnd | undefined
}

/** How the log of a system stands. */
export interface StoreStatus {
  readonly durability: Durability
  /** Everything before this position is on stable storage. */
  readonly durable: number
  /** Records that are not there yet. */
  readonly waiting: number
  /** Why nothing is taken now; `null` while all is well. */
  readonly failure: HoldfastError | null
  /** Which reader has its file grow; `null` when none does. */
  readonly held: StoreHold | null
}

/** A running system. */
export class System implements AsyncDisposable {
  readonly name: string
  /** What an operator can do to a running system. */
  readonly steer: Steering
  /** The worker threads in which handlers run of actors with `runsIn: 'thread'`. */
  readonly threads: Threads
  readonly #kernel: Kernel
  readonly #epoch: number
  readonly #around: Around | undefined
  #unwatch: () => Promise<void> = () => Promise.resolve()
  #stopped: Promise<void> | null = null
  #failure: StoredError | null = null

  private constructor(name: string, kernel: Kernel, epoch: number, around: Around | undefined) {
    this.name = name
    this.#around = around
    this.steer = new Steering(kernel)
    this.threads = kernel.executor ?? NO_THREADS
    this.#kernel = kernel
    this.#epoch = epoch
    kernel.onGaveUp = (error) => {
      this.#failure = error
      // Whoever awaits the end learns of a log that did not close; nobody else could do anything about it.
      this.stop().catch(() => undefined)
    }
    kernel.onDone = () => {
      this.stop().catch(() => undefined)
    }
  }

  /**
   * Starts a system, or brings it back from its log.
   *
   * @throws {HoldfastError} `HF_START_FAILED`, `HF_DEFINITION_MISSING`, `HF_DUPLICATE_NAME`, `HF_INVALID`,
   *   `HF_STORE_NEWER`
   */
  static async start(parts: SystemParts): Promise<System> {
    checkName(parts.name, 'name')
    const blueprints = new Blueprints(parts.root, parts.definitions, parts.around)
    const kernel = new Kernel(parts.authorities, parts.log, blueprints)
    const { executor = null } = parts
    kernel.executor = executor
    if (executor !== null)
      executor.onFault = (actor, error) => {
        failBetweenTurns(kernel, actor, error)
      }
    for (const { definition, runsIn, pool } of blueprints.all())
      if (runsIn === 'thread') parts.executor?.admit(definition, pool)
    checkSealed(kernel)
    parts.refs?.((path) => kernel.ref(path))
    const every = parts.checkpointEvery ?? CHECKPOINT_EVERY_RECORDS
    const recovered = await recover(kernel, parts.root.name, every, parts.onRecovery)
    if (parts.log.isLasting) {
      const { wanted, beginning } = parts.retention ?? {}
      const retaining = beginning === undefined ? null : new Retaining(kernel, beginning, wanted ?? {})
      kernel.checkpointer = new Checkpointer(kernel, every, recovered?.checkpoint ?? 0, retaining)
    }
    const epoch = (recovered?.image.opened?.data().epoch ?? 0) + 1
    const definitions = Object.fromEntries(
      [...blueprints.all()].map((blueprint) => [blueprint.name, fingerprintOf(blueprint)]),
    )
    parts.log.subjects?.begin()
    const opened = { epoch, engine: ENGINE, definitions, system: parts.origin ?? parts.name }
    const open = (): void => {
      parts.log.record('opened', 0, 0, 0, { ...opened, ...subjectsOf(parts.log) })
    }
    const { stallEnd, watchdog } = parts
    const system = new System(parts.name, kernel, epoch, parts.around)
    if (watchdog !== undefined) system.#unwatch = await watch(kernel, watchdog, parts.name, epoch)
    if (recovered === undefined) {
      open()
      await system.#begin(parts.root, parts.args)
    } else goOnAfter(kernel, recovered, stallEnd, open)
    kernel.dispatcher.release()
    await system.#refuseIfGivenUp()
    return system
  }

  /** How often this system has been opened, this time counted. */
  get epoch(): number {
    return this.#epoch
  }

  /** Why the root gave up, if it did. */
  get failure(): StoredError | null {
    return this.#failure
  }

  /** How the log stands: what it promises, how far the disk has come, and why it takes nothing, if it does not. */
  get store(): StoreStatus {
    const { durability, durable, next, failure, held } = this.#kernel.log
    return { durability, durable, waiting: next - durable, failure, held }
  }

  /** Dead letters since the start: the last ones, their number, and that by reason. */
  get deadLetters(): {
    readonly count: number
    readonly last: readonly DeadLetter[]
    readonly byReason: DeadLetterCounts
  } {
    const { deadLetters } = this.#kernel
    return { count: deadLetters.count, last: deadLetters.list(), byReason: deadLetters.byReason }
  }

  /** Answers that came after their askers had stopped waiting. */
  get lateReplies(): number {
    return this.#kernel.lateReplies
  }

  /** Those of the last dead letters that are wanted, oldest first. @throws {HoldfastError} `HF_INVALID` */
  findDeadLetters(query: DeadLetterQuery = {}): readonly DeadLetter[] {
    return this.#kernel.deadLetters.find(query)
  }

  /**
   * The ref of an actor by its path. With a definition it is typed; without one it takes any message.
   *
   * @throws {HoldfastError} `HF_INVALID` when the path is none, or when another definition lives there
   */
  ref<D extends Definition>(definition: D, path: string): ActorRef<HandlersOf<D>>
  ref(path: string): ActorRef
  ref(first: Definition | string, second?: string): AnyRef {
    if (typeof first === 'string') return this.#kernel.ref(first)
    const path = second ?? ''
    const cell = this.#kernel.find(path)
    if (cell !== null && cell.blueprint.name !== first.name) {
      throw new HoldfastError('HF_INVALID', `${path} is a "${cell.blueprint.name}", not a "${first.name}".`, {
        actor: path,
        field: 'definition',
        hint: 'Ask for the definition that lives there; system.tree() shows it.',
      })
    }
    return this.#kernel.ref(path)
  }

  /**
   * The ref of a virtual actor by its key. Whether it sleeps, or has never been heard of, makes no difference: its next
   * message finds it awake.
   *
   * @throws {HoldfastError} `HF_NO_HOME` when no `virtualActors` of this definition are in the tree, `HF_INVALID`
   */
  get<D extends Definition>(definition: D, key: string): ActorRef<HandlersOf<D>> {
    const home = this.#kernel.homes.get(definition.name)
    if (home === undefined) throw noHome(definition.name)
    return this.#kernel.virtualRef(home, checkName(key, 'key')) as unknown as ActorRef<HandlersOf<D>>
  }

  /** Listens to system events. @returns the way to stop listening */
  on<K extends SystemEventName>(event: K, listener: (data: SystemEvents[K]) => void): () => void {
    return this.#kernel.events.on(event, listener)
  }

  /** The tree of actors as it is now. */
  tree(): TreeNode {
    return treeOf(this.#kernel.root)
  }

  /** One actor in full. @throws {HoldfastError} `HF_NO_SUCH_ACTOR` */
  inspect(path: string): Inspection {
    const cell = this.#kernel.find(path)
    if (cell !== null) return inspectCell(this.#kernel, cell)
    throw new HoldfastError('HF_NO_SUCH_ACTOR', `There is no actor at ${path}.`, {
      actor: path,
      hint: 'system.tree() shows who is there.',
    })
  }

  /**
   * Changes the spec of a supervisor while it runs: strategy, directives, and the terms of its children. New children are
   * not started, because that is a decision of its own (`start` them), and those that the new spec does not name go on.
   * The next process runs the spec of its code.
   *
   * @throws {HoldfastError} `HF_NO_SUCH_ACTOR`, `HF_INVALID`, `HF_DUPLICATE_NAME`; then everything is as it was
   */
  change(path: string, definition: SupervisorDefinition): void {
    changeSupervisor(this.#kernel, path, definition)
  }

  /**
   * Has `hook` hear of each turn of an actor, soon after it has ended, over all its incarnations in this process. A hook
   * that throws is reported as a warning.
   *
   * @returns the way to remove it
   * @throws {HoldfastError} `HF_INVALID`, `HF_NO_SUCH_ACTOR`
   * @example const untrace = system.trace('/bank/reserve', ({ type, outcome }) => lines.push(`${type} ${outcome}`))
   */
  trace(path: string, hook: TraceHook): () => void {
    return trace(this.#kernel, path, hook)
  }

  /**
   * Messages whose last attempt failed, the oldest first. They are not delivered again unless `steer.redrive` sends them.
   *
   * @throws {HoldfastError} `HF_INVALID`
   */
  parked(options?: ParkedOptions): readonly ParkedMessage[] {
    return parkedMessages(this.#kernel, options)
  }

  /**
   * Destroys what belongs to a subject, for good: nothing is taken for it any more, its actors end, whatever waits of it
   * elsewhere is waited for, and then its key is destroyed. Cut short at any point and called again, it comes to the same
   * end. What actors that do not belong to the subject keep of it in their own states is not touched.
   *
   * @throws {HoldfastError} `HF_SUBJECT_KEYS`, `HF_SUBJECT_BUSY`, `HF_INVALID`, `HF_TELL_INSIDE_TURN`, `HF_SYSTEM_STOPPED`
   * @example await system.shred('customer-42')
   */
  shred(subject: string, options?: ShredOptions): Promise<ShredReport> {
    return shred(this.#kernel, subject, options)
  }

  /**
   * Resolves when everything sent so far is on stable storage, whatever the durability.
   *
   * @throws {HoldfastError} `HF_STORE_FAILED`, `HF_STORE_FULL`, `HF_STORE_LATE` as soon as the store fails: what was sent
   *   may still get there, and the event `store-recovered` says when it did
   */
  flushed(): Promise<void> {
    return durable(this.#kernel)
  }

  /**
   * Resolves when there is room for more from outside; at once when there is. With a path, when the mailbox of the actor
   * that lives there has room as well, or nobody lives there any more.
   */
  async room(path?: string): Promise<void> {
    const { log } = this.#kernel
    if (path !== undefined) await roomIn(this.#kernel.born(path))
    if (!log.pressed) return
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!log.pressed || this.#stopped !== null) resolve()
        else this.#kernel.authorities.timer(1, look)
      }
      look()
    })
  }

  /**
   * Stops in reverse start order, every child within its time, and closes the log. What waits in mailboxes stays in
   * the log and is handled when the system is opened again.
   */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#halt())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Resolves when the system has stopped, whoever stopped it. */
  async ended(): Promise<void> {
    while (this.#stopped === null) {
      await new Promise<void>((resolve) => {
        this.#kernel.authorities.timer(50, resolve)
      })
    }
    await this.#stopped
  }

  async #begin(root: Definition, args: unknown): Promise<void> {
    const kernel = this.#kernel
    const cell = kernel.newRoot(root, args)
    kernel.dispatcher.release()
    await new Promise<void>((resolve) => {
      kernel.onRootStarted = resolve
      const giveUp = kernel.onGaveUp
      kernel.onGaveUp = (error) => {
        giveUp(error)
        resolve()
      }
      applyBirth(kernel, cell, writeBirth(kernel, cell, 0, 0))
    })
    kernel.dispatcher.wake()
  }

  async #refuseIfGivenUp(): Promise<void> {
    if (this.#failure === null) return
    const { message } = this.#failure
    await this.stop()
    throw new HoldfastError('HF_START_FAILED', `The system "${this.name}" did not start: ${message}`, {
      actor: `/${this.#kernel.root.name}`,
      hint: 'The failure stands in the log; `holdfast journal` shows it.',
    })
  }

  async #halt(): Promise<void> {
    const kernel = this.#kernel
    kernel.isHalting = true
    const durable = [...kernel.cells.values()].filter(hasState)
    await new Promise<void>((resolve) => {
      stopCell(kernel, kernel.root, 'shutdown', undefined, resolve)
    })
    kernel.deadLetterEvents.end()
    for (const cell of durable) this.#snapshot(cell)
    if (this.#failure === null) kernel.log.record('closed', 0, 0, 0, {})
    const failure = new HoldfastError('HF_SYSTEM_STOPPED', `The system "${this.name}" has stopped.`)
    const { log } = kernel
    log.flush()
    try {
      await this.#checkpoint()
      await log.close()
    } finally {
      kernel.releases.advance()
      kernel.releases.abandon(log.failure ?? failure)
      this.#around?.end()
      await kernel.executor?.close()
      await this.#unwatch()
    }
  }

  // The next start reads what was logged behind it. A store that takes nothing is no reason not to stop.
  async #checkpoint(): Promise<void> {
    const { checkpointer } = this.#kernel
    if (checkpointer?.isDueAtEnd !== true) return
    const isDurable = await durable(this.#kernel).then(
      () => true,
      () => false,
    )
    if (isDurable) checkpointer.end()
  }

  // The next start reads the state instead of folding it; a state that could not be rebuilt is left to the log.
  #snapshot(cell: Cell): void {
    if (cell.weight > 0 && !cell.isDirty) takeSnapshot(this.#kernel, cell)
  }

  /** For the parts of Holdfast that steer a system from within. */
  static kernelOf(system: System): Kernel {
    return system.#kernel
  }
}

// The id of one that is not born may yet be another's, in the next run.
function hasState({ durable, gate, blueprint }: Cell): boolean {
  return durable && (gate & UNBORN) === 0 && !blueprint.isSupervisor
}

function subjectsOf({ subjects }: Log): { readonly subjects?: string } {
  return subjects === undefined || subjects === null ? {} : { subjects: subjects.id }
}
