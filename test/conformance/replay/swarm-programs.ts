// What the handlers of a random swarm do: an interpreter of their programs.

import type { AnyRef } from 'holdfast'
import type { Op, Reach, Value } from './random-swarms.js'

class Slip extends Error {}
class Crash extends Error {}
class Doom extends Error {}
const classes = { Slip, Crash, Doom }

/** The state of every actor. */
export interface State {
  n: number
  open: boolean
  /** What it has done that must come to an end. */
  stashes: number
  made: number
  watches: number
  kids: string[]
  seen: unknown[]
  box: { n: number }
}

export const newState = (): State => ({
  n: 0,
  open: true,
  stashes: 0,
  made: 0,
  watches: 0,
  kids: [],
  seen: [],
  box: { n: 0 },
})

/** What is sent. */
interface Sent {
  /** How often it may be passed on. */
  readonly ttl: number
  v: unknown
  readonly list: number[]
}

/** The part of a context that programs use. */
export interface Hands {
  state: State
  readonly self: AnyRef
  readonly sender: AnyRef | undefined
  readonly message: { readonly type: string; readonly position: number }
  /** Which try of the message it is. The context has it, and no handler is told of it. */
  readonly attempt: number
  now(): number
  random(): number
  id(): string
  ref(path: string): AnyRef
  tell(to: AnyRef, type: string, payload: unknown, options?: { readonly correlation?: string }): void
  ask(to: AnyRef, type: string, payload: unknown, options: { readonly timeoutMs: number }): Promise<unknown>
  effect(name: string, run: () => unknown, options: object): Promise<unknown>
  lives(ref: AnyRef): Promise<unknown>
  stash(): void
  unstash(): void
  reply(answer: unknown): void
  spawn(options: {
    readonly name?: string
    readonly restart: 'transient' | 'temporary'
    readonly correlation?: string
  }): AnyRef
  stop(ref: AnyRef, how: 'stop' | 'drain' | 'kill'): void
  watch(ref: AnyRef): void
  unwatch(ref: AnyRef): void
  link(ref: AnyRef): void
  dependOn(ref: AnyRef): void
  unlink(ref: AnyRef): void
  schedule(
    type: string,
    payload: unknown,
    options: { readonly afterMs: number; readonly everyMs?: number; readonly key: string },
  ): void
  unschedule(key: string): void
  patched(id: string): boolean
  well(): void
}

/** What the programs of one kind need beside their context. */
export interface Surroundings {
  readonly targets: readonly string[]
  readonly mayspawn: boolean
  /** What a turn does on a message, or in a hook. */
  programOf(name: string, turn: TurnOf): Program
  /** How an effect is done; `where` says which one of which turn it is. */
  effectOf(op: EffectOp, where: string): EffectOp
  /** Does an effect, for real. */
  perform(name: string, how: 'now' | 'later' | 'hangs', where: string): unknown
}

export type EffectOp = Extract<Reach, { do: 'effect' }>

/** Which turn it is. */
export interface TurnOf {
  readonly position: number
  readonly attempt: number
}

/** What one turn does. */
export interface Program {
  readonly ops: readonly Op[]
  /** Its handler is one that waits. */
  readonly waits: boolean
}

const WATCHES_MAX = 4
const KIDS_MAX = 2
const STASHES_MAX = 4

/** Runs the program of one message. */
export function run(around: Surroundings, name: string, hands: Hands, payload: unknown): unknown {
  const { position } = hands.message
  const { ops, waits } = around.programOf(name, { position, attempt: hands.attempt })
  const turn = new Turn(around, hands, payload)
  return waits ? turn.runWaiting(ops) : turn.runAtOnce(ops)
}

/** Whether a handler that does this waits. */
export function isWaiting({ do: what }: Op): boolean {
  return ['ask', 'effect', 'lives', 'race', 'all', 'pool'].includes(what)
}

class Turn {
  readonly #around: Surroundings
  readonly #hands: Hands
  readonly #given: Sent
  readonly #dice: readonly number[]
  #thrown = 0
  #effects = 0

  constructor(around: Surroundings, hands: Hands, payload: unknown) {
    this.#around = around
    this.#hands = hands
    // A hook is given a number, a notice what it tells of: they pass nothing on, so that everything comes to an end.
    const isSent = typeof payload === 'object' && payload !== null && 'ttl' in payload
    this.#given = isSent ? (payload as Sent) : { ttl: 0, v: 0, list: [] }
    this.#dice = [hands.random(), hands.random(), hands.random(), hands.random()]
    if (isSent) this.#note(this.#given.v)
  }

  runAtOnce(ops: readonly Op[]): unknown {
    for (const op of ops) this.#do(op)
    return this.#answer()
  }

  async runWaiting(ops: readonly Op[]): Promise<unknown> {
    for (const op of ops) {
      if (!isWaiting(op)) this.#do(op)
      else if (this.#given.ttl > 0 || op.do === 'effect') await this.#wait(op)
    }
    return this.#answer()
  }

  #answer(): unknown {
    return { n: this.#hands.state.n, box: this.#hands.state.box.n }
  }

  #die(): number {
    return this.#dice[this.#thrown++ % this.#dice.length]!
  }

  #note(what: unknown): void {
    const { state } = this.#hands
    const isRef = typeof what === 'object' && what !== null && 'path' in what
    state.seen.push(isRef ? (what as AnyRef).path : what)
    if (state.seen.length > 5) state.seen.shift()
  }

  #to(nth: number): AnyRef {
    const { self, state, message } = this.#hands
    const sender = message.type.startsWith('$') ? undefined : this.#hands.sender
    const { targets } = this.#around
    const path = targets[nth % targets.length]!
    if (path === 'self') return self
    if (path === 'sender') return sender ?? self
    return this.#hands.ref(path === 'kid' ? (state.kids.at(-1) ?? '/root/nobody') : path)
  }

  #value(value: Value): unknown {
    const hands = this.#hands
    switch (value) {
      case 'one':
        return 1
      case 'n':
        return hands.state.n
      case 'time':
        return hands.now()
      case 'dice':
        return this.#die()
      case 'id':
        return hands.id()
      case 'given':
        return this.#given.v
      case 'me':
        return hands.self
    }
  }

  #sent(value: Value): Sent {
    return { ttl: this.#given.ttl - 1, v: this.#value(value), list: this.#given.list }
  }

  // At once ----------------------------------------------------------------------------------------------------------

  #do(op: Op): void {
    const hands = this.#hands
    const { state } = hands
    const mayPassOn = this.#given.ttl > 0
    switch (op.do) {
      case 'tell':
        if (mayPassOn)
          hands.tell(
            this.#to(op.to),
            op.type,
            this.#sent(op.value),
            op.named ? { correlation: 'south' } : undefined,
          )
        return
      case 'schedule': {
        if (!mayPassOn) return
        const { type, afterMs, everyMs, key } = op
        hands.schedule(type, this.#sent('n'), { afterMs, key, ...(everyMs === 0 ? {} : { everyMs }) })
        return
      }
      case 'unschedule':
        hands.unschedule(op.key)
        return
      case 'spawn':
        if (mayPassOn) this.#spawn(op)
        return
      case 'stop':
        if (op.whom === 'self') hands.stop(hands.self, op.how)
        else if (state.kids.length > 0) hands.stop(hands.ref(state.kids.pop()!), op.how)
        return
      case 'throw':
        if (Math.floor(this.#die() * op.sides) === 0) throw new classes[op.error](`${op.error} at ${state.n}`)
        return
      case 'patched':
        state.n += hands.patched(op.id) ? 100 : 1
        return
      case 'unpatched':
        state.n += 1
        return
      default:
        this.#doToItself(op)
    }
  }

  #spawn({ name, restart, own }: Extract<Op, { do: 'spawn' }>): void {
    const { state } = this.#hands
    if (!this.#around.mayspawn || state.made >= KIDS_MAX) return
    const kid = this.#hands.spawn({
      restart,
      ...(name ? { name: `kid-${state.made}` } : {}),
      ...(own ? { correlation: 'nursery' } : {}),
    })
    state.made++
    state.kids.push(kid.path)
    this.#hands.tell(kid, 'a', this.#sent('n'))
  }

  #doToItself(op: Op): void {
    const hands = this.#hands
    const { state } = hands
    switch (op.do) {
      case 'stash':
        if (hands.message.type.length > 1 || state.stashes >= STASHES_MAX) return
        state.stashes++
        hands.stash()
        return
      case 'unstash':
        hands.unstash()
        return
      case 'mutate':
        this.#given.list.push(state.n)
        if (this.#given.list.length > 4) this.#given.list.length = 0
        return
      case 'noise':
        this.#note([hands.now(), this.#die(), hands.id()])
        return
      case 'reply':
        hands.reply({ early: state.n })
        return
      case 'well':
        hands.well()
        return
      case 'add':
        state.n += op.by
        state.box.n = state.n
        return
      case 'renew':
        hands.state = { ...state, box: { n: state.n + 1 } }
        return
      case 'watch':
      case 'link':
      case 'dependOn':
        if (state.watches >= WATCHES_MAX) return
        state.watches++
        hands[op.do](this.#to(op.to))
        return
      case 'unwatch':
      case 'unlink':
        hands[op.do](this.#to(op.to))
        return
      default:
        // The others are waited for, or done above.
        return
    }
  }

  // In waiting -------------------------------------------------------------------------------------------------------

  async #wait(op: Op): Promise<void> {
    const hands = this.#hands
    const seen = (got: unknown): void => {
      this.#note(got)
      this.#note(hands.now())
    }
    const code = (error: unknown): unknown => {
      const { name, message } = error as Error
      return `${name}: ${message}`
    }
    if (op.do === 'race') seen(await Promise.race(op.reaches.map((each) => this.#reach(each))).catch(code))
    else if (op.do === 'all') seen(await Promise.all(op.reaches.map((each) => this.#reach(each))).catch(code))
    else if (op.do === 'pool') {
      const asked = hands.ask(hands.ref('/root/pool'), op.what, { id: op.id }, { timeoutMs: 1_000 })
      const got = await asked.catch(code)
      seen(typeof got === 'object' && got !== null && 'path' in got ? 'up' : got)
    } else {
      const reached = this.#reach(op as Reach)
      const isLeft = (op.do === 'effect' && op.tries === 2) || (op.do === 'ask' && op.value === 'one')
      seen(await (isLeft ? reached : reached.catch(code)))
    }
  }

  #reach(op: Reach): Promise<unknown> {
    const hands = this.#hands
    switch (op.do) {
      case 'ask':
        return hands.ask(this.#to(op.to), op.type, this.#sent(op.value), { timeoutMs: op.timeoutMs })
      case 'lives':
        return hands.lives(this.#to(op.to))
      case 'effect': {
        const where = `${hands.message.position}.${hands.attempt}.${this.#effects++}`
        const { name, how, tries } = this.#around.effectOf(op, where)
        const options = {
          timeoutMs: 250,
          ...(tries === 1 ? {} : { retry: { attempts: tries, minMs: 10 } }),
        }
        return hands.effect(name, () => this.#around.perform(name, how, where), options)
      }
    }
  }
}
