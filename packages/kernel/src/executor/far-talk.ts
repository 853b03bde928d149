// Far talk
// ========
// A turn that waits in a thread, and the turn on the log that stands for it. What the handler asks for is asked for here;
// what comes of it is given to the handler there, in the order in which it comes; what the handler does then comes back.
//
//   thread   handler --ask, effect-->  .........waits.........  --tell, ask--> ..... --answer-->
//                                 \                       ^                \          \
//   kernel                    ctx.ask, ctx.effect --> result given       ctx.tell    turn ends
//
// What an effect does is done in the thread as well: the kernel says when it may begin.

import { HoldfastError } from '../errors.js'
import { storedError } from '../records.js'
import type { LiveTurn } from '../turn.js'
import type { Call, Executor, FarTurn, Outcome } from './executor.js'
import { answerOf, performCalls, takeState } from './performing.js'
import type { Remote } from './remote.js'

/** The kernel's side of a turn that waits in a thread. */
export class FarTalk {
  readonly #turn: LiveTurn
  readonly #remote: Remote
  readonly #executor: Executor
  readonly #serial: number
  #end!: (answer: unknown) => void
  #fail!: (error: unknown) => void

  constructor(turn: LiveTurn, remote: Remote) {
    this.#turn = turn
    this.#remote = remote
    this.#executor = turn.kernel.executor!
    this.#serial = remote.serial
  }

  /** Does what the handler did before it began to wait. @returns what the handler will have answered */
  begin(far: FarTurn): Promise<unknown> {
    const ended = new Promise((resolve, reject) => {
      this.#end = resolve
      this.#fail = reject
    })
    this.#goOn(far)
    return ended
  }

  get #isOver(): boolean {
    return !this.#turn.isOpen || this.#turn.cell.turn !== this.#turn || this.#remote.serial !== this.#serial
  }

  #goOn(far: FarTurn): void {
    try {
      // What it saw before its first result follows from nothing else.
      if (far.timeMs !== 0 && !this.#turn.hasBegun) this.#turn.sees(far.timeMs)
      for (const call of far.calls) this.#reach(call)
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#follow()
  }

  #follow(): void {
    const { id } = this.#turn.cell
    this.#executor.follow(id, this.#serial, (outcome) => {
      if (!this.#isOver) this.#hear(outcome)
    })
  }

  #hear(outcome: Outcome): void {
    const { cell, kernel } = this.#turn
    if (outcome.kind === 'died') this.#fail(outcome.error)
    else if (outcome.kind === 'lost') this.#fail(threadLost(cell.path))
    else {
      const far = outcome.work.next()
      if (far.outcome === 'waits') this.#goOn(far)
      else this.#conclude(far, outcome.work.state)
    }
    kernel.dispatcher.wake()
  }

  #conclude(far: FarTurn, state: { readonly value: unknown } | undefined): void {
    try {
      for (const call of far.calls) this.#reach(call)
      performCalls(this.#turn, { ...far, calls: [] })
    } catch (error) {
      this.#fail(error)
      return
    }
    takeState(this.#turn, state)
    this.#remote.turn = far
    this.#remote.isCurrent = true
    this.#end(answerOf(far))
  }

  #reach(call: Call): void {
    const turn = this.#turn
    switch (call.call) {
      case 'ask':
        this.#give(call.index, () => turn.ask(turn.ref(call.to), call.type, call.payload, call.options))
        break
      case 'lives':
        this.#give(call.index, () => turn.lives(turn.ref(call.to)))
        break
      case 'effect': {
        const run = (signal: AbortSignal): Promise<unknown> =>
          this.#executor.effect(turn.cell.id, this.#serial, call.index, signal)
        this.#give(call.index, () => turn.effect(call.name, run, call.options))
        break
      }
      default:
        performCalls(turn, { ...STEP, calls: [call] })
    }
  }

  // A call that is refused is one whose result is the refusal: the handler hears of both in the same way.
  #give(index: number, ask: () => Promise<unknown>): void {
    let result: Promise<unknown>
    try {
      result = ask()
    } catch (error) {
      this.#pass(index, false, storedError(error))
      return
    }
    result.then(
      (value) => {
        this.#pass(index, true, value)
      },
      (error: unknown) => {
        this.#pass(index, false, storedError(error))
      },
    )
  }

  #pass(index: number, ok: boolean, value: unknown): void {
    if (this.#isOver) return
    try {
      this.#executor.give(this.#turn.cell.id, this.#serial, index, ok, value, this.#turn.now())
    } catch (error) {
      this.#fail(error)
    }
  }
}

const STEP = {
  outcome: 'waits',
  answer: undefined,
  error: undefined,
  timeMs: 0,
  digest: -1,
} as const satisfies Omit<FarTurn, 'calls'>

/** A turn waited in a thread that is gone. */
export function threadLost(path: string): HoldfastError {
  return new HoldfastError('HF_THREAD_LOST', `The thread in which ${path} waited has ended.`, {
    actor: path,
    hint: 'Another actor of that thread has ended it; the message may be sent again.',
  })
}
