import { HoldfastError } from '@holdfast/kernel'

/**
 * What a reading finds missing is damage, unless it was cut away meanwhile.
 *
 * @throws {HoldfastError} `HF_LOG_CUT`, `HF_STORE_DAMAGED`
 */
export function there<T>(found: T | undefined, position: number, floor: () => number): T {
  if (found === undefined && position < floor())
    throw new HoldfastError(
      'HF_LOG_CUT',
      `The log was cut up to position ${floor()} while position ${position} was read.`,
      { hint: 'Read again, from the position where the log begins now.' },
    )
  intact(found !== undefined, `position ${position} is missing`)
  return found
}

/** Throws `HF_STORE_DAMAGED` when stored bytes are not what they must be. */
export function intact(condition: boolean, what: string): asserts condition {
  if (condition) return
  throw new HoldfastError('HF_STORE_DAMAGED', `The store is damaged: ${what}.`, {
    hint: 'Run `holdfast verify` on the data directory; restore from a backup.',
  })
}
