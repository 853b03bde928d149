// What `ctx.patched` tells a handler: whether it is under a change of itself. A turn that runs for the first time is under
// all of them, and notes each. A turn that is run again is under those of which it has a note, so that old turns go the
// old way for good, and new ones the new way.

import { refuse } from './errors.js'
import { PATCHES_PER_TURN, PATCH_ID_MAX } from './limits.js'

/** Refuses what is no id of a change. @throws {HoldfastError} `HF_INVALID` */
export function checkPatch(id: unknown, path: string): asserts id is string {
  const isText = typeof id === 'string' && id.length > 0 && id.length <= PATCH_ID_MAX
  // Half of a surrogate pair has no stored form of its own.
  if (!isText || /\p{Surrogate}/u.test(id))
    refuse('patched.id', id, `a well-formed text of 1 to ${PATCH_ID_MAX} characters`, path)
}

/** Whether a turn that is run again is under a change. @throws what it was refused with when there were too many */
export function isPatched(noted: readonly string[] | undefined, id: string, path: string): boolean {
  if (noted?.includes(id) === true) return true
  checkPatches(noted?.length ?? 0, path)
  return false
}

/** Refuses one more change than a turn may be under. @throws {HoldfastError} `HF_INVALID` */
export function checkPatches(count: number, path: string): void {
  if (count >= PATCHES_PER_TURN)
    refuse('patched', `change ${count + 1} of one turn`, `at most ${PATCHES_PER_TURN} changes`, path)
}
