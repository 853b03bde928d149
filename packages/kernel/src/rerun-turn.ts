// Rerun turn
// ==========
// A turn that is run again from the log. The handler sees the same message, time, chance and results, in the same
// order; what it does goes to an observer instead of the world. Rebuilding observes nothing, replay compares.
//
// Invariants
//   U1  Nothing leaves: no message, no effect, no spawn, no timer.
//   U2  Results come in the order of their records, never any other.
//   U3  A call that was refused is refused again, with the same error, and is not told to the observer.
//   U4  A turn whose handler ran ahead ends with a call that is refused: there nobody could tell the handler, and its turn has
//       failed of that. What cannot be stored was refused where it ran, and the handler has had its say.

import { isHook, type RunHandler } from './blueprint.js'
import type { RecordedTurn } from './cell.js'
import { Chance } from './chance.js'
import type { AskOptions, Context, ScheduleOptions, SpawnOptions, TellOptions, TurnLog } from './context.js'
import type { Definition } from './definition.js'
import { ignore } from './ignore.js'
import type { Kernel } from './kernel.js'
import { NO_ANSWER } from './log.js'
import { askFailed } from './outside-ask.js'
import { checkPatch, isPatched } from './patches.js'
import { revivedError, type StopMode, type StoredError } from './records.js'
import type { AnyRef } from './ref.js'
import { RefusedAgain, targetOf } from './refused-calls.js'
import { RerunResults } from './rerun-results.js'
import { checkStash } from './stash.js'
import { SILENT } from './turn-log.js'

/** Index of the recorded result that answers, or what stands in for a result that was not recorded. */
export type Answering = number | Promise<unknown>

/** Sees what a rerun turn does. */
export interface RerunObserver {
  tell(to: string, type: string, payload: unknown, correlation: string | undefined): void
  /** It asks for its result with this index. @returns the one that it is given */
  ask(index: number, to: string, type: string, payload: unknown, correlation?: string): Answering
  /** It wants its result with this index, which `run` would bring about. @returns the one that it is given */
  effect(index: number, name: string, run: (signal: AbortSignal) => unknown): Answering
  /** It asks with its result of this index whether somebody lives. @returns the one that it is given */
  lives?(index: number): number
  spawn(name: string, definition: string, args: unknown, correlation?: string): void
  other(
    kind:
      | 'stop'
      | 'watch'
      | 'unwatch'
      | 'link'
      | 'dependOn'
      | 'unlink'
      | 'schedule'
      | 'unschedule'
      | 'stash'
      | 'unstash',
    data: Readonly<Record<string, unknown>>,
  ): void
}

/** What a rerun needs of its surroundings. */
export interface RerunWorld {
  readonly authorities: Kernel['authorities']
  /** The ref of a path, in whatever world this is. */
  ref(path: string): AnyRef
  /** The path of an actor that the log knows by its id. */
  pathOf(id: number): string | undefined
  correlationName(id: number): string
}

/** What a rerun needs of its actor: a live cell has it, and so has an actor that replay rebuilds. */
export interface RerunActor {
  readonly path: string
  readonly parentPath: string
  state: unknown
}

/** One recorded turn, run again. */
export class RerunTurn {
  // Recovery makes one of these for every turn: few fields, and no private ones, which V8 sets up more slowly.
  private readonly world: RerunWorld
  private readonly actor: RerunActor
  private readonly recorded: RecordedTurn
  private readonly observer: RerunObserver | undefined
  private given: unknown
  private named: number
  private chance: Chance | null
  private results: RerunResults | null
  /** Refuses what was refused, once there is such a call. */
  private again: RefusedAgain | null
  private isStashed: boolean
  /** Its handler ran ahead of its turn, in a thread. */
  ranAhead: boolean
  /** What it has failed of, whatever its handler makes of that. */
  private failure: Error | undefined

  constructor(world: RerunWorld, actor: RerunActor, recorded: RecordedTurn, observer?: RerunObserver) {
    this.world = world
    this.actor = actor
    this.recorded = recorded
    this.observer = observer
    this.given = NO_ANSWER
    this.named = 0
    this.chance = null
    this.results = null
    this.again = null
    this.isStashed = false
    this.ranAhead = false
    this.failure = undefined
  }

  /** Runs the handler. @returns a promise when it waits; it rejects with what the handler threw */
  run(handler: RunHandler, payload: unknown): Promise<void> | undefined {
    const result = handler(this as unknown as Context<unknown>, payload)
    if (
      typeof result !== 'object' ||
      result === null ||
      typeof (result as { then?: unknown }).then !== 'function'
    ) {
      this.end(result)
      return undefined
    }
    const stalled = new Promise<never>((_resolve, reject) => {
      this.waits().onStall(reject)
    })
    return Promise.race([Promise.resolve(result as PromiseLike<unknown>), stalled]).then(
      (value) => {
        this.end(value)
      },
      (error: unknown) => {
        throw this.failure ?? error
      },
    )
  }

  /** What it answered, once it has ended. */
  get answer(): unknown {
    return this.given
  }

  private end(result: unknown): void {
    if (this.failure !== undefined) throw this.failure
    if (result === ignore && this.recorded.message.type.startsWith('$')) {
      this.given = undefined
      this.observer?.other('stop', { path: this.actor.path, type: 'ignore' })
    } else if (this.given === NO_ANSWER) this.given = result
  }

  // What the handler sees --------------------------------------------------------------------------------------------

  get state(): unknown {
    return this.actor.state
  }

  set state(value: unknown) {
    this.actor.state = value
  }

  get self(): AnyRef {
    return this.world.ref(this.actor.path)
  }

  get sender(): AnyRef | undefined {
    const path =
      this.recorded.message.sender === 0 ? undefined : this.world.pathOf(this.recorded.message.sender)
    return path === undefined ? undefined : this.world.ref(path)
  }

  get parent(): AnyRef {
    return this.world.ref(this.actor.parentPath)
  }

  get message(): { readonly type: string; readonly position: number } {
    return { type: this.recorded.message.type, position: this.recorded.message.position }
  }

  get attempt(): number {
    return this.recorded.turn.attempt
  }

  forgetResults(): void {
    // They are in the record.
  }

  get correlationId(): string {
    return this.world.correlationName(this.recorded.turn.correlation)
  }

  get signal(): AbortSignal {
    return NEVER.signal
  }

  get log(): TurnLog {
    return SILENT
  }

  now(): number {
    const { rerun, turn } = this.recorded
    return this.results?.timeMs ?? rerun?.timeMs ?? turn.timeMs
  }

  random(): number {
    const { message, turn } = this.recorded
    return (this.chance ??= new Chance(message.position, turn.attempt)).next()
  }

  id(): string {
    return this.nextName()
  }

  tell(to: AnyRef, type: string, payload?: unknown, options?: TellOptions): void {
    this.begins('tell', to, type)
    this.observer?.tell(to.path, type, payload, options?.correlation)
  }

  ask(to: AnyRef, type: string, payload?: unknown, options?: AskOptions): Promise<unknown> {
    this.begins('ask', to, type)
    const results = this.waits()
    const index = results.nextIndex()
    const answering = this.observer?.ask(index, to.path, type, payload, options?.correlation) ?? index
    if (typeof answering !== 'number') return answering
    return results.wait(answering, undefined, (error) => askFailed(to.path, error), `an ask of "${type}"`)
  }

  lives(ref: AnyRef): Promise<unknown> {
    this.begins('lives', ref, '')
    const results = this.waits()
    const failure = (error: StoredError): Error => askFailed(ref.path, error)
    const index = results.nextIndex()
    const answering = this.observer?.lives?.(index) ?? index
    return results.wait(answering, undefined, failure, `whether ${ref.path} lives`)
  }

  effect(name: string, run: (signal: AbortSignal) => unknown, _options?: unknown): Promise<unknown> {
    this.begins('effect', name, '')
    const results = this.waits()
    const index = results.nextIndex()
    const answering = this.observer?.effect(index, name, run) ?? index
    if (typeof answering !== 'number') return answering
    return results.wait(answering, name, revivedError, `effect "${name}"`)
  }

  stash(): void {
    this.begins('stash', '', '')
    const { type, position } = this.recorded.message
    checkStash(this.actor.path, { type, isHook: isHook(type) }, position, this.isStashed)
    this.isStashed = true
    this.observer?.other('stash', { path: type })
  }

  patched(id: string): boolean {
    checkPatch(id, this.actor.path)
    return isPatched(this.recorded.noted?.patched, id, this.actor.path)
  }

  unstash(): void {
    this.begins('unstash', '', '')
    this.observer?.other('unstash', { path: 'all' })
  }

  reply(answer: unknown): void {
    this.given = answer
  }

  spawn(definition: Definition, options: SpawnOptions<unknown> = {}): AnyRef {
    const name = options.name ?? this.nextName()
    this.begins('spawn', options.name ?? '', definition.name)
    this.observer?.spawn(name, definition.name, options.args, options.correlation)
    return this.world.ref(`${this.actor.path}/${name}`)
  }

  stop(ref: AnyRef, how: StopMode = 'stop'): void {
    this.begins('stop', ref, '')
    this.observer?.other('stop', { path: ref.path, type: how === 'stop' ? '' : how })
  }

  watch(ref: AnyRef, type = 'terminated'): void {
    this.begins('watch', ref, type)
    this.observer?.other('watch', { path: ref.path, type })
  }

  unwatch(ref: AnyRef): void {
    this.begins('unwatch', ref, '')
    this.observer?.other('unwatch', { path: ref.path })
  }

  link(ref: AnyRef): void {
    this.begins('link', ref, '')
    this.observer?.other('link', { path: ref.path })
  }

  dependOn(ref: AnyRef): void {
    this.begins('dependOn', ref, '')
    this.observer?.other('dependOn', { path: ref.path })
  }

  unlink(ref: AnyRef): void {
    this.begins('unlink', ref, '')
    this.observer?.other('unlink', { path: ref.path })
  }

  schedule(type: string, payload: unknown, options: ScheduleOptions): void {
    this.begins('schedule', '', type)
    const { afterMs, everyMs = 0, key = type } = options
    this.observer?.other('schedule', { key, type, dueMs: this.now() + afterMs, everyMs, payload })
  }

  unschedule(key: string): void {
    this.begins('unschedule', key, '')
    this.observer?.other('unschedule', { key })
  }

  well(): void {
    this.begins('well', '', '')
    // It changes how long the next pause is, and nothing that the log tells.
  }

  administer(): void {
    // What a command did are records of their own.
  }

  ref(first: unknown, second?: string): AnyRef {
    return this.world.ref(second ?? (first as string))
  }

  private nextName(): string {
    const { position } = this.recorded.message
    const { attempt } = this.recorded.turn
    return attempt === 1 ? `${position}-${this.named++}` : `${position}-${attempt}-${this.named++}`
  }

  // U3, U4
  private begins(call: string, target: AnyRef | string, type: string): void {
    const refused = this.recorded.noted?.refused
    if (refused === undefined || refused.length === 0) return
    if (this.failure !== undefined) throw this.failure
    this.again ??= new RefusedAgain(this.actor.path, refused)
    try {
      this.again.check(call, targetOf(target), type)
    } catch (error) {
      const refusal = error as Error & { readonly code?: unknown }
      if (this.ranAhead && refusal.code !== 'HF_NOT_STORABLE') this.failure = refusal
      throw error
    }
  }

  private waits(): RerunResults {
    return (this.results ??= new RerunResults(
      this.world.authorities,
      this.actor.path,
      this.recorded,
      this.observer !== undefined,
    ))
  }
}

const NEVER = new AbortController()
