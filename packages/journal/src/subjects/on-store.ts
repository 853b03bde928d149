import type { DurabilityOptions } from '../durability.js'
import type { SubjectVault } from '../disk/subjects/subject-vault.js'

/** What a journal is put on a store with. */
export interface OnStore extends DurabilityOptions {
  /** The keys of subjects; they are closed with the journal. */
  readonly subjects?: SubjectVault | null | undefined
}
