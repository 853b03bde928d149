// Recording
// =========
// The `ctx` of a turn that is run again right after it ran. It passes everything on and keeps what a log would keep: what
// the handler did, which results it got and in which order, what time it saw. Deeds go through a rerun turn that nobody
// runs, so that those of both runs are put down by the same code.

import {
  CallCounts,
  HoldfastError,
  refusedCall,
  RerunTurn,
  storedError,
  targetOf,
  type RecordedResult,
  type RecordedTurn,
  type RefusedCall,
  type Rerun,
  type RerunActor,
  type RerunObserver,
  type RerunWorld,
  type StoredError,
  type TurnInHand,
} from '@holdfast/kernel'
import { bareTurn } from '../bare-turn.js'
import type { Copies } from './copies.js'

type Method = (...args: unknown[]) => unknown
type Methods = Readonly<Record<string, Method>>

/** What becomes part of the turn when it is called. */
const ACTS: ReadonlySet<string> = new Set(
  ['tell', 'spawn', 'stop', 'watch', 'unwatch', 'link', 'dependOn', 'unlink', 'unschedule', 'stash'].concat(
    // These leave no deed, and are counted or kept.
    ['unstash', 'well', 'id', 'reply'],
  ),
)

/** What is not counted among the calls that may be refused. */
const NEVER_REFUSED: ReadonlySet<string> = new Set(['now', 'id', 'reply', 'patched'])

/** The first run of a turn, as it goes. */
export class Recording {
  readonly #ctx: TurnInHand
  readonly #observer: RerunObserver
  readonly #copies: Copies
  readonly #shadow: RerunTurn
  readonly #results: RecordedResult[] = []
  /** The changes that the handler was told it is under. */
  readonly #changes: string[] = []
  readonly #refused: RefusedCall[] = []
  readonly #calls = new CallCounts()
  #next = 0
  #timeMs: number | undefined
  #isEnded = false
  /** What the handler gets. */
  readonly ctx: TurnInHand

  constructor(
    ctx: TurnInHand,
    world: RerunWorld,
    actor: RerunActor,
    observer: RerunObserver,
    copies: Copies,
  ) {
    this.#ctx = ctx
    this.#observer = observer
    this.#copies = copies
    // It is told of no call that was refused.
    this.#shadow = new RerunTurn(world, actor, { ...this.recorded(), noted: undefined }, observer)
    this.ctx = this.#view()
  }

  /** The turn as the log would have it. */
  recorded(): RecordedTurn {
    const { message, attempt, sender } = this.#ctx
    const { type, position } = message
    const recording = this
    const rerun: Rerun = {
      message: position,
      attempt,
      get timeMs() {
        return recording.timeMs
      },
      results: this.#results,
      asked: new Map(),
      noted: null,
    }
    const head = { position, timeMs: 0, actor: 0, correlation: 0, cause: position }
    const nothing = (): unknown => undefined
    const never = (): boolean => false
    return {
      message: {
        ...head,
        kind: 'message',
        type,
        // The world knows one actor by its id: this one.
        sender: sender === undefined ? 0 : 1,
        version: 1,
        correlationName: undefined,
        ask: undefined,
        outside: false,
        timer: undefined,
        notice: false,
        bytes: 0,
        payload: nothing,
        isStoredAs: never,
      },
      turn: bareTurn(head, position, attempt),
      rerun,
      noted: { attempt, patched: this.#changes, refused: this.#refused },
    }
  }

  /** The time that the turn saw at its beginning. */
  get timeMs(): number {
    return (this.#timeMs ??= this.#ctx.now())
  }

  /** The handler has come to its end, with this value when it ended well. @returns its answer */
  end(value: unknown): unknown {
    this.#close()
    // A value that is no promise: it ends at once.
    void this.#shadow.run(() => value, undefined)
    return this.#shadow.answer
  }

  /** The handler has thrown. */
  fail(): void {
    this.#close()
  }

  #close(): void {
    this.#isEnded = true
    this.#ctx.forgetResults()
  }

  #view(): TurnInHand {
    const own: Methods = {
      now: () => this.#now(),
      schedule: (type, payload, options) => {
        this.#schedule(type, payload, options)
      },
      ask: (to, type, payload, options) => this.#ask(to, type, payload, options),
      lives: (ref) => this.#wait('lives', [ref], undefined),
      effect: (name, run, options) => this.#effect(name, run, options),
      patched: (id) => this.#patched(id),
    }
    return viewOf(this.#ctx, (key, method) => {
      if (key in own) return own[key]!
      return ACTS.has(key) ? this.#acting(key) : method
    })
  }

  #acting(key: string): Method {
    return (...args) => {
      const result = this.#call(key, args)
      const shadow = (this.#shadow as unknown as Methods)[key] as Method
      Reflect.apply(shadow, this.#shadow, args)
      return result
    }
  }

  #now(): number {
    const nowMs = this.#call('now', []) as number
    this.#timeMs ??= nowMs
    return nowMs
  }

  #patched(id: unknown): unknown {
    const isPatched = this.#call('patched', [id])
    if (isPatched === true) this.#changes.push(id as string)
    return isPatched
  }

  // Its time is that of the call, and the rerun turn that nobody runs does not know how late it is.
  #schedule(type: unknown, payload: unknown, options: unknown): void {
    this.#call('schedule', [type, payload, options])
    const { afterMs, everyMs = 0, key = type } = options as Readonly<Record<string, unknown>>
    const dueMs = this.#now() + (afterMs as number)
    this.#observer.other('schedule', { key, type, dueMs, everyMs, payload })
  }

  #ask(to: unknown, type: unknown, payload: unknown, options: unknown): unknown {
    const index = this.#next
    const answer = this.#wait('ask', [to, type, payload, options], undefined)
    void this.#observer.ask(index, (to as { readonly path: string }).path, type as string, payload)
    return answer
  }

  #effect(name: unknown, run: unknown, options: unknown): unknown {
    const index = this.#next
    const result = this.#wait('effect', [name, run, options], name as string)
    void this.#observer.effect(index, name as string, run as () => unknown)
    return result
  }

  // Whoever listens first hears first, so the record is there before the handler goes on.
  #wait(key: 'ask' | 'lives' | 'effect', args: unknown[], name: string | undefined): unknown {
    const result = this.#call(key, args) as Promise<unknown>
    const index = this.#next++
    this.#timeMs ??= this.#ctx.now()
    const kind = key === 'effect' ? key : 'reply'
    result.then(
      (value) => {
        this.#keep({ kind, index, name, ok: true, value: this.#copies.keepIfStorable(value).copy() })
      },
      (error: unknown) => {
        this.#keep({ kind, index, name, ok: false, error: keptError(error) })
      },
    )
    return result
  }

  #keep(result: Omit<RecordedResult, 'attempt' | 'position' | 'timeMs'>): void {
    if (this.#isEnded) return
    this.#results.push({ ...result, attempt: this.#ctx.attempt, position: 0, timeMs: this.#ctx.now() })
  }

  #call(key: string, args: unknown[]): unknown {
    const [target, type] = NEVER_REFUSED.has(key) ? NO_AIM : aimOf(key, args)
    const nth = this.#calls.next(key, target, type)
    try {
      return Reflect.apply((this.#ctx as unknown as Methods)[key] as Method, this.#ctx, args)
    } catch (error) {
      if (!NEVER_REFUSED.has(key)) this.#keepRefused(refusedCall(nth, key, target, type, error, null))
      throw error
    }
  }

  #keepRefused(refused: RefusedCall): void {
    this.#refused.push(refused)
    // A child without a name of its own has used one up.
    if (refused.call === 'spawn' && refused.target === '') this.#shadow.id()
  }
}

// As the record of a result has it, with the word that only such a record has.
function keptError(error: unknown): StoredError {
  const { detail } = error instanceof HoldfastError ? error : {}
  return { ...storedError(error), ...(detail === undefined ? {} : { detail }) }
}

const NO_AIM = ['', ''] as const

/** Target and type of a call that may be refused, as the log would have them. */
function aimOf(call: string, [first, second]: readonly unknown[]): [target: string, type: string] {
  if (call === 'spawn') {
    const { name = '' } = (second ?? {}) as { readonly name?: string }
    return [name, (first as { readonly name: string }).name]
  }
  if (call === 'schedule') return ['', first as string]
  if (call === 'watch') return [targetOf(first), (second ?? 'terminated') as string]
  return [targetOf(first), call === 'tell' || call === 'ask' ? (second as string) : '']
}

function viewOf(ctx: TurnInHand, method: (key: string, method: Method) => Method): TurnInHand {
  return new Proxy(ctx, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function' || typeof key !== 'string') return value
      const own = method(key, value as Method)
      return own === value ? (value as Method).bind(target) : own
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  })
}
