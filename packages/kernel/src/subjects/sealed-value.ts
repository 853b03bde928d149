// A value of a subject, as it stands in the log: sealed with the key of that subject. It is written so, and it is what a
// reader gets in the place of the value when the key was destroyed, or was not given. It is never handed to a handler.

import { HoldfastError } from '../errors.js'

/** Why a value cannot be read: its key was destroyed, or nobody gave it. */
export type WhySealed = 'shredded' | 'no-key'

/** What stands in the place of a text whose key was destroyed. */
export const SHREDDED_TEXT = '[shredded]'

/** What a reader is shown in the place of a text that it cannot read. */
const TEXTS: Readonly<Record<WhySealed, string>> = { shredded: SHREDDED_TEXT, 'no-key': '[sealed]' }

/** A value that is sealed with the key of a subject. */
export class SealedValue {
  /** Id of the subject. */
  readonly subject: string
  /** Why it is not read. */
  readonly reason: WhySealed
  /** Whether it stands for a text of an error, of which something is always shown. */
  readonly #isText: boolean
  readonly #bytes: Uint8Array

  constructor(subject: string, bytes: Uint8Array, isText: boolean, reason: WhySealed = 'no-key') {
    this.subject = subject
    this.reason = reason
    this.#isText = isText
    this.#bytes = bytes
  }

  /** The stored form. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  get isText(): boolean {
    return this.#isText
  }

  /** What is shown where only a text will do. */
  get text(): string {
    return TEXTS[this.reason]
  }

  toJSON(): { readonly [reason in 'shredded' | 'sealed']?: string } {
    return this.reason === 'shredded' ? { shredded: this.subject } : { sealed: this.subject }
  }
}

/**
 * A value out of the log that code of a user is about to get.
 *
 * @throws {HoldfastError} `HF_SUBJECT_SHREDDED`, `HF_SUBJECT_KEYS` when it cannot be read
 */
export function readable<T>(value: T, path: string, what: string): T {
  if (value instanceof SealedValue) throw unreadable(value, path, what)
  return value
}

function unreadable({ subject, reason }: SealedValue, path: string, what: string): HoldfastError {
  if (reason === 'no-key')
    return new HoldfastError(
      'HF_SUBJECT_KEYS',
      `${path} cannot be run: ${what} is sealed with the key of subject ${subject}, which was not given.`,
      { actor: path, hint: 'Give the directory of subject keys that the data were written with.' },
    )
  return new HoldfastError(
    'HF_SUBJECT_SHREDDED',
    `${path} cannot be run: ${what} belongs to subject ${subject}, whose key was destroyed.`,
    { actor: path, detail: subject, hint: 'It goes on from its next snapshot. What was shredded is gone.' },
  )
}
