import type { MessageRecord, TurnRecord } from './records.js'

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

  /** A message is put aside: it was taken out of the mailbox, when it was there. */
  add(message: MessageRecord | undefined): void {
    this.#inHand = message
    if (message !== undefined) this.messages.push(message)
  }

  /** A turn has ended. @returns its message when it put that aside */
  end({ message, attempt }: TurnRecord): MessageRecord | undefined {
    const aside = this.#inHand
    this.#inHand = undefined
    if (aside !== undefined) {
      const stashes = (this.handled.get(message)?.stashes ?? 0) + 1
      this.handled.set(message, { attempt: attempt + 1, stashes })
    }
    return aside
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
