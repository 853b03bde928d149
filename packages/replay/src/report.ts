import type { StoredError } from '@holdfast/kernel'
import type { ShreddedStretch } from './shredded.js'

/** How a replay differs from the record. */
export type DivergenceKind =
  /** Something was done then and is not done now. */
  | 'missing'
  /** Something is done now and was not done then. */
  | 'extra'
  /** The same things, one after the other in another order. */
  | 'order'
  /** The same thing, with other values. */
  | 'payload'
  /** Something outside that the record has no result for. */
  | 'effect'
  /** A turn ends otherwise: well or not, or with another error. */
  | 'outcome'
  /** The state after a turn is another one. */
  | 'state'
  /** The code does not know an actor or a message any more. */
  | 'definition'
  /** A supervisor, a budget or a quarantine decides otherwise. */
  | 'decision'
  /** A turn reaches outside more or less often than it did: each time costs time, and may cost money. */
  | 'cost'
  /** A handler went past `ctx` for time, chance, timers or the world. */
  | 'leak'

/** What a divergence is about. */
export type Subject =
  | 'tell'
  | 'ask'
  | 'effect'
  | 'spawn'
  | 'stop'
  | 'watch'
  | 'unwatch'
  | 'link'
  | 'dependOn'
  | 'unlink'
  | 'schedule'
  | 'unschedule'
  | 'stash'
  | 'unstash'
  | 'answer'
  | 'error'
  | 'state'
  | 'definition'
  | 'directive'
  | 'budget'
  | 'call'

/** One difference between the record and the replay. */
export interface Divergence {
  /** Position of the turn, or of the decision. */
  readonly position: number
  /** Path of the actor. */
  readonly actor: string
  /** Type of the message that it handled. */
  readonly message: string
  readonly kind: DivergenceKind
  readonly subject: Subject
  /** True when the turn belongs to another correlation, and ran because the same actor handled it. */
  readonly isContext: boolean
  /**
   * Position of the turn whose difference this one rests on: the same actor differed before, or it was told something
   * that would have been told otherwise. 0 for a first cause.
   */
  readonly because: number
  readonly recorded: unknown
  readonly replayed: unknown
  /** The difference in one sentence. */
  readonly what: string
}

/** One turn of a replay. */
export interface ReplayedTurn {
  readonly position: number
  readonly message: number
  readonly actor: string
  /** Type of the message. */
  readonly kind: string
  readonly isContext: boolean
  readonly attempt: number
  readonly recorded: Outcome
  readonly replayed: Outcome
  /** What it did, as recorded. */
  readonly told: readonly Deed[]
}

/** How a turn ended. */
export type Outcome =
  { readonly ok: true; readonly answer: unknown } | { readonly ok: false; readonly error: StoredError }

/** One thing that a turn did. */
export interface Deed {
  readonly subject: Subject
  /** Path, effect name or timer key; empty when the log does not tell whose path. */
  readonly target: string
  /** Message type or definition, where there is one. */
  readonly type: string
  readonly value: unknown
  /** The correlation that it names, where that is not the one of its turn; empty when the log does not tell. */
  readonly correlation?: string
  /** Position of the record that says so; nothing for what a replay did. */
  readonly position?: number
}

/** An actor that a difference has reached. */
export interface Reached {
  readonly actor: string
  /** The first of its turns that rests on what differed. */
  readonly position: number
  /** The turn of another one that it came from; its own when it began here. */
  readonly because: number
  /** Its turns from there on. */
  readonly turns: number
}

/** An answer that the record did not hold, and where it came from. */
export interface Supplied {
  readonly position: number
  readonly actor: string
  /** Name of the effect, or path and type of what was asked. */
  readonly what: string
  readonly by: 'nearest' | 'given' | 'live'
  /** Position of the recorded result that stood in, when one did. */
  readonly from?: number
}

/** A turn that stood still, and would do so again. */
export interface StalledTurn {
  readonly position: number
  readonly actor: string
  /** Type of the message. */
  readonly message: string
}

/** What a replay did, counted. */
export interface ReplayCounts {
  readonly turns: number
  /** Of these, turns outside the incident. */
  readonly contextTurns: number
  /** State digests that were compared. */
  readonly digests: number
  /** Decisions of supervisors that were compared. */
  readonly decisions: number
  readonly divergences: number
  /** Times that a turn reached outside, by an effect or an ask: as recorded, and in the replay. */
  readonly recordedCalls: number
  readonly replayedCalls: number
}

/** What a replay found. */
export interface ReplayReport {
  readonly correlation: string
  readonly identical: boolean
  /** Differences in the order of the log, up to 10,000; `counts` knows of all. */
  readonly divergences: readonly Divergence[]
  /** The first difference that rests on no other one. */
  readonly firstCause: Divergence | undefined
  /** Whom the differences reach, in the order of the log. */
  readonly spread: readonly Reached[]
  /** The turns, up to 10,000; `counts` knows of all. */
  readonly turns: readonly ReplayedTurn[]
  readonly counts: ReplayCounts
  /** Actors that were rebuilt, by path. */
  readonly actors: readonly string[]
  /** Actors of the incident that record nothing, so that their part cannot be replayed. */
  readonly unrecorded: readonly string[]
  /** Actors whose early turns the log no longer has: their states are not what they were. */
  readonly pruned: readonly string[]
  /** Answers that the record did not hold. */
  readonly supplied: readonly Supplied[]
  /** Turns that could not be run again, because of what belongs to a subject that was shredded, or has no key here. */
  readonly shredded: readonly ShreddedStretch[]
  /** Turns that were not run again, because they stood still until the watchdog ended their process. */
  readonly stalled: readonly StalledTurn[]
}
