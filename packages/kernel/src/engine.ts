// Which engine wrote a log. What it does with the same messages may differ from one engine to the next, and so may the
// records that it writes; what an earlier one wrote is read by all later ones.

import { HoldfastError } from './errors.js'

/** Version of the engine's behaviour. It stands in the log with each run. */
export const ENGINE = 4

/** Refuses what a later engine wrote: this one would go on from what it does not understand. @throws `HF_STORE_NEWER` */
export function checkEngine(found: number): void {
  if (found <= ENGINE) return
  const message = `The data come from engine ${found}, and this version has engine ${ENGINE}.`
  throw new HoldfastError('HF_STORE_NEWER', message, {
    field: 'data',
    hint: 'Use the version of Holdfast that wrote them, or a later one.',
  })
}
