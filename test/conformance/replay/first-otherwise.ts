// The turn in which changed code first decides otherwise, found out without any replay: the swarm lives through the same
// script once more with the changed code. The world is deterministic, so that both logs are the same up to the first
// thing that it did otherwise; the turn that this belongs to is the one.
//
// That turn may end later than others, which go on while it waits, and one of these may decide otherwise as well. So it
// is left as it was in another run, with what its actor did before, and so on until two runs part later than the end of
// the one that was found. What no record tells, such as a state without a digest, shows with the first record that it
// makes another one: that turn is the one, for a replay knows no more than the log.

import type { TurnOf } from './swarm-programs.js'
import { keyOf, parting, type TracedTurn, type Trace } from './traces.js'

/** Lives through the script once more, with the changed code in these turns. */
export type LiveAgain = (isChanged: (turn: TurnOf) => boolean) => Promise<Trace>

/** How often a swarm is run for one truth before the test gives up. */
const RUNS_MAX = 60

/**
 * The first of these turns, in the order of their ends, that comes out otherwise.
 *
 * @param among turns that have ended, by key: all others run the code that they ran
 */
export async function firstOtherwise(
  as: Trace,
  among: ReadonlySet<string>,
  again: LiveAgain,
): Promise<TracedTurn | undefined> {
  const left = new Set(among)
  let first: TracedTurn | undefined
  for (let run = 0; run < RUNS_MAX; run++) {
    const now = await again((turn) => left.has(keyOf(turn)))
    const at = parting(as, now)
    if (at === undefined) return first
    const position = as.records[at]?.position ?? Infinity
    if (first !== undefined && position >= first.end) return first
    const culprit = culpritOf(as, now, at)
    const turn = culprit === undefined ? undefined : as.turns.get(culprit)
    if (turn === undefined)
      throw new Error(`nobody is behind the parting at ${position}: ${shown(as, now, at)}`)
    const isOther = as.deedsOf(turn.key) !== now.deedsOf(turn.key)
    if (isOther && turn.end !== 0 && turn.end < (first?.end ?? Infinity)) first = turn
    if (!isLeftAlone(as, turn, left))
      throw new Error(`it parts at ${position} whatever it runs: ${shown(as, now, at)}`)
  }
  throw new Error('too many turns decide otherwise at once')
}

/** The key of the turn that does something else where two runs part. */
function culpritOf(as: Trace, now: Trace, at: number): string | undefined {
  const [was, is] = [as.owner(at), now.owner(at)]
  if (was !== undefined && was.key === is?.key) return was.key
  // Of two turns, the one that goes on as it did before was only there earlier or later.
  const isOther = (turn: TracedTurn | undefined): boolean =>
    turn !== undefined && as.next(turn.key, at) !== now.next(turn.key, at)
  if (isOther(was) && isOther(is)) throw new Error(`two turns part at once: ${shown(as, now, at)}`)
  if (isOther(was)) return was!.key
  if (isOther(is)) return is!.key
  // What no record tells can move what others write to the disk, and with it what a crash takes away.
  return (was ?? is)?.key
}

// From here on it is as it was up to that turn. Says whether that changes anything.
function isLeftAlone(as: Trace, { actor, key, end }: TracedTurn, left: Set<string>): boolean {
  const before = left.size
  left.delete(key)
  for (const each of as.turns.values()) if (each.actor === actor && each.end <= end) left.delete(each.key)
  return left.size < before
}

function shown(as: Trace, now: Trace, at: number): string {
  const lines = (trace: Trace): string => trace.lines.slice(Math.max(0, at - 6), at + 5).join('\n')
  return `\n${lines(as)}\ninstead of\n${lines(now)}`
}
