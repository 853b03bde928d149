import type { Journal } from '@holdfast/journal'
import type { LogRecord } from '@holdfast/kernel'

/** Types that are kept; a turn mostly follows its message closely. */
const TYPES_KEPT = 65_536

/** Types of messages by position, for records that only name the message that they are about. */
export class MessageTypes {
  readonly #journal: Pick<Journal, 'messageAt'>
  readonly #types = new Map<number, string>()

  constructor(journal: Pick<Journal, 'messageAt'>) {
    this.#journal = journal
  }

  /** Notes a message that passes by. */
  note(record: LogRecord): void {
    if (record.kind !== 'message') return
    if (this.#types.size >= TYPES_KEPT) this.#types.clear()
    this.#types.set(record.position, record.type)
  }

  /** The type of the message at a position. */
  at(position: number): string | undefined {
    return this.#types.get(position) ?? this.#journal.messageAt(position)?.type
  }
}
