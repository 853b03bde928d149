export { evidenceOf } from './begun-evidence.js'
export { causationOf, type Caused, type CausedTurn } from './causation.js'
export type { Evidence } from './evidence.js'
export type { Focus, IncidentName } from './focus.js'
export { guardHandlers, type Guarded, type GuardOptions } from './guard/guard-handlers.js'
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
export {
  findImported,
  importIncident,
  importedNamed,
  type ImportedIncident,
  type ImportOptions,
} from './import-incident.js'
export type { Place, RedactionRule } from './incident-file/redaction-rule.js'
export type { RedactedField, Redactions } from './incident-file/redactions.js'
export type { RuleHits } from './incident-file/redactor.js'
export type { FileKey } from './incident-file/sealed-file.js'
export { unpinIncident, type UnpinOptions } from './incident-file/unpin-incident.js'
export {
  findIncidents,
  openIncident,
  type IncidentInData,
  type IncidentInFile,
  type IncidentSource,
} from './open-incident.js'
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
  StalledTurn,
  Subject,
  Supplied,
} from './report.js'
export type { ShreddedStretch } from './shredded.js'
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
export type { Leak, LeakKind, Site } from './traps/leak.js'
export type { TrapScope } from './traps/scope.js'
export { sealProcess, type Seal, type SealOptions } from './traps/seal-process.js'
export { Traps } from './traps/traps.js'
