export { Incident } from './incident.js'
export {
  diffIncidents,
  type DiffSide,
  type IncidentDiff,
  type IncidentDifference,
} from './incident-diff/diff-incidents.js'
export type { HappeningKind } from './incident-diff/happenings.js'
export { exportIncident, type ExportOptions, type ExportReport } from './incident-file/export-incident.js'
export type { FileHeader, Lock, SectionName, SectionSize } from './incident-file/file-header.js'
export type { Manifest, ManifestActor } from './incident-file/manifest.js'
export { manifestOf, readFileHeader } from './incident-file/open-file.js'
export type { Place, RedactionRule } from './incident-file/redaction-rule.js'
export type { RedactedField, Redactions } from './incident-file/redactions.js'
export type { RuleHits } from './incident-file/redactor.js'
export type { FileKey } from './incident-file/sealed-file.js'
export { unpinIncident, type UnpinOptions } from './incident-file/unpin-incident.js'
export {
  openIncident,
  type IncidentInData,
  type IncidentInFile,
  type IncidentSource,
} from './open-incident.js'
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
