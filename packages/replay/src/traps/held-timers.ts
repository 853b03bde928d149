// Held timers
// ===========
// Timers of a handler that is run again. How long the first run waited is not in the log, and a replay that waited as
// long would take as long as the incident did. So they fire as soon as nothing recorded is due before them, one in each
// step of the event loop, in the order in which they would have been due; and with the turn they end, so that a replay
// leaves no timer behind.

const later = globalThis.setImmediate

/** Steps of the event loop in which nothing recorded came: fewer than a rerun waits before it gives up on its handler. */
const QUIET_STEPS = 2

/** What a handler gets for a timer; the same that Node gives, as far as one can tell. */
export class HeldTimer {
  readonly #timers: HeldTimers
  readonly #id: number

  constructor(timers: HeldTimers, id: number) {
    this.#timers = timers
    this.#id = id
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  refresh(): this {
    this.#timers.refresh(this.#id)
    return this
  }

  close(): this {
    this.#timers.cancel(this.#id)
    return this
  }

  [Symbol.toPrimitive](): number {
    return this.#id
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

interface Due {
  atMs: number
  readonly delayMs: number
  readonly everyMs: number | undefined
  readonly step: () => void
}

/** The timers of one scope. */
export class HeldTimers {
  readonly #now: () => number
  readonly #enter: (step: () => void) => void
  // Negative, so that none of them is one of the process.
  #lastId = 0
  readonly #due = new Map<number, Due>()
  #isPumping = false
  #isEnded = false

  constructor(now: () => number, enter: (step: () => void) => void) {
    this.#now = now
    this.#enter = enter
  }

  /** Sets a timer; with `everyMs` it fires again and again. */
  set(step: () => void, delayMs: number, everyMs?: number): HeldTimer {
    const id = --this.#lastId
    if (!this.#isEnded) {
      this.#due.set(id, { atMs: this.#now() + delayMs, delayMs, everyMs, step })
      this.#pump()
    }
    return new HeldTimer(this, id)
  }

  cancel(id: number): void {
    this.#due.delete(id)
  }

  refresh(id: number): void {
    const due = this.#due.get(id)
    if (due !== undefined) due.atMs = this.#now() + due.delayMs
  }

  /** Nothing fires any more. */
  end(): void {
    this.#isEnded = true
    this.#due.clear()
  }

  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    this.#look(this.#now(), 1)
  }

  #look(seenMs: number, quiet: number): void {
    later(() => {
      const next = this.#next()
      if (next === undefined) {
        this.#isPumping = false
        return
      }
      const [id, due] = next
      const nowMs = this.#now()
      if (due.atMs > nowMs && quiet < QUIET_STEPS) {
        this.#look(nowMs, nowMs === seenMs ? quiet + 1 : 1)
        return
      }
      if (due.everyMs === undefined) this.#due.delete(id)
      else due.atMs += due.everyMs
      this.#look(nowMs, 1)
      this.#enter(due.step)
    })
  }

  #next(): [number, Due] | undefined {
    let first: [number, Due] | undefined
    for (const each of this.#due) if (first === undefined || each[1].atMs < first[1].atMs) first = each
    return first
  }
}
