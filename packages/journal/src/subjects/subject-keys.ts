// The port behind which the keys of subjects are kept, apart from the log: a folder, a table, a service. It is asked and
// answers at once, because whatever a turn writes is sealed while it is written.

/** Bytes of the key of a subject. */
export const SUBJECT_KEY_BYTES = 32

/** Keeps the keys of subjects. */
export interface SubjectKeys {
  /** Which keys these are: a text that stands in the log, and that no other keys have. */
  readonly id: string
  /** Makes sure that `id` stays, before anything is written with these keys. */
  begin(): void
  /** The id of a subject by its name: 24 hex digits. Nobody without the keys can tell the name from it. */
  idOf(name: string): string
  /** A copy of the key of a subject, which its receiver zeroes; `destroyed` when it was, `undefined` when there never was one. */
  get(subject: string): Uint8Array | 'destroyed' | undefined
  /** Makes the key of a subject that has none, durably, and gives a copy of it. */
  create(subject: string): Uint8Array
  /** Destroys the key of a subject durably and for good, also when there is none: it is never made again. */
  destroy(subject: string): void
  /** Every subject that there is or was. */
  list(): Iterable<SubjectState>
  /** Zeroes whatever it holds in memory. */
  close(): void
}

/** One subject. */
export interface SubjectState {
  /** The id under which it stands in the log. */
  readonly subject: string
  readonly isShredded: boolean
}
