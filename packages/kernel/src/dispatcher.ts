// Dispatcher
// ==========
// Hands the thread to actors that have work: a slice of messages each, in the order in which they got work. After a
// time budget it gives the event loop back, so that timers and sockets never starve, and hands what was written to the
// disk. While the log is under pressure it takes no turns at all.
//
//   enqueue -> [ c4 | c7 | c2 ] -> slice of c4 -> c4 has more? to the back -> budget over? next round of the loop
//
// Invariants
//   D1  A cell stands in the queue at most once.
//   D2  A cell gets at most one slice before every other cell with work had its own.
//   D3  What a round wrote is handed to the disk at the end of the round.

import type { Cell } from './cell.js'
import { runRemoteSlice } from './executor/remote-slice.js'
import type { Kernel } from './kernel.js'
import { CLOCK_EVERY_MESSAGES, SLICE_BUDGET_MS, SLICE_MESSAGES } from './limits.js'
import { sliceEnded } from './slice-end.js'
import { runSlice } from './turn-runner.js'

/** Runs the turns of all actors of a system. */
export class Dispatcher {
  readonly #kernel: Kernel
  #queue: (Cell | null)[] = new Array<Cell | null>(64).fill(null)
  #mask = 63
  #head = 0
  #size = 0
  #isAwake = false
  #isHeld = true
  readonly #round = (): void => {
    this.#run()
  }

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** Gives a cell with work its place in the queue. */
  enqueue(cell: Cell): void {
    if (cell.queued || cell.gate !== 0) return
    cell.queued = true
    if (this.#size > this.#mask) this.#grow()
    this.#queue[(this.#head + this.#size) & this.#mask] = cell
    this.#size++
    if (!this.#isAwake) this.wake()
  }

  /** Asks for a round, which also hands what was written to the disk. */
  wake(): void {
    if (this.#isAwake) return
    this.#isAwake = true
    this.#kernel.authorities.defer(this.#round)
  }

  /** Takes no turns until `release`: while a system recovers. */
  hold(): void {
    this.#isHeld = true
  }

  /** Takes turns again. */
  release(): void {
    this.#isHeld = false
    this.wake()
  }

  /** Cells with work. */
  get size(): number {
    return this.#size
  }

  #run(): void {
    this.#isAwake = false
    const { authorities, log } = this.#kernel
    if (!this.#isHeld && !log.pressed) {
      const untilMs = authorities.monotonic() + SLICE_BUDGET_MS
      let sinceClock = 0
      while (this.#size > 0) {
        sinceClock += this.#slice(this.#next())
        if (sinceClock < CLOCK_EVERY_MESSAGES) continue
        if (log.pressed || authorities.monotonic() >= untilMs) break
        sinceClock = 0
      }
    }
    if (this.#kernel.caution !== null) this.#kernel.caution.look()
    log.flush()
    if (this.#size > 0 && !log.pressed && !this.#isHeld) this.wake()
  }

  #next(): Cell {
    const cell = this.#queue[this.#head]!
    this.#queue[this.#head] = null
    this.#head = (this.#head + 1) & this.#mask
    this.#size--
    cell.queued = false
    return cell
  }

  #slice(cell: Cell): number {
    const mailbox = cell.mailbox
    if (mailbox === null) return 1
    const most = cell.rare !== null && cell.rare.caution !== null ? 1 : SLICE_MESSAGES
    const remote = cell.rare === null ? null : cell.rare.remote
    const handled =
      remote === null
        ? runSlice(this.#kernel, cell, mailbox, most)
        : runRemoteSlice(this.#kernel, cell, remote, mailbox, most)
    if (cell.rare !== null) sliceEnded(this.#kernel, cell, cell.rare, handled)
    if (cell.gate === 0 && mailbox.size > 0) this.enqueue(cell)
    return handled === 0 ? 1 : handled
  }

  #grow(): void {
    const old = this.#queue
    const grown = new Array<Cell | null>(old.length * 2).fill(null)
    for (let i = 0; i < this.#size; i++) grown[i] = old[(this.#head + i) & this.#mask]!
    this.#queue = grown
    this.#mask = grown.length - 1
    this.#head = 0
  }
}
