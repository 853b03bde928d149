import { HoldfastError, type ActorRef, type HandlersOf, type System } from 'holdfast'
import type { intake } from './full-disk.test.js'

// region: watch
/** Says when the disk refuses, and when it takes records again. */
export function watchDisk(system: System, say: (line: string) => void): void {
  system.on('store-failed', ({ failure }) => say(`${failure.code}: ${failure.hint ?? failure.message}`))
  system.on('store-recovered', () => say('the disk takes records again'))
}
// end: watch

// region: send
/** Sends a reading, and waits for room when the system is full of what waits for the disk. */
export async function send(
  system: System,
  to: ActorRef<HandlersOf<typeof intake>>,
  celsius: number,
): Promise<void> {
  for (;;) {
    try {
      to.tell('reading', { celsius })
      return
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.disposition !== 'retryable') throw error
      await system.room()
    }
  }
}
// end: send
