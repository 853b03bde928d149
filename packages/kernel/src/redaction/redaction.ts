// Redaction, as the kernel sees it
// ================================
// What keeps secrets out of the log. A log that has one stores nothing that it has not gone through, and what the kernel
// hands to handlers and askers is what was stored: what the log cannot hold, a turn may not see. So a turn that is run
// again sees the same.
//
// Names are another matter. Somebody is looked up by them, so they cannot be replaced, and one that holds a secret is
// refused where it is given.

import { HoldfastError } from '../errors.js'
import type { Log } from '../log.js'

/** Replaces what must not be stored. */
export interface Redaction {
  /** A text without it. @throws {HoldfastError} `HF_NOT_REDACTED` */
  text(text: string): string
  /** Where a value holds it: a path of fields. @throws {HoldfastError} `HF_NOT_REDACTED` */
  place(value: unknown): string | undefined
}

/** Refuses a name that holds what must not be stored. @throws {HoldfastError} `HF_HOLDS_SECRET`, `HF_NOT_REDACTED` */
export function checkOpenName(
  { redaction }: Log,
  field: string,
  name: string,
  actor?: { readonly path: string },
): void {
  if (redaction === null || redaction.text(name) === name) return
  throw holdsSecret(field, 'A name is looked up, and cannot be replaced', actor?.path)
}

/** Refuses what holds a secret and cannot do without it. What it holds is not said. */
export function holdsSecret(field: string, why: string, actor?: string): HoldfastError {
  return new HoldfastError('HF_HOLDS_SECRET', `${field} holds something that must not be stored. ${why}.`, {
    field,
    actor,
    hint: 'Name it by something else, and keep the secret where only effects see it.',
  })
}

/** Whether a state may be written down, in whatever form: also a digest would prove a guess of the secret right. */
export function isOpen({ redaction }: Log, state: unknown): boolean {
  return redaction === null || redaction.place(state) === undefined
}
