// Kernel
// ======
// What holds the parts of one system together: who lives where, how a message gets in, and what happens to one that
// reaches nobody. Turns, supervision and recovery are in files of their own and work on this.
//
// Boundary: nothing here touches the machine. Time, chance and waiting come from `authorities`, durability from `log`.

import { Address, isKeyed } from './address.js'
import type { Authorities } from './authorities/authorities.js'
import type { Blueprints } from './blueprints.js'
import { Cell } from './cell.js'
import type { Checkpointer } from './checkpoint/checkpointer.js'
import { DeadLetterEvents } from './dead-letter-events.js'
import { DeadLetters } from './dead-letters.js'
import type { Definition } from './definition.js'
import { Dispatcher } from './dispatcher.js'
import { HoldfastError } from './errors.js'
import { EventStream } from './events.js'
import type { Executor } from './executor/executor.js'
import { FarRefs } from './executor/far-refs.js'
import { Remote } from './executor/remote.js'
import { STOPPED, UNBORN } from './gate.js'
import type { LateActors } from './late-actors.js'
import type { Log, StoreHold } from './log.js'
import { Outbox } from './outbox.js'
import { splitPath } from './path.js'
import {
  storedError,
  withoutStack,
  type DeadReason,
  type FailureContext,
  type StoredError,
} from './records.js'
import { checkOpenName } from './redaction/redaction.js'
import { Releases } from './releases.js'
import type { RerunWorld } from './rerun-turn.js'
import { Steps } from './steps.js'
import { continueStop } from './stopping.js'
import { ParkedList } from './steering/parked-list.js'
import { oneForOne } from './strategy/one-for-one.js'
import { SubjectLog } from './subjects/subject-log.js'
import { Subjects } from './subjects/subjects.js'
import { failCell } from './supervision/failure.js'
import type { Home } from './supervision/home.js'
import { failureReport } from './supervision/failure-report.js'
import { Supervision } from './supervision/supervision.js'
import { plainTerms, type ChildTerms } from './supervision/child-terms.js'
import type { ChildSpec } from './supervision/supervisor-definition.js'
import type { LiveTurn } from './turn.js'
import { refuseDurable } from './volatile.js'
import type { Caution } from './watchdog/caution.js'
import type { Hand } from './watchdog/watchdog.js'

/** The engine of one system. */
export class Kernel {
  readonly authorities: Authorities
  readonly log: Log
  /** Whose data there are; `null` without keys for them. */
  readonly subjects: Subjects | null
  readonly blueprints: Blueprints
  readonly events = new EventStream()
  readonly deadLetters = new DeadLetters()
  /** Messages that were given up; the list comes out of the log when there is one. */
  parked = new ParkedList()
  readonly deadLetterEvents: DeadLetterEvents
  readonly dispatcher: Dispatcher
  outbox = new Outbox()
  readonly releases: Releases
  readonly steps = new Steps()
  readonly guardian: Supervision
  readonly rerunWorld: RerunWorld
  /** Runs the handlers of those who run in threads; `null`: they run here. */
  executor: Executor | null = null
  readonly farRefs = new FarRefs(this)
  /** Cells that the log knows, by id. */
  readonly cells = new Map<number, Cell>()
  /** Where virtual actors live, by the name of their definition. */
  readonly homes = new Map<string, Cell>()
  root!: Cell
  /** Makes the checkpoints of a log that outlives the process. */
  checkpointer: Checkpointer | null = null
  /** Those who wait for their states after a recovery. */
  late: LateActors | null = null
  /** The turn whose handler is on the stack right now. */
  turn: LiveTurn | null = null
  /** What a watchdog reads of this thread, when there is one. */
  hand: Hand | null = null
  /** The turn that was given a result, or has begun an effect, in this step of the event loop; known to a watchdog only. */
  reached: LiveTurn | null = null
  /** For the actor in which the last process was ended. */
  caution: Caution | null = null
  /** The system stops and will go on from its log: nothing is recorded as ended. */
  isHalting = false
  lateReplies = 0
  nextId = 1
  onRootStarted: () => void = () => undefined
  onGaveUp: (error: StoredError) => void = () => undefined
  /** The root has ended as one whose work is done. */
  onDone: () => void = () => undefined

  constructor(authorities: Authorities, log: Log, blueprints: Blueprints) {
    this.authorities = authorities
    const { subjects = null } = log
    const isDurable = (id: number): boolean => this.cells.get(id)?.durable === true
    this.subjects = subjects === null ? null : new Subjects(subjects, isDurable)
    this.log = this.subjects === null ? log : new SubjectLog(log, this.subjects)
    this.blueprints = blueprints
    this.deadLetterEvents = new DeadLetterEvents(authorities, this.events)
    this.dispatcher = new Dispatcher(this)
    this.releases = new Releases(this.log)
    this.guardian = new Supervision(this, null, oneForOne())
    this.rerunWorld = {
      authorities,
      ref: (path) => this.ref(path),
      pathOf: (id) => this.pathOf(id),
      correlationName: (id) => log.correlationName(id),
    }
    log.onProgress(() => {
      this.#onLogProgress()
    })
  }

  // Who lives where --------------------------------------------------------------------------------------------------

  /** The cell at a path, or `null`. */
  find(path: string): Cell | null {
    const names = splitPath(path)
    // The log may name refs before its first actor is there.
    let cell: Cell | null = this.root?.name === names[0] ? this.root : null
    for (let i = 1; i < names.length && cell !== null; i++) cell = cell.supervision?.named(names[i]!) ?? null
    return cell
  }

  /** The ref of a path; it need not be inhabited yet. */
  ref(path: string): Address {
    const cell = this.born(path)
    return cell === null || isKeyed(path) ? new Address(this, path, null) : this.addressOf(cell)
  }

  /** The ref of a virtual actor by its home and its key. */
  virtualRef(home: Cell, key: string): Address {
    const { home: at } = this.supervisionOf(home)
    const cell = at!.awake(key)
    return cell === undefined || (cell.gate & UNBORN) !== 0
      ? new Address(this, at!.pathOf(key), null)
      : this.addressOf(cell)
  }

  /** The cell at a path for those who would send to it: one whose birth has no record yet is not there. */
  born(path: string): Cell | null {
    const cell = this.find(path)
    return cell === null || (cell.gate & UNBORN) !== 0 ? null : cell
  }

  /** The home at which a path leads to a virtual actor, or `null`; it may be asleep, or never have lived. */
  homeAt(path: string): { readonly home: Home; readonly key: string } | null {
    const found = this.#homeOf(path)
    return found?.home.isOpen === true ? found : null
  }

  /** Whether a path is that of a virtual actor which has lived, also while its home is out and nobody can wake it. */
  isKnownAsleep(path: string): boolean {
    const found = this.#homeOf(path)
    return found !== null && found.home.known.get(found.key) !== 0
  }

  #homeOf(path: string): { readonly home: Home; readonly key: string } | null {
    const at = path.lastIndexOf('/')
    if (at <= 0) return null
    const above = path.slice(0, at)
    // A path leads to the cell that it led to last as long as that has not ended.
    const isKnown =
      above === this.#above && this.#aboveCell !== null && (this.#aboveCell.gate & STOPPED) === 0
    const cell = isKnown ? this.#aboveCell : this.born(above)
    this.#above = above
    this.#aboveCell = cell
    const home = cell?.supervision?.home ?? null
    return home === null ? null : { home, key: path.slice(at + 1) }
  }

  /** The ref of a cell. */
  addressOf(cell: Cell): Address {
    return (cell.address ??= new Address(this, null, cell))
  }

  /** The path of an actor that the log knows, also when it has ended. */
  pathOf(id: number): string | undefined {
    const cell = this.cells.get(id)
    if (cell !== undefined) return cell.path
    for (const record of this.log.readActor(id, 0)) {
      if (record.kind !== 'spawned') continue
      const { parent, name } = record.data()
      return parent === 0 ? `/${name}` : `${this.pathOf(parent) ?? ''}/${name}`
    }
    return undefined
  }

  /** What a parent knows of its children; made with the first child. */
  supervisionOf(cell: Cell): Supervision {
    return (cell.supervision ??= new Supervision(this, cell, cell.blueprint.strategy))
  }

  /** What decides about a cell: its parent's supervision, or the guardian's for the root. */
  supervisionAbove(cell: Cell): Supervision {
    return cell.parent === null ? this.guardian : this.supervisionOf(cell.parent)
  }

  /** Whether the log knows a cell. What is below a volatile one ends with the process. */
  isRecorded({ parent }: Cell): boolean {
    return parent === null || parent.durable
  }

  /** Whether the log follows the life of a cell. Of a volatile one only a later process would want to read it. */
  isFollowed(cell: Cell): boolean {
    return cell.durable || (this.log.isLasting && this.isRecorded(cell))
  }

  // How cells come and go --------------------------------------------------------------------------------------------

  /** Makes the root. */
  newRoot(definition: Definition, args: unknown): Cell {
    const blueprint = this.blueprints.of(definition)
    const terms = plainTerms('permanent', blueprint.isSupervisor)
    checkOpenName(this.log, 'root.name', definition.name)
    this.root = new Cell(this.nextId++, definition.name, null, blueprint, this.#open(args), terms, true)
    this.adopt(this.root)
    return this.root
  }

  /** Makes a child that a supervisor's spec names, or that is added to it. */
  newFixedChild(parent: Cell, spec: ChildSpec): Cell {
    checkOpenName(this.log, 'child.id', spec.id, parent)
    return this.#newCell(parent, spec.definition, spec.id, spec.args, spec, true)
  }

  /** Makes a child that an actor spawns. @throws {HoldfastError} `HF_DUPLICATE_NAME`, `HF_DEFINITION_UNLISTED` */
  newChild(parent: Cell, definition: Definition, name: string, args: unknown, terms: ChildTerms): Cell {
    if (this.supervisionOf(parent).children.has(name)) {
      throw new HoldfastError('HF_DUPLICATE_NAME', `${parent.path} already has a child named "${name}".`, {
        actor: parent.path,
        field: 'spawn.name',
        hint: 'Choose another name, or wait for the end of the first one with ctx.watch.',
      })
    }
    return this.#newCell(parent, definition, name, args, terms, false)
  }

  /** Puts a cell in its place among its siblings, and among those that the log knows. */
  adopt(cell: Cell): void {
    this.supervisionAbove(cell).children.set(cell.name, cell)
    const { idleMs, template } = cell.blueprint
    if (idleMs !== undefined) this.homes.set(template!.definition.name, cell)
    if (this.isRecorded(cell)) this.cells.set(cell.id, cell)
    if (this.executor !== null && cell.blueprint.runsIn === 'thread') cell.extra().remote = new Remote()
    if (this.caution !== null) this.caution.meet(cell)
  }

  /** Forgets a cell whose birth was taken back. */
  buryUnborn(cell: Cell): void {
    cell.gate = STOPPED
    this.cells.delete(cell.id)
    this.subjects?.forget(cell.id)
  }

  /** Goes on with the stop of a cell. */
  continueStop(cell: Cell): void {
    continueStop(this, cell)
  }

  /** Fails a supervisor whose budget is exhausted by children that keep ending. */
  failSupervisor(supervisor: Cell, child: Cell): void {
    const message = `${supervisor.path} gave up: ${child.path} ends again and again.`
    failCell(
      this,
      supervisor,
      new HoldfastError('HF_GAVE_UP', message, { actor: supervisor.path }),
      'child',
      0,
      0,
    )
  }

  /** The root itself is beyond help. */
  giveUp(reason: StoredError, context: FailureContext, correlation = 0, cause = 0): void {
    // A log that ends here must say why.
    if (!this.isHalting) {
      const data = failureReport(this.root, context, withoutStack(reason))
      this.log.record('gave-up', this.root.id, correlation, cause, data)
    }
    if (this.events.has('gave-up')) this.events.emit('gave-up', failureReport(this.root, context, reason))
    this.onGaveUp(reason)
  }

  // What reaches nobody ----------------------------------------------------------------------------------------------

  /** A message to a path where nobody lives. */
  nobody(path: string, type: string): void {
    this.#letter(path, type, 0, 0, 'no-actor')
  }

  /** A message whose actor cannot take it: recorded, so that recovery does not hand it out again. */
  bury(cell: Cell, type: string, position: number, correlation: number, reason: DeadReason): void {
    if (position !== 0) this.log.record('dead', cell.id, correlation, position, { message: position, reason })
    this.#letter(cell.path, type, position, correlation, reason)
  }

  /** An answer that nobody waits for any more. */
  lateReply(path: string): void {
    this.lateReplies++
    if (this.events.has('late-reply')) this.events.emit('late-reply', { actor: path })
  }

  /** Says what has nobody else to be told to. */
  warn(actor: string, message: string, error: unknown): void {
    if (this.events.has('warning'))
      this.events.emit('warning', {
        actor,
        message,
        error: error === undefined ? undefined : storedError(error, this.log.redaction),
      })
  }

  #newCell(
    parent: Cell,
    definition: Definition,
    name: string,
    args: unknown,
    terms: ChildTerms,
    fixed: boolean,
  ): Cell {
    const blueprint = this.blueprints.of(definition)
    if (!parent.durable && blueprint.durable) refuseDurable(definition, `${parent.path}/${name}`)
    const open = parent.durable ? this.#open(args) : args
    const cell = new Cell(this.nextId++, name, parent, blueprint, open, terms, fixed)
    this.adopt(cell)
    return cell
  }

  // What an actor is made from is what the log says that it is made from.
  #open(args: unknown): unknown {
    return this.log.redaction === null || args === undefined ? args : this.log.encode(args).copy
  }

  #letter(to: string, type: string, position: number, correlation: number, reason: DeadReason): void {
    const letter = { to, type, position, reason, atMs: this.authorities.now() }
    this.deadLetters.add(letter)
    this.deadLetterEvents.tell(letter, () => (correlation === 0 ? '' : this.log.correlationName(correlation)))
  }

  #wasFailing = false
  #wasHeld: StoreHold | null = null
  /** Where a virtual actor was looked for last: they come in rows. */
  #above = ''
  #aboveCell: Cell | null = null

  #onLogProgress(): void {
    const { failure } = this.log
    this.releases.advance()
    if (failure !== null) this.releases.refuse(failure)
    if (failure !== null && !this.#wasFailing && this.events.has('store-failed'))
      this.events.emit('store-failed', { failure })
    if (failure === null && this.#wasFailing && this.events.has('store-recovered'))
      this.events.emit('store-recovered', {})
    this.#wasFailing = failure !== null
    if (this.log.held !== this.#wasHeld) this.#tellOfHold(this.log.held)
    if (failure === null) this.checkpointer?.look()
    if (this.caution !== null) this.caution.look()
    if (this.dispatcher.size > 0 && !this.log.pressed) this.dispatcher.wake()
  }

  #tellOfHold(held: StoreHold | null): void {
    this.#wasHeld = held
    if (held !== null && this.events.has('store-held')) this.events.emit('store-held', held)
  }
}
