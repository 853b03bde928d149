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
const RUNS_MAX = 100

/**
 * The first of these turns, in the order of their ends, that comes out otherwise.
 *
 * @param among turns that have ended, by key: all others run the code that they ran
 */
export function firstOtherwise(
  as: Trace,
  among: ReadonlySet<string>,
  again: LiveAgain,
): Promise<TracedTurn | undefined> {
  return new Search(as, again).first(among)
}

class Search {
  readonly #as: Trace
  readonly #again: LiveAgain
  #runs = 0

  constructor(as: Trace, again: LiveAgain) {
    this.#as = as
    this.#again = again
  }

  async first(among: ReadonlySet<string>): Promise<TracedTurn | undefined> {
    const left = new Set(among)
    let first: TracedTurn | undefined
    for (;;) {
      if (this.#runs++ === RUNS_MAX) throw new Error('too many turns come out otherwise at once')
      const now = await this.#again((turn) => left.has(keyOf(turn)))
      const at = parting(this.#as, now)
      if (at === undefined) return first
      const position = this.#as.records[at]?.position ?? Infinity
      if (first !== undefined && position >= first.end) return first
      const suspects = suspectsAt(this.#as, now, at, (turn) => this.#leaveAlone(turn, new Set(left)))
      // Only one of two may be behind it, so each is looked at without the other.
      if (suspects.length > 1) {
        for (const suspect of suspects) {
          const others = new Set(left)
          this.#leaveAlone(suspect, others)
          first = earlier(first, await this.first(others))
        }
        return first
      }
      const turn = suspects[0]
      const isAlone = turn !== undefined && this.#leaveAlone(turn, left)
      if (!isAlone)
        throw new Error(`nobody is behind the parting at ${position}: ${shown(this.#as, now, at)}`)
      if (this.#as.deedsOf(turn.key) !== now.deedsOf(turn.key)) first = earlier(first, turn)
    }
  }

  // From here on it is as it was up to that turn. Says whether that changes anything.
  #leaveAlone(turn: TracedTurn, left: Set<string>): boolean {
    const before = left.size
    left.delete(turn.key)
    for (const each of this.#as.turns.values())
      if (each.actor === turn.actor && lastOf(each) <= lastOf(turn)) left.delete(each.key)
    return left.size < before
  }
}

// One that never came to its end was given up, and its actor may have gone on in its next life.
function lastOf({ begun, end }: TracedTurn): number {
  return end === 0 ? begun : end
}

function earlier(one: TracedTurn | undefined, other: TracedTurn | undefined): TracedTurn | undefined {
  if (other === undefined || other.end === 0) return one
  return one === undefined || other.end < one.end ? other : one
}

/** The turns of which one at least does something else where two runs part. */
function suspectsAt(
  as: Trace,
  now: Trace,
  at: number,
  mayBe: (turn: TracedTurn) => boolean,
): readonly TracedTurn[] {
  const isOther = ({ key }: TracedTurn): boolean => as.next(key, at) !== now.next(key, at)
  const owners = new Set([as.owner(at)?.key, now.owner(at)?.key])
  const known = [...owners].flatMap((key) => as.turns.get(key ?? '') ?? []).filter(mayBe)
  // Of two, the one that goes on as it did before was only there earlier or later.
  const others = known.filter(isOther)
  if (others.length > 0) return others
  // What no record tells can move what others do, and with it what a crash takes away.
  if (known.length > 0) return known.slice(0, 1)
  // Who was woken for a question stands in the log before it, and does not say for whom.
  for (let i = at; i < as.lines.length || i < now.lines.length; i++)
    for (const key of [as.owner(i)?.key, now.owner(i)?.key]) {
      const turn = as.turns.get(key ?? '')
      if (turn !== undefined && mayBe(turn) && isOther(turn)) return [turn]
    }
  return []
}

function shown(as: Trace, now: Trace, at: number): string {
  const lines = (trace: Trace): string => trace.lines.slice(Math.max(0, at - 6), at + 5).join('\n')
  return `\n${lines(as)}\ninstead of\n${lines(now)}`
}
