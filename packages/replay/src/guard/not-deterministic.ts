import { HoldfastError, type ErrorDetails } from '@holdfast/kernel'

/** Differences that are told in one message; the first ones explain the others. */
const TOLD = 3

/** The failure of a turn that does not do the same twice. */
export function notDeterministic(
  who: string,
  differences: readonly string[],
  details: ErrorDetails = {},
): HoldfastError {
  const more = differences.length - TOLD
  const told = differences.slice(0, TOLD).join('; ') + (more > 0 ? `; and ${more} more` : '')
  return new HoldfastError('HF_NOT_DETERMINISTIC', `${who} does not do the same twice: ${told}.`, {
    hint: 'Take time, chance and the outside from ctx, and keep in ctx.state whatever outlasts a turn.',
    ...details,
  })
}
