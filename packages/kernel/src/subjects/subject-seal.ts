// The port behind which the keys of subjects are. The kernel knows whom data belong to, and nothing of ciphers or files.

import type { SealedValue } from './sealed-value.js'

/** Seals the values of subjects for one log. */
export interface SubjectSeal {
  /** Which keys these are: it stands in the log, so that others are not taken for them. */
  readonly id: string
  /** Makes sure that these keys stay, before anything says that they were used. */
  begin(): void
  /** The id under which a subject stands in the log. It says nothing of its name, and follows from it. */
  idOf(name: string): string
  /** Whether there is a key of a subject. */
  has(subject: string): boolean
  /** Whether the key of a subject was destroyed. */
  isShredded(subject: string): boolean
  /** Has a key of a subject, which is durable before this returns. @throws {HoldfastError} `HF_SUBJECT_SHREDDED` */
  open(subject: string): void
  /** Seals packed bytes for a place in the log. @throws {HoldfastError} `HF_SUBJECT_SHREDDED` */
  seal(subject: string, place: number, packed: Uint8Array, isText: boolean): SealedValue
  /** Destroys the key of a subject for good, durably, also when there never was one. */
  destroy(subject: string): void
}
