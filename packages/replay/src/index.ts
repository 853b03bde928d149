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
export type { Evidence } from './evidence.js'
export type { Slice, SliceActor, Step } from './slice.js'
