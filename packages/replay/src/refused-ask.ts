import type { StoredError } from '@holdfast/kernel'

/**
 * Whether a question was refused at once with an error: as far as the error says whom it is about, it is about this
 * question. The log has no message of such a question, only its answer.
 */
export function isRefusalOf({ code, message }: StoredError, to: string, type: string): boolean {
  if (code === 'HF_NO_SUCH_ACTOR') return message === `There is no actor at ${to}.`
  if (code !== 'HF_UNKNOWN_MESSAGE') return true
  return message.startsWith(`${to} (`) && message.endsWith(` "${type}".`)
}
