/** Something that the audit itself could not do; broken packages are findings and never this. */
export class AuditFailed extends Error {
  override readonly name = 'AuditFailed'
  /** What to do next. */
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}
