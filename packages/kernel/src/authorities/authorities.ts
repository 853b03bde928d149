// Authorities
// ===========
// The one door through which time, chance and waiting come into Holdfast. Production passes the machine's own, tests
// and the simulator pass virtual ones, and replay passes the record. No file above this line touches the machine.

/** A timer that can be cancelled. */
export interface Timer {
  /** Ends the timer; does nothing when it has fired. */
  cancel(): void
  /** Lets a process that waits for nothing else end before the timer fires. Authorities without a process need none. */
  unref?(): void
}

/** Which effect is to be done. */
export interface EffectCall {
  /** Path of the actor. */
  readonly actor: string
  /** Position of the message in hand. */
  readonly message: number
  /** Which attempt at the message. */
  readonly attempt: number
  /** The how-manieth result of the turn it will be. */
  readonly index: number
  readonly name: string
}

/** Time, timers, chance and the next step of the event loop. */
export interface Authorities {
  /** Wall time in milliseconds since 1970. It may jump; use it for what is written down. */
  now(): number
  /** Monotonic time in milliseconds. Use it for windows and budgets while running. */
  monotonic(): number
  /** A number in [0, 1) for what need not replay, such as jitter. */
  random(): number
  /** Runs `step` in the next round of the event loop, after I/O had its chance. */
  defer(step: () => void): void
  /** Runs `step` after `afterMs` milliseconds. The timer keeps a waiting process alive. */
  timer(afterMs: number, step: () => void): Timer
  /** Does what `run` would do: whoever plays an incident again answers from its record. @default it is done */
  effect?(call: EffectCall, run: (signal: AbortSignal) => unknown, signal: AbortSignal): unknown
}
