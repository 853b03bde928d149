// Retaining
// =========
// Gives up the beginning of a log that nobody wants any more. What the system was at a later position is made out of the
// log, kept in the place of all that came before, and then the log is cut. Nothing is believed for that: the states are
// made by running the turns again, as a recovery would, from the states that the log begins with now.
//
//   unwanted? --> image and states there, out of the log --> stored --> cut, as far as nothing before is referred to
//                      \--an actor's log is not followed--> held: the log stays, and says because of whom
//
// Invariants
//   RT1  Who reads the log from its new base on, with the image and the states there, finds the system that whoever reads
//        it from its old one finds.
//   RT2  No snapshot takes the place of the log before it that was not proved equal to the fold of that log; only where
//        what that log needs was shredded, the one that shredding has kept takes its place.
//   RT3  What is pinned, and the messages that the image refers to, stay, and so does everything behind them.
//   RT4  Killed anywhere, it has taken nothing from anybody, and begins anew.

import type { ActorImage } from '../actor-image.js'
import type { SystemImage } from '../image.js'
import type { Kernel } from '../kernel.js'
import { RETENTION_HELD_TIMES, RETENTION_LOOK_MS, STATES_PER_STEP } from '../limits.js'
import type { LogBeginning } from '../log-beginning.js'
import type { LogRecord } from '../records.js'
import { storedError } from '../records.js'
import { holdsSecret, isOpen } from '../redaction/redaction.js'
import { firstWanted, type Retention } from '../retention.js'
import { beginImageInSteps } from './begin-image.js'
import { firstReferenced } from './referenced.js'
import { statesAt, type StateAt } from './states-at.js'
import { IMAGE_VERSION, storedImage } from './stored-image.js'

/** An image of the system at the position where the log is to begin, and who had turns since it begins now. */
interface Beginning {
  readonly image: SystemImage
  readonly moved: Iterable<ActorImage>
}

/** What retains the log of one system. */
export class Retaining {
  readonly #kernel: Kernel
  readonly #log: LogBeginning
  readonly #retention: Retention
  /** A look is due. */
  isDue = true
  /** So much must be unwanted, because less was held. */
  #least = 0
  /** What the base refers to may have changed since it was last looked at. */
  #mayCut = true

  constructor(kernel: Kernel, log: LogBeginning, retention: Retention) {
    this.#kernel = kernel
    this.#log = log
    this.#retention = retention
    this.#lookLater()
  }

  /** Does what there is to do, if anything. */
  *steps(): Generator<void> {
    this.isDue = false
    const { base } = this.#log
    const to = this.#log.boundary(this.#firstWanted())
    if (to - base > this.#least) yield* this.#begin(base, to)
    if (this.#mayCut && this.#log.base > this.#log.floor) yield* this.#cut()
  }

  // A log that nobody writes grows older all the same.
  #lookLater(): void {
    const timer = this.#kernel.authorities.timer(RETENTION_LOOK_MS, () => {
      if (this.#kernel.isHalting) return
      this.isDue = true
      this.#kernel.checkpointer?.look()
      this.#lookLater()
    })
    timer.unref?.()
  }

  #firstWanted(): number {
    const { authorities, blueprints, log } = this.#kernel
    const keepMs = Math.max(0, ...[...blueprints.all()].map((blueprint) => blueprint.keepMs))
    const { next } = log
    return firstWanted(this.#log, { retention: this.#retention, keepMs, nowMs: authorities.now(), next })
  }

  *#begin(base: number, to: number): Generator<void> {
    const beginning = yield* this.#beginningAt(base, to)
    if (beginning === undefined) return
    this.#log.begin(to)
    const isKept = yield* this.#keepStates(beginning, base, to)
    if (isKept) yield* this.#keepImage(beginning.image)
    this.#log.end()
    this.#least = isKept ? 0 : RETENTION_HELD_TIMES * (to - base)
    this.#mayCut ||= isKept
  }

  // RT1
  *#beginningAt(base: number, to: number): Generator<void, Beginning | undefined> {
    const moved = new Map<number, ActorImage>()
    const visitor = {
      onTurn: (actor: ActorImage): void => {
        if (actor.durable) moved.set(actor.id, actor)
      },
      onEnded: ({ id, isVirtual }: ActorImage): void => {
        if (!isVirtual) moved.delete(id)
      },
    }
    const image = yield* beginImageInSteps(this.#kernel.log, visitor, base - 1)
    const add = (record: LogRecord): void => {
      if (record.position < to) image.add(record)
    }
    if (image.lastPosition === base - 1)
      for (const batch of this.#kernel.log.readBatches(undefined, base)) {
        batch.forEach(add)
        if (image.lastPosition >= to - 1) return { image, moved: moved.values() }
        yield
      }
    this.#held('', `The log between positions ${base} and ${to} cannot be read.`, undefined)
    return undefined
  }

  // RT2
  *#keepStates({ image, moved }: Beginning, from: number, below: number): Generator<void, boolean> {
    let count = 0
    for (const state of statesAt(this.#kernel, image, moved, { from, below })) {
      if (state === undefined) {
        yield
        continue
      }
      const error = this.#keep(state, below)
      if (error !== undefined && this.#lives(state.actor)) {
        this.#held(
          state.cell.path,
          'Its state cannot be made from its log, which is kept until it ends.',
          error,
        )
        return false
      }
      if (++count % STATES_PER_STEP === 0) {
        this.#kernel.log.flush()
        yield
      }
    }
    return true
  }

  #keep({ cell, error, isKept }: StateAt, below: number): unknown {
    if (error !== undefined || isKept) return error
    const { log } = this.#kernel
    if (!isOpen(log, cell.state)) return holdsSecret('state', 'It is not written down', cell.path)
    try {
      const { state: open } = cell
      const state = log.sealedState === undefined ? open : log.sealedState(cell.id, below - 1, open)
      this.#log.saveState(cell.id, cell.blueprint.version, cell.turns, state)
      return undefined
    } catch (refused) {
      return refused
    }
  }

  *#keepImage(image: SystemImage): Generator<void> {
    const parts: Uint8Array[] = []
    for (const part of storedImage(image)) {
      parts.push(this.#kernel.log.pack(part))
      yield
    }
    this.#log.saveImage(IMAGE_VERSION, parts)
    while (!this.#log.isStored()) yield
  }

  // RT3
  *#cut(): Generator<void> {
    this.#mayCut = false
    const { base } = this.#log
    const image = yield* beginImageInSteps(this.#kernel.log, {}, base - 1)
    if (image.lastPosition !== base - 1) return
    const referenced = firstReferenced(image)
    if (referenced !== undefined) {
      const { position, actor, why } = referenced
      const boundary = this.#log.boundary(position)
      if (boundary <= this.#log.floor && this.#log.floor < this.#log.boundary(base))
        this.#held(actor, `Message ${position} ${why} there, and what is behind it is kept.`, undefined)
    }
    const before = this.#log.floor
    let isDone = false
    this.#log
      .cut(Math.min(base, referenced?.position ?? base))
      .catch((error: unknown) => {
        this.#mayCut = true
        this.#kernel.warn('', 'The beginning of the log could not be cut away.', error)
      })
      .finally(() => {
        isDone = true
      })
    while (!isDone) yield
    const { floor } = this.#log
    if (floor > before && this.#kernel.events.has('log-cut'))
      this.#kernel.events.emit('log-cut', { base, floor })
  }

  // One that has ended is only needed by who replays what it did in its last days, and one that was shredded by nobody.
  #lives({ id, isVirtual, parent, belongs }: ActorImage): boolean {
    const { cells, subjects } = this.#kernel
    if (belongs !== undefined && subjects?.seal.isShredded(belongs) === true) return false
    return cells.has(id) || (isVirtual && cells.has(parent))
  }

  #held(actor: string, message: string, error: unknown): void {
    if (!this.#kernel.events.has('log-held')) return
    const reason = error === undefined ? undefined : storedError(error)
    this.#kernel.events.emit('log-held', { actor, message, error: reason })
  }
}
