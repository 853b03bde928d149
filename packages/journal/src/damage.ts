import { HoldfastError } from '@holdfast/kernel'

/** Throws `HF_STORE_DAMAGED` when stored bytes are not what they must be. */
export function intact(condition: boolean, what: string): asserts condition {
  if (condition) return
  throw new HoldfastError('HF_STORE_DAMAGED', `The store is damaged: ${what}.`, {
    hint: 'Run `holdfast verify` on the data directory; restore from a backup.',
  })
}
