export { guardHandlers, type Guarded, type GuardOptions } from './guard/guard-handlers.js'
export { Incident } from './incident.js'
export { openIncident, type IncidentSource } from './open-incident.js'
export { replay, type ReplayOptions } from './replay.js'
export type {
  Deed,
  Divergence,
  DivergenceKind,
  Outcome,
  ReplayedTurn,
  ReplayReport,
  Subject,
} from './report.js'
export type { Slice, SliceActor, Step } from './slice.js'
export type { Leak, LeakKind, Site } from './traps/leak.js'
export type { TrapScope } from './traps/scope.js'
export { sealProcess, type Seal, type SealOptions } from './traps/seal-process.js'
export { Traps } from './traps/traps.js'
