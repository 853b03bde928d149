// The time of the model, and what is due in it.

export interface Due {
  readonly atMs: number
  readonly act: () => void
}

/** A clock that goes from one thing that is due to the next. */
export class ModelClock {
  nowMs = 0
  due: Due[] = []
  /** Two things were due at the same time, and nothing says which one comes first. */
  isTied = false

  after(ms: number, act: () => void): Due {
    const due = { atMs: this.nowMs + ms, act }
    this.due.push(due)
    return due
  }

  next(): Due | undefined {
    return this.due.reduce<Due | undefined>((a, b) => (a === undefined || b.atMs < a.atMs ? b : a), undefined)
  }

  fire(due: Due): void {
    this.cancel(due)
    this.nowMs = due.atMs
    if (this.next()?.atMs === due.atMs) this.isTied = true
    due.act()
  }

  cancel(due: Due | null): void {
    this.due = this.due.filter((each) => each !== due)
  }
}
