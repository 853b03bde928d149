export type { Around, MakerKind, RunAround, TurnInHand } from './around.js'
export type { Authorities, EffectCall, Timer } from './authorities/authorities.js'
export { machineAuthorities } from './authorities/machine.js'
export { Blueprint, type HandlerEntry, type RunHandler } from './blueprint.js'
export { Blueprints } from './blueprints.js'
export type { RecordedResult, RecordedTurn, Rerun } from './cell.js'
export { Chance } from './chance.js'
export type {
  AskOptions,
  Context,
  EffectOptions,
  EffectRetry,
  Rest,
  ScheduleOptions,
  SpawnOptions,
  TellOptions,
  TurnLog,
} from './context.js'
export type { DeadLetter, DeadLetterCounts, DeadLetterQuery } from './dead-letters.js'
export {
  actor,
  type ActorDefinition,
  type ActorSpec,
  type AnswerOf,
  type AnyHandlers,
  type AnyPayload,
  type ArgsOf,
  type Definition,
  type Decide,
  type FailurePolicy,
  type Handler,
  type Handlers,
  type HandlersOf,
  type MailboxSpec,
  type Migrations,
  type Overflow,
  type PayloadOf,
  type RestartNotice,
} from './definition.js'
export { ENGINE } from './engine.js'
export {
  ERROR_CODES,
  HoldfastError,
  isErrorCode,
  refuse,
  type Disposition,
  type ErrorCode,
  type ErrorDetails,
} from './errors.js'
export type { FailureReport, SystemEvent, SystemEventName, SystemEvents } from './events.js'
export { checkRetention, type Retention } from './retention.js'
export { fingerprintOf } from './fingerprint.js'
export type { ActorImage, TimerImage } from './actor-image.js'
export {
  carryActors,
  type CarriedActors,
  type CarriedState,
  type CarryOptions,
} from './carrying/carry-actors.js'
export { isPath } from './carrying/rules.js'
export { ActorsJudge, type CarriedMessage } from './carrying/judge-actors.js'
export { beginImage } from './checkpoint/begin-image.js'
export { livesOf, type Life } from './checkpoint/lives.js'
export { IMAGE_VERSION, storedImage, type ImagePart } from './checkpoint/stored-image.js'
export { SystemImage } from './image.js'
export type { ImageVisitor } from './image-visitor.js'
export type { IdleSpec } from './idle.js'
export { inspectImage, treeOfImage, type Inspection, type TreeNode } from './inspection.js'
export { aimOf } from './executor/aim.js'
export type { Call, Errand, ErrandMessage, Executor, FarTurn, Outcome, Work } from './executor/executor.js'
export type { PoolStats, ThreadActorStats, Threads, ThreadsStats, ThreadStats } from './executor/threads.js'
export { isDefinition } from './definition-check.js'
export { ignore } from './ignore.js'
export {
  registry,
  type RegistryAnswer,
  type RegistryDefinition,
  type RegistryHandlers,
  type RegistryOptions,
  type RegistryPage,
  type RegistryState,
} from './library/registry.js'
export { lifecycleMachine, nextLifecycle, type LifecycleEvent, type LifecycleState } from './lifecycle.js'
export type { LogBeginning } from './log-beginning.js'
export {
  NO_ANSWER,
  type Durability,
  type Encoded,
  type Log,
  type LogDamage,
  type StoreHold,
  type MessageExtras,
  type MessageName,
  type Checkpoint,
  type Snapshot,
} from './log.js'
export { PACT } from './pact.js'
export {
  isLikeRecorded,
  isPlaceholder,
  placeholder,
  PLACEHOLDER_DIGITS,
  placeholdersIn,
  UNREDACTED_ERROR,
} from './redaction/placeholder.js'
export { holdsSecret, type Redaction } from './redaction/redaction.js'
export { noteOfTurn, notesOf, type Noted } from './turn-notes.js'
export { noteResult } from './rebuild.js'
export { CallCounts, refusedCall, targetOf } from './refused-calls.js'
export {
  revivedError,
  storedError,
  withoutStack,
  type DataKind,
  type DataRecord,
  type DeadReason,
  type FailureContext,
  type LogRecord,
  type MessageRecord,
  type RecordData,
  type RecordHead,
  type ResultData,
  type HaltMode,
  type ShredStep,
  type SteerCommand,
  type StopMode,
  type StopReason,
  type RefusedCall,
  type StoredError,
  type TurnRecord,
} from './records.js'
export { REF, type ActorRef, type AnyRef } from './ref.js'
export {
  RerunTurn,
  type Answering,
  type RerunActor,
  type RerunObserver,
  type RerunWorld,
} from './rerun-turn.js'
export type { StandardSchema } from './standard-schema.js'
export { allForOne } from './strategy/all-for-one.js'
export { oneForOne } from './strategy/one-for-one.js'
export { restForOne } from './strategy/rest-for-one.js'
export type { BudgetOptions, Strategy } from './strategy/strategy.js'
export {
  machine,
  type MachineActionOf,
  type MachineAnswerOf,
  type MachineChildOptions,
  type MachineHandlers,
  type MachineOptions,
  type MachineSpec,
  type MachineStateOf,
} from './machine/machine.js'
export type { MachineContext } from './machine/machine-plan.js'
export type { MachineAnswer, MachineState } from './machine/machine-state.js'
export { ctxOf } from './machine/scope.js'
export type { BackoffOptions } from './supervision/backoff.js'
export { directiveFor, type Directive } from './supervision/directive.js'
export { directiveOf } from './supervision/verdict.js'
export { RestartBudget } from './supervision/restart-budget.js'
export {
  child,
  supervisor,
  type AutoShutdown,
  type ChildOptions,
  type ChildSpec,
  type SupervisorDefinition,
  type SupervisorSpec,
} from './supervision/supervisor-definition.js'
export type { ChildBudget, ChildBudgetOptions, ChildTerms, RestartType } from './supervision/child-terms.js'
export {
  dynamicSupervisor,
  type DynamicSupervisorDefinition,
  type DynamicSupervisorSpec,
} from './supervision/dynamic-supervisor.js'
export {
  keyed,
  partitions,
  type PartitionsDefinition,
  type PartitionsSpec,
} from './supervision/partitions.js'
export type {
  AddedChild,
  ChildCounts,
  ChildId,
  ChildPage,
  ChildStatus,
  CommonProtocol,
  DynamicChild,
  DynamicProtocol,
  PartitionsProtocol,
  SupervisorProtocol,
  VirtualCounts,
  VirtualProtocol,
} from './supervision/protocol.js'
export {
  virtualActors,
  type VirtualActorsDefinition,
  type VirtualActorsSpec,
} from './supervision/virtual-actors.js'
export { task, type TaskProtocol, type TaskSpec } from './task.js'
export { readable, SealedValue, type WhySealed } from './subjects/sealed-value.js'
export { checkReadable } from './subjects/readable-turn.js'
export type { ShredOptions, ShredReport } from './subjects/shred.js'
export type { SubjectSeal } from './subjects/subject-seal.js'
export type { SteerOptions } from './steering/command.js'
export { parkedMessage, type ParkedEntry, type ParkedMessage } from './steering/parked-list.js'
export type { ParkedOptions } from './steering/parking.js'
export type { Steering } from './steering/steering.js'
export type { TracedMessage, TraceHook } from './steering/trace.js'
export type { RecoveryProgress } from './recovery.js'
export { System, type StoreStatus, type SystemParts } from './system.js'
export type { TerminatedNotice } from './watching.js'
export type { Hand, InHand, Stall, StallEnd, Watchdog, Watched } from './watchdog/watchdog.js'
