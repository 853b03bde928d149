/**
 * Where a log begins, and how its beginning is given up: what the system was at a later position takes the place of the
 * records before it.
 *
 * A new beginning is made in this order: `begin`, the states, the image, and when all of that is stored, `end` and `cut`.
 * Whoever dies in between has lost nothing: the log begins where it did.
 */
export interface LogBeginning {
  /** The first position that is still there. */
  readonly floor: number
  /** From this position on, what the system was before each record is known: 1 as long as no beginning was given up. */
  readonly base: number
  /** The first position that would be left if the log were cut below this one: not beyond what is pinned, or not stored. */
  boundary(position: number): number
  /** The first position that was written at a time or after it. */
  positionAtTime(timeMs: number): number
  /** The first position of the end of the log that takes so many bytes at the most. */
  positionOfLast(bytes: number): number
  /** Begins to make the beginning that the log is to have: from now on, nobody deletes the states that were made there. */
  begin(position: number): void
  /** Keeps the state that an actor had there. @throws {HoldfastError} `HF_NOT_STORABLE` */
  saveState(actor: number, version: number, turns: number, state: unknown): void
  /** Keeps what the system was there, out of parts that the log has packed. With that the log begins there. */
  saveImage(version: number, parts: readonly Uint8Array[]): void
  /** Whether all of it is on stable storage. */
  isStored(): boolean
  /** It is made, or given up. */
  end(): void
  /**
   * Cuts away what lies below a position, and below the beginning, as far as the store can.
   *
   * @returns the floor that the log has now
   */
  cut(position: number): Promise<number>
}
