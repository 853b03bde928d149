import type { ActorImage } from './actor-image.js'
import type { Rerun } from './cell.js'
import type { MessageRecord, TurnRecord } from './records.js'
import type { Noted } from './turn-notes.js'

/** Hears of what recovery must act on while the image is built. */
export interface ImageVisitor {
  onSpawned?(actor: ActorImage): void
  /** It has ended and will not come back. */
  onEnded?(actor: ActorImage): void
  onTurn?(
    actor: ActorImage,
    message: MessageRecord,
    turn: TurnRecord,
    rerun: Rerun | undefined,
    noted: Noted | undefined,
  ): void
}
