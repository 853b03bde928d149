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
//
// Invariants
//   F1  When the thread of a turn ends through no fault of its own, its handler begins again in another one, and is given
//       what it had been given, in that order. What it had done stays done, and is not done a second time.
//   F2  Results are given in the order in which they came, each when the handler has asked for it.

import { HoldfastError } from '../errors.js'
import { THREAD_RESUMES_MAX } from '../limits.js'
import { rebuild } from '../rebuild.js'
import { storedError } from '../records.js'
import type { LiveTurn } from '../turn.js'
import { errandOf, messageOf } from './errands.js'
import type { Call, Executor, FarTurn, Outcome } from './executor.js'
import { answerOf, performCalls, takeState } from './performing.js'
import type { Remote } from './remote.js'

/** A result that the handler is owed, or was given. */
interface Given {
  readonly index: number
  readonly ok: boolean
  readonly value: unknown
  readonly timeMs: number
}

/** An effect that was started and has not ended. */
interface Running {
  readonly signal: AbortSignal
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** The kernel's side of a turn that waits in a thread. */
export class FarTalk {
  readonly #turn: LiveTurn
  readonly #remote: Remote
  readonly #executor: Executor
  #serial: number
  #end!: (answer: unknown) => void
  #fail!: (error: unknown) => void
  /** The time that the handler saw before it first waited; 0: it did not look. */
  #sawMs = 0
  /** What it has called, and how much of that it has called again. */
  readonly #called: Call['call'][] = []
  #calledAgain = 0
  /** What it asked for in this thread. */
  #asked = new Set<number>()
  readonly #given: Given[] = []
  #givenAgain = 0
  readonly #running = new Map<number, Running>()
  #resumes = 0

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
    this.#sawMs = far.timeMs
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
      for (const call of far.calls) this.#heed(call)
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#follow()
  }

  #follow(): void {
    const { id } = this.#turn.cell
    this.#executor.follow(id, this.#serial, (outcome) => {
      this.#hear(outcome)
    })
  }

  #hear(outcome: Outcome): void {
    if (this.#isOver) return
    if (outcome.kind === 'died') this.#fail(outcome.error)
    else if (outcome.kind === 'lost') this.#resume()
    else {
      const far = outcome.work.next()
      if (far.outcome === 'waits') this.#goOn(far)
      else this.#conclude(far, outcome.work.state)
    }
    this.#turn.kernel.dispatcher.wake()
  }

  // F1
  #resume(): void {
    const { cell, kernel } = this.#turn
    if (++this.#resumes > THREAD_RESUMES_MAX) {
      this.#fail(threadLost(cell.path))
      return
    }
    cell.spoil()
    this.#asked = new Set()
    this.#calledAgain = 0
    this.#givenAgain = 0
    rebuild(kernel, cell, (error) => {
      if (this.#isOver) return
      if (error === undefined) this.#runAgain()
      else this.#fail(error)
      kernel.dispatcher.wake()
    })
  }

  #runAgain(): void {
    const turn = this.#turn
    const { cell, kernel, attempt, rerun } = turn
    const message = messageOf(kernel, cell, turn, false)
    const timeMs = this.#sawMs === 0 ? message.timeMs : this.#sawMs
    const patched = rerun === null ? undefined : (rerun.noted?.patched ?? [])
    const errand = errandOf(cell, this.#remote, [{ ...message, attempt, timeMs, patched }])
    this.#serial = errand.serial
    cell.spoil()
    try {
      this.#executor.run(errand, (outcome) => {
        if (this.#serial === errand.serial) this.#hear(outcome)
      })
    } catch (error) {
      this.#fail(error)
    }
  }

  #conclude(far: FarTurn, state: { readonly value: unknown } | undefined): void {
    try {
      for (const call of far.calls) this.#heed(call)
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

  // What it has called before it does not call again.
  #heed(call: Call): void {
    const isAgain = this.#calledAgain < this.#called.length
    if (isAgain && this.#called[this.#calledAgain] !== call.call) throw otherwise(this.#turn.cell.path, call)
    this.#calledAgain++
    if ('index' in call) this.#asked.add(call.index)
    if (isAgain) {
      if ('index' in call) this.#start(call.index)
    } else {
      this.#called.push(call.call)
      this.#reach(call)
    }
    this.#pump()
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
        const run = (signal: AbortSignal): Promise<unknown> => this.#runEffect(call.index, signal)
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
    this.#given.push({ index, ok, value, timeMs: this.#turn.now() })
    this.#pump()
  }

  // F2
  #pump(): void {
    const { id } = this.#turn.cell
    try {
      for (;;) {
        const next = this.#given[this.#givenAgain]
        if (next === undefined || !this.#asked.has(next.index)) return
        this.#givenAgain++
        this.#executor.give(id, this.#serial, next.index, next.ok, next.value, next.timeMs)
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  #runEffect(index: number, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#running.set(index, { signal, resolve, reject })
      this.#start(index)
    })
  }

  // What had not ended with its thread is done again, as after the end of a process.
  #start(index: number): void {
    const running = this.#running.get(index)
    if (running === undefined || !this.#asked.has(index)) return
    const { signal, resolve, reject } = running
    const end = <T>(settle: (value: T) => void): ((value: T) => void) => {
      return (value) => {
        if (this.#running.get(index) === running) this.#running.delete(index)
        settle(value)
      }
    }
    this.#executor
      .effect(this.#turn.cell.id, this.#serial, index, signal)
      .then(end(resolve), end<Error>(reject))
  }
}

const STEP = {
  outcome: 'waits',
  answer: undefined,
  error: undefined,
  timeMs: 0,
  digest: -1,
} as const satisfies Omit<FarTurn, 'calls'>

/** A turn waited in threads that are gone, one after the other. */
export function threadLost(path: string): HoldfastError {
  const times = THREAD_RESUMES_MAX + 1
  return new HoldfastError(
    'HF_THREAD_LOST',
    `${times} threads in which a turn of ${path} waited have ended.`,
    {
      actor: path,
      hint: 'Other actors of its pool end its threads; give it a pool of its own.',
    },
  )
}

function otherwise(path: string, { call }: Call): HoldfastError {
  const what = `called ctx.${call} where it had called something else before its thread ended`
  return new HoldfastError(
    'HF_THREAD_LOST',
    `A turn of ${path} was begun again in another thread, and ${what}.`,
    {
      actor: path,
      hint: 'Take time, chance and what is outside from ctx.',
    },
  )
}
