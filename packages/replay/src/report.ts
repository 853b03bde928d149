import type { StoredError } from '@holdfast/kernel'

/** How a replayed turn differs from the recorded one. */
export type DivergenceKind =
  'missing' | 'extra' | 'order' | 'payload' | 'effect' | 'outcome' | 'state' | 'definition'

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

/** One difference between the record and the replay. */
export interface Divergence {
  /** Position of the turn. */
  readonly position: number
  /** Path of the actor. */
  readonly actor: string
  /** Type of the message that it handled. */
  readonly message: string
  readonly kind: DivergenceKind
  readonly subject: Subject
  /** True when the turn belongs to another correlation, and ran because the same actor handled it. */
  readonly isContext: boolean
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
  /** Path, effect name or timer key. */
  readonly target: string
  /** Message type or definition, where there is one. */
  readonly type: string
  readonly value: unknown
}

/** What a replay found. */
export interface ReplayReport {
  readonly correlation: string
  readonly identical: boolean
  /** All differences, in the order of the log; the first is the first cause to look at. */
  readonly divergences: readonly Divergence[]
  readonly turns: readonly ReplayedTurn[]
  /** Actors that were rebuilt, by path. */
  readonly actors: readonly string[]
  /** Actors of the incident that record nothing, so that their part cannot be replayed. */
  readonly unrecorded: readonly string[]
  /** State digests that were compared. */
  readonly digests: number
}
