import type { RerunObserver } from '@holdfast/kernel'
import type { Deed } from './report.js'

/** What a turn did that is neither told, nor asked for, nor a birth: as a deed. */
export function otherDeed(
  subject: Parameters<RerunObserver['other']>[0],
  { path, key, type, ...rest }: Readonly<Record<string, unknown>>,
): Deed {
  return {
    subject,
    target: typeof path === 'string' ? path : String(key),
    type: typeof type === 'string' ? type : '',
    value: Object.keys(rest).length === 0 ? undefined : rest,
  }
}
