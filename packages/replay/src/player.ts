// Player
// ======
// A replay in somebody's hands: one turn forward, one back, on to a position or until something is so, at the speed of
// the original or as fast as it goes; and between two turns the state of every actor can be looked at.
//
// Invariants
//   A1  Going back and forward again gives the same states and the same report. It starts anew for that: turns are
//       run again in one to two microseconds, and keeping states to come back to would cost all who never do.
//   A2  A long run lets others have the event loop now and then.

import { HoldfastError, refuse } from '@holdfast/kernel'
import type { Incident } from './incident.js'
import { STEPS_PER_SLICE } from './limits.js'
import { Replay, type ReplayOptions } from './replay.js'
import type { ReplayedTurn, ReplayReport } from './report.js'
import type { Step } from './steps.js'

/** How far and how fast a replay goes. */
export interface RunOptions {
  /** The last position to be replayed, or what must be true of a turn to stop after it. @default the end */
  readonly to?: number | ((turn: ReplayedTurn) => boolean)
  /** As fast as it goes, or a multiple of the original's speed: 1 is real time. @default 'max' */
  readonly speed?: 'max' | number
  /** Hears of each turn. The replay waits for the promise that it returns. */
  readonly onTurn?: (turn: ReplayedTurn) => unknown
}

/** A replay that is led by hand. */
export class Player {
  readonly #incident: Incident
  readonly #options: ReplayOptions
  #replay: Replay
  #steps: Iterator<Step, void>
  /** Read, and not replayed yet. */
  #ahead: Step | undefined = undefined
  #last: Step | undefined = undefined
  #done = 0
  #isPaused = false

  /** @throws {HoldfastError} `HF_DUPLICATE_NAME` when two definitions of the swarm have one name, `HF_INVALID` */
  constructor(incident: Incident, options: ReplayOptions) {
    this.#incident = incident
    this.#options = options
    this.#replay = new Replay(incident, options)
    this.#steps = incident.slice.steps()[Symbol.iterator]() as Iterator<Step, void>
  }

  /** Position of the turn that was replayed last; 0 before the first one. */
  get position(): number {
    return this.#last?.position ?? 0
  }

  /** Turns that were replayed so far. */
  get done(): number {
    return this.#done
  }

  /** Position of the turn that comes next; `undefined` at the end. */
  get ahead(): number | undefined {
    return this.#peek()?.position
  }

  /** Replays the next turn. @returns what it did; `undefined` at the end */
  async next(): Promise<ReplayedTurn | undefined> {
    const step = this.#peek()
    if (step === undefined) return undefined
    await this.#guarded(() => this.#replayed(step))
    return this.#replay.turn
  }

  /** Goes on until the end, a position, or a turn of which something is true. @returns what was found so far */
  async run(options: RunOptions = {}): Promise<ReplayReport> {
    const { to = Infinity, speed = 'max', onTurn } = options
    check(to, speed)
    const until = typeof to === 'number' ? to : Infinity
    const isLast = typeof to === 'function' ? to : undefined
    this.#isPaused = false
    await this.#guarded(() => this.#run(until, isLast, speed, onTurn))
    return this.report()
  }

  async #run(
    until: number,
    isLast: ((turn: ReplayedTurn) => boolean) | undefined,
    speed: 'max' | number,
    onTurn: RunOptions['onTurn'],
  ): Promise<void> {
    for (let step = this.#peek(); step !== undefined && step.position <= until; step = this.#peek()) {
      if (speed !== 'max') await this.#pace(step, speed)
      const waits = this.#replayed(step)
      if (waits !== undefined) await waits
      if (onTurn !== undefined) await onTurn(this.#replay.turn!)
      if (isLast?.(this.#replay.turn!) === true || this.#isPaused) break
      if (this.#done % STEPS_PER_SLICE === 0) await this.#yield()
    }
    if (this.#peek() === undefined) this.#replay.decide(until + 1)
  }

  /** Has a run end after the turn that it is in; `run` goes on from there. */
  pause(): void {
    this.#isPaused = true
  }

  /** Goes back by one turn. @returns the turn that is the last one now; `undefined` at the start */
  async back(): Promise<ReplayedTurn | undefined> {
    const wanted = this.#done - 1
    this.#begin()
    await this.#guarded(async () => {
      while (this.#done < wanted) {
        const waits = this.#replayed(this.#peek()!)
        if (waits !== undefined) await waits
      }
    })
    return this.#replay.turn
  }

  /** Goes to a position, forward or back: all turns up to it have been replayed then, and no other. */
  async goTo(position: number): Promise<ReplayReport> {
    if (position < this.position) this.#begin()
    return this.run({ to: position })
  }

  /** A copy of the state of an actor as it is now. @throws {HoldfastError} `HF_NO_SUCH_ACTOR` */
  state(path: string): unknown {
    const actor = this.#replay.ensemble.named(path)
    if (actor !== undefined) return this.#incident.evidence.encode(actor.state).copy
    throw new HoldfastError('HF_NO_SUCH_ACTOR', `The incident has no actor at ${path}.`, {
      actor: path,
      hint: `Its actors are ${this.#incident.slice.actors.map((each) => each.path).join(', ')}.`,
    })
  }

  /** What was found so far. */
  report(): ReplayReport {
    return this.#replay.report()
  }

  // The traps are up as long as turns are run, and no longer: they are in the way of everybody in the process.
  async #guarded(run: () => Promise<void> | undefined): Promise<void> {
    const { guard } = this.#replay.ensemble
    guard.raise()
    try {
      await run()
    } finally {
      guard.lower()
    }
  }

  #begin(): void {
    this.#replay = new Replay(this.#incident, this.#options, this.#replay)
    this.#steps = this.#incident.slice.steps()[Symbol.iterator]() as Iterator<Step, void>
    this.#ahead = undefined
    this.#last = undefined
    this.#done = 0
  }

  #peek(): Step | undefined {
    if (this.#ahead === undefined) {
      const next = this.#steps.next()
      if (next.done !== true) this.#ahead = next.value
    }
    return this.#ahead
  }

  #replayed(step: Step): Promise<void> | undefined {
    this.#ahead = undefined
    this.#last = step
    this.#done++
    return this.#replay.step(step)
  }

  async #pace(step: Step, speed: number): Promise<void> {
    const ms = this.#last === undefined ? 0 : (step.end.timeMs - this.#last.end.timeMs) / speed
    if (ms <= 0) return
    await new Promise<void>((resolve) => {
      this.#replay.ensemble.guard.authorities.timer(ms, resolve)
    })
  }

  #yield(): Promise<void> {
    return new Promise((resolve) => {
      this.#replay.ensemble.guard.authorities.defer(resolve)
    })
  }
}

function check(to: unknown, speed: unknown): void {
  const isPlace = typeof to === 'function' || (typeof to === 'number' && to >= 0)
  if (!isPlace) refuse('to', to, 'a position, or a function of a turn')
  const isSpeed = speed === 'max' || (typeof speed === 'number' && speed > 0)
  if (!isSpeed) refuse('speed', speed, '"max", or a number above 0')
}

/**
 * Takes an incident in hand, to replay it turn by turn.
 *
 * @throws {HoldfastError} `HF_DUPLICATE_NAME`, `HF_INVALID`
 * @example
 * const player = play(incident, { swarm })
 * await player.run({ to: 1_234 })
 * player.state('/bank/reserve')
 */
export function play(incident: Incident, options: ReplayOptions): Player {
  return new Player(incident, options)
}

/**
 * Replays an incident and compares every turn with what was recorded.
 *
 * @throws {HoldfastError} `HF_DUPLICATE_NAME` when two definitions of the swarm have one name, `HF_INVALID`
 *
 * @example
 * const incident = await openIncident({ data: './data', correlation: 'incident-123' })
 * const report = await replay(incident, { swarm })
 */
export async function replay(incident: Incident, options: ReplayOptions & RunOptions): Promise<ReplayReport> {
  return new Player(incident, options).run(options)
}
