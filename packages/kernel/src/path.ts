import { refuse } from './errors.js'
import { NAME_LENGTH_MAX, PATH_DEPTH_MAX } from './limits.js'

// A name is one step of a path. A slash would be two steps, a control character would break terminals and logs;
// everything else is allowed, because people name actors after what they hold ("@scope/name" becomes "@scope|name").
const FORBIDDEN = /[/\u0000-\u001f\u007f]/

/**
 * Checks one step of a path and gives it back.
 *
 * @throws {HoldfastError} `HF_INVALID` with `field`
 */
export function checkName(name: unknown, field: string): string {
  if (
    typeof name !== 'string' ||
    name.length === 0 ||
    name.length > NAME_LENGTH_MAX ||
    FORBIDDEN.test(name)
  ) {
    refuse(field, name, `a name of 1 to ${NAME_LENGTH_MAX} characters without "/" and control characters`)
  }
  return name
}

/**
 * Splits `/bank/reserve` into its names.
 *
 * @throws {HoldfastError} `HF_INVALID` when it is not an absolute path
 */
export function splitPath(path: unknown): readonly string[] {
  if (typeof path !== 'string' || !path.startsWith('/'))
    refuse('path', path, 'an absolute path such as "/bank/reserve"')
  const names = path.slice(1).split('/')
  if (names.length > PATH_DEPTH_MAX) refuse('path', path, `at most ${PATH_DEPTH_MAX} levels deep`)
  for (const name of names) checkName(name, 'path')
  return names
}
