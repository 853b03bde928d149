import { HoldfastError } from '../errors.js'
import type { SystemImage } from '../image.js'
import type { Kernel } from '../kernel.js'
import { noSubjectKeys } from './subjects.js'

/** Refuses to go on from a log without the keys of subjects that it was written with. @throws `HF_SUBJECT_KEYS` */
export function checkSubjects({ subjects }: Kernel, { opened }: SystemImage): void {
  const wanted = opened?.data().subjects
  if (wanted === undefined || wanted === subjects?.seal.id) return
  if (subjects === null) throw noSubjectKeys('The data were written with keys of subjects')
  throw new HoldfastError(
    'HF_SUBJECT_KEYS',
    `The data were written with the keys of subjects ${wanted}, and those of ${subjects.seal.id} were given.`,
    {
      field: 'subjectKeys',
      hint: 'Give the directory that was given before, or a copy of it. Nothing was written to the log.',
    },
  )
}

/** Refuses definitions of whose actors somebody wants to shred the data, where these would be written in the open. */
export function checkSealed({ log, subjects, blueprints }: Kernel): void {
  if (subjects !== null || !log.isLasting) return
  for (const { name, subjectOf } of blueprints.all())
    if (subjectOf !== undefined) throw noSubjectKeys(`Actors of "${name}" belong to subjects`)
}
