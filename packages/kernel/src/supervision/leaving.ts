// In which order children leave. Each is begun and says when it is done; nobody blocks, and no tree is too deep for it.

import type { Cell } from '../cell.js'
import type { Steps } from '../steps.js'

/** Begins the leave of one child and calls `next` when that is over. */
export type Leave = (child: Cell, next: () => void) => void

/** One after another: the next one is begun when the one before has left. */
export function oneByOne(steps: Steps, children: readonly Cell[], begin: Leave, done: () => void): void {
  const step = (i: number): void => {
    const child = children[i]
    if (child === undefined) done()
    else
      begin(child, () => {
        steps.run(() => {
          step(i + 1)
        })
      })
  }
  steps.run(() => {
    step(0)
  })
}

/** All at once: the slowest one says how long it takes. */
export function together(steps: Steps, children: readonly Cell[], begin: Leave, done: () => void): void {
  let left = children.length
  const next = (): void => {
    if (--left === 0) steps.run(done)
  }
  if (left === 0) steps.run(done)
  for (const child of children) begin(child, next)
}
