import type { RestartNotice } from './definition.js'
import type { StoredError } from './records.js'

/** What a new incarnation is told of the one before: what that failed with, if it did. */
export function noticeOf(incarnation: number, error: StoredError | undefined): RestartNotice {
  if (error === undefined) return { incarnation, reason: undefined }
  const { name, message, code, subject } = error
  const said = subject === undefined ? { name, message } : { name, message, subject }
  return { incarnation, reason: code === undefined ? said : { ...said, code } }
}
