import { HoldfastError } from '@holdfast/kernel'
import { didYouMean } from './nearest.js'
import { UsageError } from './usage-error.js'

/** Paths that are looked through for what the user may have meant. */
const PATHS_SEARCHED = 5_000

/** The error for a path at which nobody lives; a path that is none is a mistake of its own. */
export function noSuchActor(path: string, known: readonly string[]): Error {
  if (!path.startsWith('/')) {
    return new UsageError(`"${path}" is no path; paths start with a slash.`, {
      field: 'path',
      hint: `Try /${path}.`,
    })
  }
  return new HoldfastError('HF_NO_SUCH_ACTOR', `There is no actor at ${path}.`, {
    actor: path,
    field: 'path',
    hint: didYouMean(path, known.slice(0, PATHS_SEARCHED), '`holdfast tree` shows who is there.'),
  })
}
