import { HoldfastError } from '@holdfast/kernel'
import { didYouMean } from './nearest.js'
import type { OpenData } from './open-data.js'

/** Names that are looked through for what the user may have meant. */
const NAMES_SEARCHED = 5_000

/**
 * The correlation that somebody named: by its name, or by the position of a message that belongs to it. A name comes
 * first, since somebody may have named a correlation "42".
 *
 * @returns its id, which is the position of the message that brought it in
 * @throws {HoldfastError} `HF_UNKNOWN_CORRELATION` with the nearest known names
 */
export function correlationNamed(data: Pick<OpenData, 'journal' | 'store'>, wanted: string): number {
  const named = data.journal.correlationOf(wanted)
  if (named !== 0) return named
  const position = /^[1-9]\d{0,15}$/.test(wanted) ? Number(wanted) : 0
  const message = position === 0 ? undefined : data.journal.messageAt(position)
  if (message !== undefined) return message.correlation
  throw new HoldfastError('HF_UNKNOWN_CORRELATION', `The log knows no correlation "${wanted}".`, {
    field: 'correlation',
    hint: didYouMean(
      wanted,
      firstNames(data.store),
      'Give the name that a message was sent with, or the position of a message; `holdfast journal --kind message` shows both.',
    ),
  })
}

function* firstNames(store: Pick<OpenData['store'], 'names'>): Generator<string> {
  let searched = 0
  for (const { name } of store.names()) {
    if (searched++ === NAMES_SEARCHED) return
    yield name
  }
}
