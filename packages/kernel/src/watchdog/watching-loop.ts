// Lets a watchdog watch the thread of a system, and tells what it finds.

import type { Kernel } from '../kernel.js'
import { inHandOf } from './in-hand.js'
import type { Stall, Watchdog } from './watchdog.js'

/** Has a watchdog watch. @returns the way to end that */
export async function watch(
  kernel: Kernel,
  watchdog: Watchdog,
  name: string,
  epoch: number,
): Promise<() => Promise<void>> {
  kernel.hand = watchdog.hand
  await watchdog.begin({
    name,
    epoch,
    inHand: () => inHandOf(kernel),
    wentOn: (stall) => {
      tell(kernel, stall)
    },
    failed: (error) => {
      kernel.warn('', 'Nobody watches the event loop any more: the watchdog has failed.', error)
    },
  })
  return () => watchdog.end()
}

function tell(kernel: Kernel, { inHand, stalledMs, stack }: Stall): void {
  if (!kernel.events.has('loop-stalled')) return
  const { actor = '', actorId = 0, type = '', position = 0, correlation = 0 } = inHand ?? {}
  kernel.events.emit('loop-stalled', {
    actor: actor === '' ? (kernel.pathOf(actorId) ?? '') : actor,
    type: type === '' ? (kernel.log.messageAt(position)?.type ?? '') : type,
    position,
    correlationId: correlation === 0 ? '' : kernel.log.correlationName(correlation),
    stalledMs,
    stack,
    ended: false,
    gaveUp: false,
  })
}
