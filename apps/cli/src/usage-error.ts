/**
 * The command line cannot be understood.
 *
 * It has the fields of a `HoldfastError` without being one: a typing error should be answered before the runtime and
 * its store are loaded.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'HF_INVALID'
  /** The option or argument that is at fault. */
  readonly field: string | undefined
  /** What to do next. */
  readonly hint: string | undefined

  constructor(message: string, details: { readonly field?: string; readonly hint?: string } = {}) {
    super(message)
    this.field = details.field
    this.hint = details.hint
  }
}
