// What a system is told not to store.

import { refuse } from '@holdfast/kernel'
import {
  HIGH_ENTROPY_BITS,
  HIGH_ENTROPY_LENGTH,
  SECRET_FIELDS_MAX,
  SECRET_LENGTH_MAX,
  SECRET_LENGTH_MIN,
  SECRETS_LENGTH_MAX,
  SECRETS_MAX,
} from '../limits.js'
import type { HighEntropyRule } from './high-entropy.js'

/** What is replaced before anything is stored. */
export interface RedactOptions {
  /**
   * Secrets that this process knows: found as they are, in base64, in hex, percent-encoded and escaped, also within longer
   * texts and in bytes. A function is asked before each thing that is stored. @default none
   */
  readonly secrets?: readonly string[] | (() => readonly string[])
  /**
   * Names of fields and headers whose values are replaced, whatever they are, beside those of credentials in HTTP
   * (`authorization`, `cookie`, `x-api-key` and the like). Case, `-` and `_` do not count. A text may hold them too, as lines of
   * headers or as JSON. `false`: no names at all.
   */
  readonly fields?: readonly string[] | false
  /** Keys and tokens that can be told by how they look, such as `ghp_…`, `AKIA…`, JSON web tokens and private keys. @default true */
  readonly shapes?: boolean
  /**
   * Text that looks drawn by lot: runs of letters, digits and `+/_-=` of `minLength` characters at least, with `minBits` bits
   * of entropy a character. Ids and hashes look the same. @default false; `true` is 24 characters and 4 bits
   */
  readonly highEntropy?: boolean | Partial<HighEntropyRule>
}

/** The options, checked and with what they leave out. */
export interface RedactRules {
  readonly secrets: () => readonly string[]
  /** As `fieldKey` gives them. */
  readonly fields: ReadonlySet<string>
  /** As they may stand in a text, in small letters. */
  readonly fieldNames: readonly string[]
  readonly hasShapes: boolean
  readonly highEntropy: HighEntropyRule | null
}

/** Fields that hold credentials, in HTTP and in what speaks of it. */
const SECRET_FIELDS: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'api-key',
  'x-auth-token',
]

/** A name as it is compared. */
export function fieldKey(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '')
}

/** Checks what was given. @throws {HoldfastError} `HF_INVALID` with the field's name */
export function redactRules(options: RedactOptions): RedactRules {
  if (typeof options !== 'object' || (options as unknown) === null) refuse('redact', options, 'an object')
  const { secrets = [], fields = [], shapes = true, highEntropy = false } = options
  if (typeof shapes !== 'boolean') refuse('redact.shapes', shapes, 'true or false')
  const names = fields === false ? [] : checkFields(fields)
  return {
    secrets: typeof secrets === 'function' ? secrets : always(checkSecrets(secrets)),
    fields: new Set(names.map(fieldKey)),
    fieldNames: [...new Set(names.flatMap(spellings))].filter(({ length }) => length > 2),
    hasShapes: shapes,
    highEntropy: entropyRule(highEntropy),
  }
}

function always(secrets: readonly string[]): () => readonly string[] {
  const copy = [...secrets]
  return () => copy
}

/** Refuses secrets that cannot be looked for. What they are is not said. @throws {HoldfastError} `HF_INVALID` */
export function checkSecrets(secrets: unknown): readonly string[] {
  if (!Array.isArray(secrets)) refuse('redact.secrets', typeof secrets, 'a list of texts')
  if (secrets.length > SECRETS_MAX)
    refuse('redact.secrets', `${secrets.length} secrets`, `at most ${SECRETS_MAX} of them`)
  let characters = 0
  secrets.forEach((secret: unknown, i) => {
    characters += checkSecret(secret, `redact.secrets[${i}]`)
  })
  if (characters > SECRETS_LENGTH_MAX)
    refuse('redact.secrets', `${characters} characters`, `at most ${SECRETS_LENGTH_MAX} together`)
  return secrets as string[]
}

function checkSecret(secret: unknown, field: string): number {
  const wants = `a well-formed text of ${SECRET_LENGTH_MIN} to ${SECRET_LENGTH_MAX} characters: a shorter one stands in too much`
  if (typeof secret !== 'string') refuse(field, typeof secret, wants)
  const { length } = secret
  if (length < SECRET_LENGTH_MIN || length > SECRET_LENGTH_MAX || /\p{Surrogate}/u.test(secret))
    refuse(field, `${length} characters`, wants)
  if (WORDS_OF_PLACEHOLDERS.some((words) => words.includes(secret)))
    refuse(field, 'a part of what stands in the place of a secret', 'another text')
  return length
}

const WORDS_OF_PLACEHOLDERS = ['secret', 'secret-base64', 'secret-hex', 'high-entropy', 'private-key'].map(
  (kind) => `[redacted:${kind}:`,
)

// In a text a name stands in one of these ways, and in capitals or not.
function spellings(name: string): string[] {
  const small = name.toLowerCase()
  return [small, small.replaceAll('-', '_'), small.replaceAll('_', '-'), fieldKey(name)]
}

function checkFields(fields: unknown): string[] {
  if (!Array.isArray(fields)) refuse('redact.fields', typeof fields, 'a list of names, or false')
  if (fields.length > SECRET_FIELDS_MAX)
    refuse('redact.fields', `${fields.length} names`, `at most ${SECRET_FIELDS_MAX} of them`)
  fields.forEach((name: unknown, i) => {
    if (typeof name !== 'string' || fieldKey(name) === '')
      refuse(`redact.fields[${i}]`, name, 'the name of a field')
  })
  return [...SECRET_FIELDS, ...(fields as string[])]
}

function entropyRule(given: boolean | Partial<HighEntropyRule>): HighEntropyRule | null {
  if (given === false) return null
  if (given !== true && (typeof given !== 'object' || (given as unknown) === null))
    refuse('redact.highEntropy', given, 'true, false or an object')
  const { minLength = HIGH_ENTROPY_LENGTH, minBits = HIGH_ENTROPY_BITS } = given === true ? {} : given
  if (!Number.isSafeInteger(minLength) || minLength < SECRET_LENGTH_MIN)
    refuse('redact.highEntropy.minLength', minLength, `a whole number from ${SECRET_LENGTH_MIN}`)
  if (!(minBits > 0 && minBits <= 6))
    refuse('redact.highEntropy.minBits', minBits, 'more than 0 and at most 6')
  return { minLength, minBits }
}
