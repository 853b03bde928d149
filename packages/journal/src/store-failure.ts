import { HoldfastError } from '@holdfast/kernel'

/** What a failed commit means for whoever waits: the disk is full, or it cannot be trusted right now. */
export function storeFailure(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error
  const text = textOf(error)
  if (isFull(error, text)) return diskFull(error)
  return new HoldfastError('HF_STORE_FAILED', `The store failed to commit: ${text}`, {
    cause: error,
    hint: 'Nothing that was not on disk was acknowledged. Look at the disk; the store is opened again and checked first.',
  })
}

/**
 * Why a file or a directory could not be written.
 *
 * @param field the option by which somebody chose the place
 */
export function notWritten(path: string, error: unknown, field: string): HoldfastError {
  if (error instanceof HoldfastError) return error
  const text = textOf(error)
  const [code, why] = isFull(error, text)
    ? (['HF_STORE_FULL', 'its disk is full.'] as const)
    : (['HF_STORE_UNWRITABLE', text] as const)
  return new HoldfastError(code, `${path} cannot be written: ${why}`, {
    field,
    cause: error,
    hint: 'Give a place that this user may write, on a disk with room.',
  })
}

/** There is no room for a commit. */
export function diskFull(cause?: unknown): HoldfastError {
  return new HoldfastError(
    'HF_STORE_FULL',
    'The disk is full: nothing more is acknowledged until there is room.',
    {
      cause,
      hint: 'Make room on the disk of the data directory; the system goes on by itself.',
    },
  )
}

/** Somebody else wrote where this process meant to be alone. */
export function otherBatch(position: number): HoldfastError {
  return new HoldfastError(
    'HF_STORE_DAMAGED',
    `The store holds another batch at position ${position} than was written.`,
    {
      hint: 'Another process may have written to it. Stop, and run `holdfast verify`.',
    },
  )
}

/** The store has not answered in its time. */
export function storeLate(ms: number): HoldfastError {
  return new HoldfastError('HF_STORE_LATE', `The store has not answered within ${ms} ms.`, {
    hint: 'Look at the disk. Nothing more is acknowledged until the call has ended and the store was opened again and checked; when it never ends, start the process anew.',
  })
}

/** What was confirmed is no longer there, or has changed. */
export function lostBatch(position: number): HoldfastError {
  return new HoldfastError(
    'HF_STORE_DAMAGED',
    `The store does not hold the batch at position ${position} any more that it had confirmed.`,
    {
      hint: 'The disk has lost what it said was stored. Stop, run `holdfast verify`, and restore from a backup.',
    },
  )
}

function isFull(error: unknown, text: string): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code
  return code === 28 || code === 'ENOSPC' || /no space left|quota exceeded|MDB_MAP_FULL/i.test(text)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
