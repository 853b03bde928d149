// A replay that stops in a debugger, right before the turn that somebody wants to see.

import inspector from 'node:inspector'
import { HoldfastError } from '@holdfast/kernel'
import type { Incident, Player } from 'holdfast/replay'
import type { Command } from './command.js'

/**
 * Replays up to a turn, waits for a debugger and stops in it; then goes on to the end. The turn is the one at a position
 * or the next after it, or else the first one that failed.
 *
 * @throws {HoldfastError} `HF_NOTHING_FAILED` when there is no such turn
 */
export async function untilBreak(
  player: Player,
  incident: Incident,
  wanted: number | undefined,
  { output }: Command,
): Promise<void> {
  const position = turnAt(incident, wanted)
  await player.run({ to: position - 1 })
  // Whoever can connect can run code here, so it listens on loopback and nowhere else.
  if (inspector.url() === undefined) inspector.open(undefined, '127.0.0.1')
  output.note(`waiting for a debugger before the turn at ${position}: ${inspector.url() ?? 'no address'}`)
  inspector.waitForDebugger()
  // The next step leads into the handler.
  debugger
  await player.next()
  await player.run()
}

function turnAt({ slice, correlation }: Incident, wanted: number | undefined): number {
  for (const { position, end, isContext } of slice.steps())
    if (wanted === undefined ? end.kind === 'failed' && !isContext : position >= wanted) return position
  const what = wanted === undefined ? 'Nothing failed' : `There is no turn at ${wanted} or after it`
  throw new HoldfastError('HF_NOTHING_FAILED', `${what} in ${correlation}.`, {
    field: 'to',
    hint: 'Name a turn: --to POSITION; `holdfast trace` shows the positions.',
  })
}
