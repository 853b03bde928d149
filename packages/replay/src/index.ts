export type { Evidence } from './evidence.js'
export type { Focus, IncidentName } from './focus.js'
export { Incident } from './incident.js'
export { findIncidents, openIncident, type IncidentSource } from './open-incident.js'
export { play, Player, replay, type RunOptions } from './player.js'
export type { ReplayOptions } from './replay.js'
export type {
  Deed,
  Divergence,
  DivergenceKind,
  Outcome,
  Reached,
  ReplayCounts,
  ReplayedTurn,
  ReplayReport,
  Subject,
  Supplied,
} from './report.js'
export type { Pruned, Slice, SliceActor } from './slice.js'
export type { Step } from './steps.js'
export type { UnrecordedRule, Wanted } from './unrecorded.js'
export { refTo } from './reproducer/ref-to.js'
export { reproduce, type Reproduced } from './reproducer/reproduce.js'
export type { ReproducedMessage, ReproducedResult, Reproduction } from './reproducer/reproduction.js'
export { shrink, type Shrunk, type ShrinkOptions } from './reproducer/shrink.js'
export { testFile, type TestFileOptions, type TestRunner } from './reproducer/test-file.js'
export { withPolicy, type Definitions, type Policy, type PolicyChange } from './policy.js'
export type { Course, CourseFailure } from './rehearsal/course.js'
export { whatIf, type WhatIfOptions, type WhatIfReport } from './what-if.js'
export { fork, type ForkIncidentOptions } from './fork.js'
export type { FoundIncident } from './incidents.js'
