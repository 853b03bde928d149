import type { Kernel } from '../kernel.js'
import type { MessageExtras } from '../log.js'
import { noSubjectKeys } from './subjects.js'

/**
 * What a message says of its subject, by the name that a handler gave; `null` without one.
 *
 * @throws {HoldfastError} `HF_INVALID`, `HF_SUBJECT_KEYS`, `HF_SUBJECT_SHREDDED`
 */
export function subjectSaid(
  { subjects }: Kernel,
  name: string | undefined,
): Pick<MessageExtras, 'subject'> | null {
  if (name === undefined) return null
  if (subjects === null) throw noSubjectKeys('A message was given a subject')
  const subject = subjects.named(name)
  subjects.refuseClosed(subject)
  return { subject }
}
