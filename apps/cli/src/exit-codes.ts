// Every exit code, and which error leads to which. Scripts rely on them: a number never changes its meaning.

import type { ErrorCode } from '@holdfast/kernel'

/** How the command line ends. */
export const EXIT = {
  ok: 0,
  /** Something failed: the swarm did not load, the disk said no. */
  failure: 1,
  /** The command line cannot be understood, or what it names cannot be used so. */
  usage: 2,
  /** There is no such actor, correlation or store. */
  notFound: 3,
  /** Kept for commands that speak to a running system. */
  cannotConnect: 4,
  /** Code and record differ, or two incidents. */
  diverged: 5,
  /** The swarm gave up, at its start or later, or the store is not what was written. */
  unhealthy: 6,
  /** Somebody else holds it, or it must not be written. */
  refused: 7,
  /** Ctrl-C: 128 and the number of SIGINT. */
  interrupted: 130,
  /** Whoever read stdout has gone: 128 and the number of SIGPIPE. */
  readerGone: 141,
  /** 128 and the number of SIGTERM. */
  terminated: 143,
} as const

/** One of them. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const BY_ERROR: Partial<Record<ErrorCode, ExitCode>> = {
  HF_INVALID: EXIT.usage,
  HF_NO_SUCH_ACTOR: EXIT.notFound,
  HF_UNKNOWN_CORRELATION: EXIT.notFound,
  HF_NOTHING_FAILED: EXIT.notFound,
  HF_STORE_MISSING: EXIT.notFound,
  HF_DIVERGED: EXIT.diverged,
  HF_START_FAILED: EXIT.unhealthy,
  HF_GAVE_UP: EXIT.unhealthy,
  HF_STORE_DAMAGED: EXIT.unhealthy,
  HF_FILE_DAMAGED: EXIT.unhealthy,
  HF_STORE_IN_USE: EXIT.refused,
  HF_STORE_UNWRITABLE: EXIT.refused,
  HF_STORE_NEWER: EXIT.refused,
  HF_OTHER_HISTORY: EXIT.refused,
  HF_KEY: EXIT.refused,
  HF_SUBJECT_KEYS: EXIT.refused,
  HF_SUBJECT_SHREDDED: EXIT.refused,
  HF_SUBJECT_BUSY: EXIT.refused,
  HF_FILE_KEY: EXIT.refused,
  HF_FILE_EXISTS: EXIT.refused,
  HF_NOT_PORTABLE: EXIT.refused,
}

/** The exit code of an error; 1 for what the table does not name. */
export function exitCodeOf(error: unknown): ExitCode {
  if (typeof error !== 'object' || error === null || !('code' in error)) return EXIT.failure
  return BY_ERROR[error.code as ErrorCode] ?? EXIT.failure
}
