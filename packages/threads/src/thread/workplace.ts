// Workplace
// =========
// What a worker thread does: it keeps the states of the actors that live here, runs their handlers, and says what they did.
// It decides nothing. An actor of which anything went wrong is forgotten; the kernel makes its state again and sends it.
//
// Invariants
//   Y1  A state is the one that came with an errand, or the one that the last turn here left. After a failure it is gone.
//   Y2  While code of an actor is on the stack, `inHand` of its task says which message it has.

import { HoldfastError, ignore, storedError, type Blueprint, type ErrandMessage } from '@holdfast/kernel'
import { STATE_BACK_BYTES, STATE_PACKED_EVERY } from '../limits.js'
import { ParcelReader, ParcelWriter } from '../wire/bytes.js'
import { readMessage, readState } from '../wire/messages.js'
import type { EffectTask, FollowTask, GiveTask, GiveUpTask, Reply, RunTask, Task } from '../wire/tasks.js'
import { writeTurnEnd } from '../wire/turns.js'
import type { Values } from '../wire/values.js'
import { FarContext } from './far-context.js'
import { NO_OVERSEER, type Overseer } from './overseer.js'
import type { HandlerEnd, Resident, TurnInThread } from './resident.js'

const LOST: Reply = { kind: 'lost' }

/** What a workplace is made of. */
export interface WorkplaceParts {
  readonly values: Values
  /** Finds a definition by its name, in the module that has it. */
  readonly find: (name: string, module: string) => Promise<Blueprint>
  /** Runs something in the next step of the event loop. */
  readonly step: (run: () => void) => void
  /** Keeps an eye on it. @default nobody */
  readonly overseer?: Overseer
}

/** The side of the executor that is in a worker thread. */
export class Workplace {
  readonly #values: Values
  readonly #find: WorkplaceParts['find']
  readonly #oneStep: () => Promise<void>
  readonly #overseer: Overseer
  readonly #residents = new Map<number, Resident>()
  /** Errands with a state whose module is being loaded. */
  readonly #arriving = new Map<number, number>()
  readonly #effects = new Map<string, AbortController>()

  constructor({ values, find, step, overseer = NO_OVERSEER }: WorkplaceParts) {
    this.#overseer = overseer
    this.#values = values
    this.#find = find
    this.#oneStep = () =>
      new Promise((resolve) => {
        step(resolve)
      })
  }

  /** Does one task. It never rejects. */
  do(task: Task): Promise<Reply> {
    return this.#overseer.within(task.actor, this.#doTask, task)
  }

  readonly #doTask = async (task: Task): Promise<Reply> => {
    try {
      switch (task.kind) {
        case 'run':
          return await this.#run(task)
        case 'follow':
          return await this.#follow(task)
        case 'give':
          return await this.#give(task)
        case 'effect':
          return await this.#effect(task)
        case 'begin':
          return { kind: 'begun' }
        default:
          return this.#giveUp(task)
      }
    } catch (error) {
      return { kind: 'error', error: { ...storedError(error) } }
    }
  }

  async #run(task: RunTask): Promise<Reply> {
    const reader = new ParcelReader(this.#values, task.parcel)
    const resident = await this.#residentOf(task, readState(reader))
    if (resident === undefined) return LOST
    const writer = new ParcelWriter(this.#values)
    const overseer = this.#overseer
    const { actor } = task
    const beganMs = overseer.now()
    let size = 0
    for (let goesOn = true; goesOn && size < task.count;) {
      Atomics.store(task.inHand, 0, ++size)
      Atomics.store(task.inHand, 1, size)
      overseer.enter(actor)
      const message = readMessage(reader)
      const turn = newTurn(resident, task.serial, message, writer)
      turn.context.watchFor(overseer, task.serial, size)
      const result = call(turn, message.payload)
      // Most handlers have ended by now, and no promise is made for them.
      const end = result instanceof Promise ? await this.#endSoon(turn, result) : result
      // It may have been given up meanwhile, and another state of the actor be there.
      if (resident.isGone) {
        turn.context.close()
        Atomics.store(task.inHand, 0, 0)
        return LOST
      }
      if (end === null) this.#leave(resident, turn)
      goesOn = end !== null && this.#end(resident, actor, turn, end) && !turn.context.isEnding
      overseer.look(actor, !goesOn || size === task.count)
    }
    const hasState = resident.waiting === null && this.#packState(resident, task.isStateDue, writer)
    Atomics.store(task.inHand, 0, 0)
    const busyMs = overseer.now() - beganMs
    return { kind: 'work', work: { parcel: writer.end(), size, hasState }, busyMs }
  }

  // Y1
  async #residentOf(task: RunTask, state: { readonly value: unknown } | null): Promise<Resident | undefined> {
    const { actor, path, parent, turns, digestEvery } = task
    if (state === null) {
      const resident = this.#residents.get(actor)
      return resident?.waiting === null ? resident : undefined
    }
    this.#arriving.set(actor, task.serial)
    const blueprint = await this.#overseer.loading(() => this.#find(task.definition, task.module))
    // Given up while its module was loaded.
    if (this.#arriving.get(actor) !== task.serial) return undefined
    this.#forget(actor)
    const at = { state: state.value, turns, stateBytes: 0, sincePacked: 0, waiting: null, isGone: false }
    const resident: Resident = { actor, blueprint, path, parent, digestEvery, ...at }
    this.#residents.set(actor, resident)
    return resident
  }

  // A turn that has not ended by now waits: for results, or for something of its own.
  #leave(resident: Resident, turn: TurnInThread): void {
    writeTurnEnd(turn.writer, 'waits', undefined, turn.context.sawMs, -1)
    resident.waiting = turn
    turn.writer = new ParcelWriter(this.#values)
    turn.context.writeTo(turn.writer)
  }

  /** Writes how a turn ended. @returns whether the actor can go on from its state */
  #end(resident: Resident, actor: number, turn: TurnInThread, end: HandlerEnd): boolean {
    const { context, writer, entry } = turn
    const timeMs = context.sawMs
    context.close()
    resident.waiting = null
    if (end.ok) {
      const isIgnored = end.answer === ignore && entry.isHook
      const answer = turn.isAsked && !isIgnored ? end.answer : undefined
      const outcome = isIgnored ? 'ignored' : 'done'
      try {
        writeTurnEnd(writer, outcome, answer, timeMs, this.#digestOf(resident))
        resident.turns++
        return true
      } catch (error) {
        end = { ok: false, error }
      }
    }
    if (!resident.isGone) this.#forget(actor)
    writeTurnEnd(writer, 'failed', { ...storedError(end.error) }, timeMs, -1)
    return false
  }

  // A state that cannot be stored has no digest, and does not travel: the log alone carries it on.
  #digestOf({ digestEvery, turns, state }: Resident): number {
    if (digestEvery === 0 || (turns + 1) % digestEvery !== 0) return -1
    try {
      return this.#values.digest(state)
    } catch {
      return -1
    }
  }

  // What is small comes back with all that is done, so that nothing has to be made again when this thread ends. Whether a
  // large one has become small is looked at now and then.
  #packState(resident: Resident, isDue: boolean, writer: ParcelWriter): boolean {
    if (resident.isGone) return false
    const isWanted = isDue || resident.blueprint.output !== undefined
    if (!isWanted && resident.stateBytes > STATE_BACK_BYTES && ++resident.sincePacked < STATE_PACKED_EVERY)
      return false
    const before = writer.size
    try {
      writer.value(resident.state)
    } catch {
      writer.backTo(before)
      return false
    }
    resident.sincePacked = 0
    resident.stateBytes = writer.size - before
    if (isWanted || resident.stateBytes <= STATE_BACK_BYTES) return true
    writer.backTo(before)
    return false
  }

  async #follow({ actor, serial, inHand }: FollowTask): Promise<Reply> {
    const turn = this.#waiting(actor, serial)
    if (turn === undefined) return LOST
    const resident = this.#residents.get(actor)!
    const { context, writer } = turn
    if (!context.hasActed && turn.end === null)
      await Promise.race([
        turn.ended,
        new Promise<void>((resolve) => {
          context.onAct = resolve
        }),
      ])
    context.onAct = null
    // Whatever else it does in this step comes along.
    const end = await this.#endSoon(turn, turn.ended)
    if (this.#waiting(actor, serial) !== turn) return LOST
    if (end === null) this.#leave(resident, turn)
    else this.#end(resident, actor, turn, end)
    Atomics.store(inHand, 0, 0)
    const hasState = end !== null && this.#packState(resident, false, writer)
    return { kind: 'work', work: { parcel: writer.end(), size: 1, hasState }, busyMs: 0 }
  }

  async #give({ actor, serial, index, ok, timeMs, parcel, inHand }: GiveTask): Promise<Reply> {
    const turn = this.#waiting(actor, serial)
    if (turn === undefined) return LOST
    const value = new ParcelReader(this.#values, parcel).value()
    Atomics.store(inHand, 0, 1)
    this.#overseer.enter(actor)
    turn.context.settle(index, ok, value, timeMs)
    // What the handler does with it, it does in this step.
    await this.#oneStep()
    Atomics.store(inHand, 0, 0)
    this.#overseer.look(actor, true)
    return { kind: 'value', parcel: new ParcelWriter(this.#values).end() }
  }

  async #effect({ actor, serial, index, inHand }: EffectTask): Promise<Reply> {
    const turn = this.#waiting(actor, serial)
    if (turn === undefined) return LOST
    const key = `${actor}.${serial}.${index}`
    const abort = new AbortController()
    this.#effects.set(key, abort)
    try {
      Atomics.store(inHand, 0, 1)
      this.#overseer.enter(actor)
      const running = turn.context.runEffect(index, abort.signal)
      if (running instanceof Promise) await Promise.race([running.catch(() => undefined), this.#oneStep()])
      Atomics.store(inHand, 0, 0)
      const writer = new ParcelWriter(this.#values)
      writer.value(await running)
      return { kind: 'value', parcel: writer.end() }
    } finally {
      Atomics.store(inHand, 0, 0)
      this.#effects.delete(key)
    }
  }

  #giveUp({ kind, actor, serial, index }: GiveUpTask): Reply {
    if (kind === 'forget') this.#forget(actor)
    else this.#effects.get(`${actor}.${serial}.${index}`)?.abort()
    return LOST
  }

  // What a handler ends with in this step of the event loop; `null` when it does not.
  async #endSoon(turn: TurnInThread, ended: Promise<HandlerEnd>): Promise<HandlerEnd | null> {
    if (turn.end === null) await Promise.race([ended, this.#oneStep()])
    return turn.end
  }

  #waiting(actor: number, serial: number): TurnInThread | undefined {
    const turn = this.#residents.get(actor)?.waiting ?? undefined
    return turn?.serial === serial ? turn : undefined
  }

  #forget(actor: number): void {
    this.#arriving.delete(actor)
    const resident = this.#residents.get(actor)
    if (resident === undefined) return
    this.#residents.delete(actor)
    resident.isGone = true
    resident.waiting?.context.close(givenUp(resident.path))
    resident.waiting = null
  }
}

function givenUp(path: string): HoldfastError {
  return new HoldfastError('HF_ACTOR_STOPPED', `The turn of ${path} was given up.`, { actor: path })
}

function newTurn(
  resident: Resident,
  serial: number,
  message: ErrandMessage,
  writer: ParcelWriter,
): TurnInThread {
  const context = new FarContext(resident, message, writer)
  const entry = resident.blueprint.entry(message.type)!
  return { serial, context, entry, isAsked: message.isAsked, writer, ended: NO_PROMISE, end: null }
}

// Stands for the end of a handler that gave no promise.
const NO_PROMISE = Promise.resolve<HandlerEnd>({ ok: true, answer: undefined })

// Runs the handler up to its end or its first wait.
function call(turn: TurnInThread, payload: unknown): HandlerEnd | Promise<HandlerEnd> {
  try {
    const answer = turn.entry.run(turn.context as never, payload)
    if (!isThenable(answer)) return { ok: true, answer }
    const ended = Promise.resolve(answer).then<HandlerEnd, HandlerEnd>(
      (value) => (turn.end = { ok: true, answer: value }),
      (error: unknown) => (turn.end = { ok: false, error }),
    )
    return (turn.ended = ended)
  } catch (error) {
    return { ok: false, error }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}
