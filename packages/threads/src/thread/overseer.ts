/** Keeps an eye on a thread from within, so that it is known who ended it, and it ends before it costs more than itself. */
export interface Overseer {
  /** Runs something in the name of an actor: whatever comes of it later, in a timer or a promise, is its as well. */
  within<T, R>(actor: number, run: (of: T) => R, of: T): R
  /** Code of an actor comes onto the stack. */
  enter(actor: number): void
  /** Code of an actor has left it: time to look at what is kept, at the end of an errand above all. */
  look(actor: number, isEnd: boolean): void
  /** The main thread wants a turn to heed its signal. */
  isCalledOff(actor: number, serial: number, index: number): boolean
  /** Loads something, which may take longer than a turn. */
  loading<T>(load: () => Promise<T>): Promise<T>
  /** Milliseconds since some moment. */
  now(): number
}

/** Nobody looks: for handlers that do not run in a thread of their own. */
export const NO_OVERSEER: Overseer = {
  within: (_actor, run, of) => run(of),
  enter: () => undefined,
  look: () => undefined,
  isCalledOff: () => false,
  loading: (load) => load(),
  now: () => 0,
}
