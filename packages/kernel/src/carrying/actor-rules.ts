// What the parts of an image may say, field by field. They are the fields of `StoredActor`, `StoredKeys` and `StoredSystem`,
// without those that nobody has who may be taken along: a turn that waits, a decision that is not carried out, a subject.

import type { StoredActor, StoredLife } from '../checkpoint/stored-actor.js'
import type { StoredKeys, StoredSystem } from '../checkpoint/stored-image.js'
import {
  CARRIED_ACTORS_MAX,
  CARRIED_MESSAGES_MAX,
  FAILURES_KEPT,
  PARKED_KEPT,
  TIMER_MS_MAX,
  TIMERS_PER_ACTOR,
} from '../limits.js'
import type { FailureContext, RecordData, StopReason } from '../records.js'
import {
  either,
  isAnything,
  isCount,
  isFlag,
  isListOf,
  isName,
  isObjectOf,
  isOneOf,
  isPairOf,
  isPath,
  isSmall,
  isTableOf,
  isText,
  isTime,
  isTrue,
  isUpTo,
  maybe,
  type Rule,
} from './rules.js'

type RulesOf<T> = { readonly [Field in keyof T]-?: Rule }

/** Levels of causes in an error: what the log keeps, and what an error of it was made for. */
const CAUSES_MAX = 8
const CLASSES_MAX = 16
const GRANTS_MAX = 1_024
const DEFINITIONS_MAX = 65_536

const CONTEXTS: readonly FailureContext[] = ['start', 'message', 'stop', 'recovery', 'child', 'steered']
const REASONS: readonly StopReason[] = [
  'normal',
  'shutdown',
  'failed',
  'killed',
  'collateral',
  'gave-up',
  'ignored',
  'passivated',
]

const isErrorOf = (causes: number): Rule =>
  isObjectOf(
    { name: isText, message: isText },
    {
      code: maybe(isText),
      detail: maybe(isText),
      stack: maybe(isText),
      bases: maybe(isListOf(isText, CLASSES_MAX)),
      ...(causes > 0 ? { cause: maybe(isErrorOf(causes - 1)) } : {}),
    },
  )

const isError = isErrorOf(CAUSES_MAX)

const isGrants = isListOf(isObjectOf({ position: isCount, atMs: isTime }), GRANTS_MAX)

const isBackoff = isObjectOf({
  minMs: isUpTo(TIMER_MS_MAX),
  maxMs: isUpTo(TIMER_MS_MAX),
  factor: isUpTo(1_000),
  jitter: isUpTo(1),
  resetAfterMs: isUpTo(Infinity),
})

const RESTARTS = ['permanent', 'transient', 'temporary']

const isBudget = isObjectOf({
  maxRestarts: isCount,
  withinMs: isUpTo(TIMER_MS_MAX),
  then: isOneOf('stop', 'quarantine'),
})

const isTerms = isObjectOf(
  {
    restart: isOneOf(...RESTARTS),
    shutdown: either(isUpTo(TIMER_MS_MAX), isOneOf('infinity', 'brutal')),
    significant: isFlag,
  },
  { backoff: maybe(isBackoff), budget: maybe(isBudget) },
)

const born: Omit<RulesOf<RecordData['spawned']>, 'parent' | 'name' | 'definition' | 'belongs' | 'subject'> = {
  version: isSmall,
  args: isAnything,
  restart: isOneOf(...RESTARTS),
  fixed: isTrue,
  durable: isOneOf(false),
  virtual: isTrue,
  terms: isTerms,
}

const isTimer = isObjectOf(
  { key: isText, type: isText, dueMs: isTime, everyMs: isUpTo(TIMER_MS_MAX) },
  { payload: isAnything },
)

const isFailure = isObjectOf({
  position: isCount,
  atMs: isTime,
  correlation: isCount,
  context: isOneOf(...CONTEXTS),
  error: isError,
})

const isCause = isObjectOf({ name: isText, message: isText }, { code: maybe(isText) })

const isNotice = isObjectOf({ incarnation: isSmall }, { reason: maybe(isCause) })

const isQuarantine = isObjectOf({ reason: isError, keepsChildren: isFlag, isReleased: isOneOf(false) })

const positions = isListOf(isCount, CARRIED_MESSAGES_MAX)
const keyed = isListOf(isPairOf(isCount, isText), CARRIED_MESSAGES_MAX)

type NotCarried =
  'rerun' | 'halting' | 'isReviving' | 'diverged' | 'undecided' | 'unfinished' | 'awaited' | 'comesAlong'

const life: Omit<RulesOf<StoredLife>, NotCarried> = {
  stopped: isOneOf(...REASONS),
  stopError: isError,
  outAt: isCount,
  outMs: isTime,
  incarnation: isSmall,
  restarts: isSmall,
  turns: isCount,
  pending: positions,
  stash: isObjectOf({
    messages: positions,
    handled: isListOf(
      isPairOf(isCount, isObjectOf({ attempt: isSmall, stashes: isSmall })),
      CARRIED_MESSAGES_MAX,
    ),
  }),
  timers: isListOf(isTimer, TIMERS_PER_ACTOR),
  watching: keyed,
  dependsOn: isListOf(isCount, CARRIED_ACTORS_MAX),
  unseen: isListOf(isObjectOf({ path: (value) => isPath(value), type: isText }), CARRIED_ACTORS_MAX),
  notices: keyed,
  failures: isListOf(isFailure, FAILURES_KEPT),
  attempt: isSmall,
  attemptOf: isCount,
  start: isCount,
  hasLeft: isTrue,
  wasClosed: isTrue,
  entering: isNotice,
  hasFailed: isTrue,
  ticks: keyed,
  idleTurns: isCount,
  deleted: isListOf(isName, CARRIED_ACTORS_MAX),
  isPaused: isTrue,
  quarantine: isQuarantine,
  grants: isGrants,
  ownGrants: isGrants,
}

const actor: Omit<RulesOf<StoredActor>, 'isAsleep'> = {
  id: isSmall,
  bornAt: isCount,
  born: isObjectOf({ parent: isSmall, name: isName, definition: isText }, born),
  life: isObjectOf({}, life),
}

/** Whether something is an actor as a part of an image says it. What it says of others is not looked at. */
export const isActor = isObjectOf({ ...actor }, { isAsleep: isTrue })

const keys: RulesOf<StoredKeys> = {
  home: isSmall,
  keys: isListOf(isName, 1_024),
  ids: isListOf(isSmall, 1_024),
  turns: isListOf(isSmall, 1_024),
}

/** Whether something is a part with the keys of a home. */
export const isKeys = isObjectOf({ ...keys })

const isOpened = isObjectOf({
  kind: isOneOf('opened'),
  position: isCount,
  timeMs: isTime,
  actor: isOneOf(0),
  correlation: isOneOf(0),
  cause: isOneOf(0),
  data: isObjectOf({
    epoch: isSmall,
    engine: isSmall,
    definitions: isTableOf(isText, DEFINITIONS_MAX),
    system: isText,
  }),
})

const system: Omit<RulesOf<StoredSystem>, 'shreds'> = {
  lastPosition: isCount,
  lastMs: isTime,
  lastActor: isSmall,
  records: isCount,
  opened: either(isOneOf(null), isOpened),
  gaveUp: isOneOf(null),
  wasClosed: isFlag,
  grants: isGrants,
  parked: isListOf(isObjectOf({ position: isCount, failedAt: isCount, actor: isSmall }), PARKED_KEPT),
  dead: isListOf(isAnything, 0),
  noted: isListOf(isAnything, 0),
}

/** Whether something is the part of the system as a whole. */
export const isSystem = isObjectOf({ ...system })

/** Whether something is what a failure that is carried says. */
export const isFailed = isObjectOf({
  attempt: isSmall,
  context: isOneOf(...CONTEXTS),
  error: isError,
  parked: isTrue,
})
