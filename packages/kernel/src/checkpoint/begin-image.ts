import { checkEngine } from '../engine.js'
import { HoldfastError } from '../errors.js'
import type { ImageVisitor } from '../image-visitor.js'
import { SystemImage } from '../image.js'
import type { Checkpoint, Log } from '../log.js'
import { IMAGE_VERSION, restoreImage } from './stored-image.js'

/** What reads the checkpoints of a log. */
type CheckpointedLog = Pick<Log, 'checkpoint' | 'messageAt'>

/**
 * The image with which reading a log begins: that of its newest checkpoint that can be read, or an empty one. What
 * follows is read from behind its `lastPosition`.
 *
 * @param at the last position that it may stand at
 * @throws {HoldfastError} `HF_STORE_NEWER`
 */
export function beginImage(log: CheckpointedLog, visitor: ImageVisitor = {}, at = Infinity): SystemImage {
  const steps = beginImageInSteps(log, visitor, at)
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** The same in steps, for whoever has other things to do between them. */
export function* beginImageInSteps(
  log: CheckpointedLog,
  visitor: ImageVisitor,
  at: number,
): Generator<void, SystemImage> {
  for (let checkpoint = log.checkpoint(at); checkpoint !== undefined;) {
    const image = yield* restored(log, checkpoint, visitor)
    if (image !== undefined) {
      for (const actor of image.actors.values()) visitor.onSpawned?.(actor)
      return image
    }
    checkpoint = log.checkpoint(checkpoint.position - 1)
  }
  return new SystemImage(visitor)
}

// One of an earlier form, or one that is damaged, is as good as none: all that it says is in the log as well.
function* restored(
  log: CheckpointedLog,
  checkpoint: Checkpoint,
  visitor: ImageVisitor,
): Generator<void, SystemImage | undefined> {
  if (checkpoint.version !== IMAGE_VERSION) return undefined
  const image = new SystemImage(visitor)
  try {
    yield* restoreImage(image, checkpoint.parts(), (position) => log.messageAt(position))
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'HF_STORE_DAMAGED') return undefined
    throw error
  }
  if (image.opened !== null) checkEngine(image.opened.data().engine)
  return image
}
