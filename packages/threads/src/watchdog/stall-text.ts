// The last words of a process that its watchdog ends.

import type { StallEnd } from '@holdfast/kernel'

/** What is written to stderr. */
export function stallText(system: string, { stalledMs, inHand, stack }: StallEnd): string {
  const forMs = Math.round(stalledMs).toLocaleString('en')
  const first = `holdfast: the event loop of "${system}" has stood still for ${forMs} ms, and its watchdog ends the process.`
  const lines = [first, inHand === null ? '  No code of an actor was known to run.' : inHandText(inHand)]
  if (stack !== '') lines.push(stack)
  return `${lines.join('\n')}\n`
}

function inHandText({
  actor,
  actorId,
  type,
  position,
  correlation,
  attempt,
}: NonNullable<StallEnd['inHand']>) {
  const who = actor === '' ? `the actor with the id ${actorId}` : actor
  const what = type === '' ? 'a message' : `"${type}"`
  const where = position === 0 ? ', which the log does not hold' : ` at position ${position}`
  const of = correlation === 0 ? '' : `, of correlation ${correlation}`
  return `  In hand: ${who}, ${what}${where}${of}, attempt ${attempt}.`
}
