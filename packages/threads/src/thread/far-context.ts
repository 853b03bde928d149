// Far context
// ===========
// The `ctx` of a handler in a thread. It answers from the message what follows from that, such as time, chance and ids,
// and writes down what the handler does, for the turn that the kernel takes. Nothing happens here but that.
//
// Invariants
//   X1  What a call carries is written when it is made: what happens to the object afterwards changes nothing.
//   X2  Time, chance, ids and names are those that the kernel's turn gives: they follow from where the message stands.
//   X3  After its end it does nothing more: every call refuses with HF_TURN_CLOSED.

import {
  Chance,
  HoldfastError,
  refuse,
  revivedError,
  type AnyRef,
  type AskOptions,
  type Call,
  type Definition,
  type EffectOptions,
  type ErrandMessage,
  type ScheduleOptions,
  type SpawnOptions,
  type StopMode,
  type StoredError,
  type TellOptions,
  type TurnLog,
} from '@holdfast/kernel'
import type { ParcelWriter } from '../wire/bytes.js'
import { writeCall } from '../wire/turns.js'
import { FarRef } from './far-ref.js'
import type { Overseer } from './overseer.js'
import type { Resident } from './resident.js'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  /** What an effect does. */
  readonly run: ((signal: AbortSignal) => unknown) | undefined
}

/** One message in the hands of a handler that runs in a thread. */
export class FarContext {
  readonly #resident: Resident
  readonly #message: ErrandMessage
  #waiting: Map<number, Waiting> | null = null
  #writer: ParcelWriter
  #timeMs: number
  #sawMs = 0
  #named = 0
  #results = 0
  #chance: Chance | null = null
  #abort: AbortController | null = null
  #overseer: Overseer | null = null
  #serial = 0
  #index = 0
  /** It has called something since its calls were last sent. */
  hasActed = false
  /** It has told its own actor to stop: what follows its message is none of its business. */
  isEnding = false
  /** Hears of the first call since then. */
  onAct: (() => void) | null = null
  isOpen = true

  constructor(resident: Resident, message: ErrandMessage, writer: ParcelWriter) {
    this.#resident = resident
    this.#message = message
    this.#writer = writer
    this.#timeMs = message.timeMs
  }

  // What its thread sees ---------------------------------------------------------------------------------------------

  /** Which try this is of the message in hand. */
  get attempt(): number {
    return this.#message.attempt
  }

  /** The time that the handler looked at; 0 when it did not. */
  get sawMs(): number {
    return this.#sawMs
  }

  /** Which turn of its thread it is: the main thread may want that one to heed its signal. */
  watchFor(overseer: Overseer, serial: number, index: number): void {
    this.#overseer = overseer
    this.#serial = serial
    this.#index = index
  }

  /** Calls go there from now on. */
  writeTo(writer: ParcelWriter): void {
    this.#writer = writer
    this.hasActed = false
  }

  /** A result has come for the handler. */
  settle(index: number, ok: boolean, value: unknown, timeMs: number): void {
    const waiting = this.#waiting?.get(index)
    if (waiting === undefined) return
    this.#waiting?.delete(index)
    this.#timeMs = timeMs
    if (ok) waiting.resolve(value)
    else waiting.reject(revivedError(value as StoredError))
  }

  /** Does what an effect does. */
  runEffect(index: number, signal: AbortSignal): unknown {
    const run = this.#waiting?.get(index)?.run
    if (run === undefined) throw closed(this.#resident.path, 'effect')
    return run(signal)
  }

  /** The turn is over, or was given up. */
  close(reason?: Error): void {
    this.isOpen = false
    this.#waiting = null
    if (reason !== undefined) this.#abort?.abort(reason)
  }

  // What handlers see ------------------------------------------------------------------------------------------------

  get state(): unknown {
    this.#check('state')
    return this.#resident.state
  }

  set state(value: unknown) {
    this.#check('state')
    this.#resident.state = value
  }

  get self(): AnyRef {
    return new FarRef(this.#resident.path)
  }

  get sender(): AnyRef | undefined {
    const { sender } = this.#message
    return sender === undefined ? undefined : new FarRef(sender)
  }

  get parent(): AnyRef {
    return new FarRef(this.#resident.parent)
  }

  get message(): { readonly type: string; readonly position: number } {
    return { type: this.#message.type, position: this.#message.position }
  }

  get correlationId(): string {
    return this.#message.correlation
  }

  get signal(): AbortSignal {
    const abort = (this.#abort ??= new AbortController())
    // A loop lets no event through, so it is asked for here whether its time is over.
    if (!abort.signal.aborted && this.#isCalledOff()) abort.abort(timeIsOver(this.#resident.path))
    return abort.signal
  }

  get log(): TurnLog {
    const line = (level: keyof TurnLog) => (text: string, data?: Record<string, unknown>) => {
      this.#write({ call: 'log', level, line: text, data })
    }
    return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
  }

  tell(to: AnyRef, type: string, payload?: unknown, options?: TellOptions): void {
    this.#write({ call: 'tell', to: this.#pathOf(to), type, payload, options })
  }

  ask(to: AnyRef, type: string, payload?: unknown, options?: AskOptions): Promise<unknown> {
    const path = this.#pathOf(to)
    return this.#wait((index) => ({ call: 'ask', index, to: path, type, payload, options }))
  }

  lives(ref: AnyRef): Promise<unknown> {
    const to = this.#pathOf(ref)
    return this.#wait((index) => ({ call: 'lives', index, to }))
  }

  effect(name: string, run: (signal: AbortSignal) => unknown, options?: EffectOptions): Promise<unknown> {
    if (typeof run !== 'function') refuse('effect.run', run, 'a function', this.#resident.path)
    return this.#wait((index) => ({ call: 'effect', index, name, options }), run)
  }

  stash(): void {
    this.#write({ call: 'stash' })
  }

  unstash(): void {
    this.#write({ call: 'unstash' })
  }

  reply(answer: unknown): void {
    this.#write({ call: 'reply', answer })
  }

  spawn(definition: Definition, options?: SpawnOptions<unknown>): AnyRef {
    const name = options?.name ?? this.#nextName()
    this.#write({ call: 'spawn', definition: definition.name, options })
    return new FarRef(`${this.#resident.path}/${name}`)
  }

  stop(ref: AnyRef, how: StopMode = 'stop'): void {
    const to = this.#pathOf(ref)
    this.#write({ call: 'stop', to, how })
    if (to === this.#resident.path) this.isEnding = true
  }

  watch(ref: AnyRef, type = 'terminated'): void {
    this.#write({ call: 'watch', to: this.#pathOf(ref), type })
  }

  unwatch(ref: AnyRef): void {
    this.#write({ call: 'unwatch', to: this.#pathOf(ref) })
  }

  link(ref: AnyRef): void {
    this.#write({ call: 'link', to: this.#pathOf(ref) })
  }

  dependOn(ref: AnyRef): void {
    this.#write({ call: 'dependOn', to: this.#pathOf(ref) })
  }

  unlink(ref: AnyRef): void {
    this.#write({ call: 'unlink', to: this.#pathOf(ref) })
  }

  schedule(type: string, payload: unknown, options: ScheduleOptions): void {
    this.#write({ call: 'schedule', type, payload, options, nowMs: this.now() })
  }

  unschedule(key: string): void {
    this.#write({ call: 'unschedule', key })
  }

  well(): void {
    this.#write({ call: 'well' })
  }

  patched(id: string): boolean {
    const { patched } = this.#message
    this.#write({ call: 'patched', id })
    return patched === undefined || patched.includes(id)
  }

  ref(first: unknown, second?: string): AnyRef {
    return new FarRef(second ?? (first as string))
  }

  now(): number {
    this.#check('now')
    return (this.#sawMs = this.#timeMs)
  }

  random(): number {
    this.#check('random')
    const { position, attempt } = this.#message
    return (this.#chance ??= new Chance(position, attempt)).next()
  }

  id(): string {
    this.#write({ call: 'id' })
    return this.#nextName()
  }

  // X2: the same as the kernel's turn counts.
  #nextName(): string {
    const { position, attempt } = this.#message
    return attempt === 1 ? `${position}-${this.#named++}` : `${position}-${attempt}-${this.#named++}`
  }

  #wait(callOf: (index: number) => Call, run?: (signal: AbortSignal) => unknown): Promise<unknown> {
    const index = this.#results
    this.#write(callOf(index))
    this.#results++
    const result = new Promise((resolve, reject) => {
      ;(this.#waiting ??= new Map<number, Waiting>()).set(index, { resolve, reject, run })
    })
    // A handler may look at it later, or never: that is no unhandled rejection, which would end the thread.
    result.catch(() => undefined)
    return result
  }

  #write(call: Call): void {
    this.#check(call.call)
    writeCall(this.#writer, call)
    if (this.hasActed) return
    this.hasActed = true
    this.onAct?.()
  }

  #isCalledOff(): boolean {
    return this.#overseer?.isCalledOff(this.#resident.actor, this.#serial, this.#index) === true
  }

  #pathOf(ref: AnyRef): string {
    if (typeof (ref as AnyRef | undefined)?.path !== 'string')
      refuse('ref', ref, 'a ref', this.#resident.path)
    return ref.path
  }

  #check(what: string): void {
    if (!this.isOpen) throw closed(this.#resident.path, what)
  }
}

function timeIsOver(path: string): HoldfastError {
  return new HoldfastError('HF_THREAD_DEADLINE', `The turn of ${path} has had its time.`, {
    actor: path,
    hint: 'Raise turnTimeoutMs of the actor, or have it do less in one turn.',
  })
}

function closed(path: string, what: string): HoldfastError {
  return new HoldfastError('HF_TURN_CLOSED', `${path} has used ctx.${what} after its turn had ended.`, {
    actor: path,
    hint: 'Await what the handler starts, so that the turn ends after it.',
  })
}
