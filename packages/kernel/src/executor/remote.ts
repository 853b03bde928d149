import type { HoldfastError } from '../errors.js'
import type { FarTurn, Work } from './executor.js'

/** What the kernel knows of an actor whose handlers run in a thread. */
export class Remote {
  /** The thread has its state as the last completed turn left it. */
  isCurrent = false
  /** What is kept here is what the last errand began with. */
  isKept = false
  /** Errands so far: what comes back from an earlier one is late, and is dropped. */
  serial = 0
  /** What came back and is not all taken. */
  work: Work | null = null
  /** How many of its turns were taken. */
  taken = 0
  /** Positions of the messages of the last errand. */
  positions: number[] = []
  /** Which try each of them was on. */
  attempts: number[] = []
  /** What the thread did with the message that is in hand now. */
  turn: FarTurn | null = null
  /** What it has ended its thread with between its turns. It fails of that when the work is taken that had come back before. */
  fault: HoldfastError | null = null
  /** A message in whose hands a thread has ended. It fails without being run again. */
  doomed: Doomed | null = null
}

/** What a message that ended its thread fails with. */
export interface Doomed {
  readonly position: number
  readonly attempt: number
  readonly error: HoldfastError
}
