// Damaged log
// ===========
// A log in which something is not what was written is gone on from without the actors that it concerns: they are held, as
// those whose code does not follow the log are, and everyone else goes on. What is held comes back at the first start at
// which its log can be read again.
//
// Invariants
//   Z1  Nobody goes on from a record that is not the one that was written, and nobody's records are taken for lost.
//   Z2  Where it is not known whom the damage concerns, the system does not start: what was born there, what a supervisor
//       decided there, or that the log ends where it seems to.

import { damagedBetween } from './divergence.js'
import { HoldfastError } from './errors.js'
import type { SystemImage } from './image.js'
import type { Kernel } from './kernel.js'
import type { LogDamage } from './log.js'
import type { Fold } from './fold.js'

/** The damage of one log, taken in while it is read. */
export class DamagedLog {
  readonly #kernel: Kernel
  readonly #image: SystemImage
  readonly #mended: LogDamage[] = []
  #isDamaged = false

  constructor(kernel: Kernel, image: SystemImage) {
    this.#kernel = kernel
    this.#image = image
  }

  /** Nothing was damaged. */
  get isWhole(): boolean {
    return !this.#isDamaged
  }

  /** The next records are damaged; the image is the system right before them. @throws `HF_STORE_DAMAGED` (Z2) */
  take(damage: LogDamage): void {
    this.#isDamaged = true
    if (damage.isMended) {
      this.#mended.push(damage)
      return
    }
    for (const id of damage.actors) {
      const actor = this.#image.actors.get(id)
      const isAbove = (actor?.tag as Fold | undefined)?.cell.blueprint.isSupervisor === true
      if (id > this.#image.lastActor || isAbove) throw tooMuch(damage, actor?.path)
    }
    this.#hold(damage)
  }

  /** Everything was read. Those whose records were known all the same may have been born right before them. */
  end(): void {
    for (const damage of this.#mended) this.#hold(damage)
  }

  #hold({ from, to, actors }: LogDamage): void {
    let held = 0
    for (const id of actors) {
      const fold = this.#image.actors.get(id)?.tag as Fold | undefined
      if (fold === undefined || !fold.cell.durable || fold.cell.blueprint.isSupervisor) continue
      fold.error ??= damagedBetween(fold.cell.path, from, to)
      held++
    }
    if (held > 0) return
    // Nobody can listen before the system is there.
    this.#kernel.authorities.defer(() => {
      const where = from === to ? `around position ${from}` : `between positions ${from} and ${to}`
      this.#kernel.warn('', `The log is damaged ${where}. No actor that lives is made of that.`, undefined)
    })
  }
}

function tooMuch({ from, to }: LogDamage, path: string | undefined): HoldfastError {
  const whom = path === undefined ? 'an actor that was born there' : `the supervisor ${path}`
  return new HoldfastError(
    'HF_STORE_DAMAGED',
    `The log is damaged between positions ${from} and ${to}, which concerns ${whom}.`,
    { actor: path, hint: 'Run `holdfast verify` on the data directory; restore it from a backup.' },
  )
}
