// Restarts of children that share nobody's fate. Each goes at its own pace: one that is slow to leave or to start, or
// that pauses between two lives, holds up no other.

import type { Cell } from '../cell.js'
import { STOPPING } from '../gate.js'
import type { Kernel } from '../kernel.js'
import { retire, revive } from '../restarting.js'

/** The restarts that are under way, of the children of one parent. */
export class LoneRestarts {
  readonly #kernel: Kernel
  /** Each with a mark of its own: a step of a restart that was overtaken by another one does nothing. */
  readonly #underWay = new Map<Cell, object>()

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** Restarts a child. `pause` lets it wait before its next life and calls back, or says that it need not. */
  begin(child: Cell, pause: (end: () => void) => boolean): void {
    const { steps } = this.#kernel
    const mark = {}
    this.#underWay.set(child, mark)
    const goOn = (step: () => void): void => {
      if ((child.gate & STOPPING) === 0 && this.#underWay.get(child) === mark) step()
    }
    const comeBack = (): void => {
      goOn(() => {
        revive(this.#kernel, child)
      })
    }
    steps.run(() => {
      retire(this.#kernel, child, () => {
        goOn(() => {
          if (!pause(comeBack)) steps.run(comeBack)
        })
      })
    })
  }

  /** A child is up, or has ended: what was under way is over. */
  end(child: Cell): void {
    this.#underWay.delete(child)
  }
}
