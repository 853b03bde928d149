import type { DataRecord, MessageRecord, TurnRecord } from './records.js'

/** How far a message is that was put aside at least once and has no outcome yet. */
export interface Handled {
  /** The attempt that its next handling will be. */
  readonly attempt: number
  /** How often it was put aside. */
  readonly stashes: number
}

/** The stash of one actor, as the log tells. */
export class StashImage {
  /** In the order in which they were put aside. */
  messages: MessageRecord[] = []
  /** By position: those in the stash, and those that are back in the mailbox. */
  readonly handled = new Map<number, Handled>()
  /** The message of the turn that is being read, when that turn puts it aside. */
  #inHand: MessageRecord | undefined
  #refusals: string[] | undefined

  /** A message is put aside, or was refused. `take` takes it out of the mailbox. */
  add(record: DataRecord<'stashed'>, take: (position: number) => MessageRecord | undefined): void {
    const { refused } = record.data()
    if (refused !== undefined) (this.#refusals ??= []).push(refused)
    else {
      this.#inHand = take(record.cause)
      if (this.#inHand !== undefined) this.messages.push(this.#inHand)
    }
  }

  /** A turn has ended. @returns its message when it put that aside, and what its handler was refused */
  end({ message, attempt }: TurnRecord): {
    aside: MessageRecord | undefined
    refusals: string[] | undefined
  } {
    const aside = this.#inHand
    const refusals = this.#refusals
    this.#inHand = undefined
    this.#refusals = undefined
    if (aside !== undefined) {
      const stashes = (this.handled.get(message)?.stashes ?? 0) + 1
      this.handled.set(message, { attempt: attempt + 1, stashes })
    }
    return { aside, refusals }
  }

  /** Takes everything out. */
  empty(): MessageRecord[] {
    const { messages } = this
    this.messages = []
    return messages
  }

  /** A message has its outcome. @returns it, when it was in the stash */
  settle(position: number): MessageRecord | undefined {
    this.handled.delete(position)
    const at = this.messages.findIndex((message) => message.position === position)
    return at === -1 ? undefined : this.messages.splice(at, 1)[0]
  }
}
