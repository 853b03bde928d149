import { HoldfastError } from '@holdfast/kernel'

/** What is thrown when a file is not the one that was written, or holds what no export writes. */
export function damaged(what: string, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_FILE_DAMAGED', `The incident file cannot be used: ${what}.`, {
    field: 'file',
    cause,
    hint: 'Copy it again from where it comes from, or export the incident again.',
  })
}

/** Throws `HF_FILE_DAMAGED` unless the condition holds. */
export function sound(condition: boolean, what: string): asserts condition {
  if (!condition) throw damaged(what)
}
