// Going on
// ========
// Has a system go on from where its log left it. Cells stand and states are folded by now: mailboxes, timers, watches
// and budgets are put back, decisions that were not carried out are carried out, and turns that were waiting begin
// again with what they had already learned. From here on the system writes.

import { ActorAsk } from './actor-ask.js'
import type { ActorImage, Grant } from './actor-image.js'
import { enterLife, writeStart } from './birth.js'
import type { Cell } from './cell.js'
import { FAILED, QUARANTINED, RESTARTING, STOPPED, STOPPING } from './gate.js'
import { beginIdle } from './idle.js'
import type { SystemImage } from './image.js'
import type { Kernel } from './kernel.js'
import { LateActors } from './late-actors.js'
import { sendNotice } from './notices.js'
import { PACT } from './pact.js'
import { misreadMail, putBackMail } from './mail-again.js'
import { judge, judgeAll, writeReplays } from './misfits.js'
import { rebuild } from './rebuild.js'
import { storedError, type StoredError } from './records.js'
import type { Fold } from './fold.js'
import { enter, stayOut } from './restarting.js'
import { heldInSystem } from './steering/held-image.js'
import { pause } from './steering/pause.js'
import { diverge, holdDiverged } from './steering/diverging.js'
import { hold, release } from './steering/quarantine.js'
import { halt, stopCell } from './stopping.js'
import { carryOut, decide } from './supervision/failure.js'
import type { RestartBudget } from './supervision/restart-budget.js'
import { armTimers } from './timers.js'
import { hasEnded, watch } from './watching.js'

/** Puts everything back in its place and has it go on. */
export function putBack(kernel: Kernel, image: SystemImage, folds: ReadonlyMap<number, Fold>): void {
  kernel.parked = image.parked
  const misfits = judgeAll(kernel, image)
  const held = heldInSystem(image)
  for (const actor of held) image.endLife(actor)
  for (const actor of image.actors.values()) {
    const { cell } = actor.tag as Fold
    putBackCell(kernel, actor)
    // Its life was over, or ended with the process: no stop hook is due.
    if (held.has(actor)) cell.extra().hasLeft = true
  }
  for (const actor of image.actors.values()) if (actor.awaited !== null) putBackGroup(image, actor)
  for (const actor of image.actors.values()) putBackWatches(kernel, actor)
  const awaited = new Set<number>()
  for (const actor of image.actors.values()) {
    if (actor.stopped === null) putBackMail(kernel, image, actor, awaited)
  }
  for (const actor of image.actors.values()) tellOfUnseen(kernel, actor)
  for (const actor of image.actors.values()) failLostAsks(kernel, actor, awaited)
  const charged = putBackBudgets(kernel, image)
  putBackHomes(kernel, image)
  for (const actor of image.mail.values()) wakeForMail(kernel, image, actor)
  const all = [...folds].map(([id, fold]) => ({ actor: image.actors.get(id)!, fold }))
  // What was decided comes first, all of it before any of it is begun, because it may concern others.
  kernel.steps.run(() => {
    for (const { actor, fold } of all) if (actor.stopped !== null) startAgain(kernel, actor, fold.cell)
    for (const { actor, fold } of all)
      if (actor.stopped === null && !held.has(actor)) finishWork(kernel, actor, fold, charged)
  })
  const late = new LateActors(kernel)
  for (const { actor, fold } of all) {
    const { cell, isLate } = fold
    if (!isUntouched(actor, cell) || held.has(actor)) continue
    if (isLate && cell.isDirty)
      late.add(cell, () => {
        wake(kernel, actor, cell)
      })
    else goOn(kernel, actor, cell)
  }
  late.begin()
  for (const { actor, fold } of all)
    if (actor.diverged !== null && fold.isLate && !held.has(actor) && !misfits.has(actor))
      wakeHeld(kernel, image, actor, fold, charged)
}

function putBackHomes(kernel: Kernel, image: SystemImage): void {
  for (const actor of image.actors.values()) {
    const home = actor.known === null ? null : kernel.supervisionOf((actor.tag as Fold).cell).home
    if (home === null) continue
    home.known = actor.known!
    for (const cell of kernel.supervisionOf((actor.tag as Fold).cell).children.values()) home.onBorn(cell)
  }
}

// Its state is made again now, and it goes on from there.
function wake(kernel: Kernel, actor: ActorImage, cell: Cell): void {
  rebuild(kernel, cell, (error) => {
    cell.gate &= ~RESTARTING
    if (error === undefined) goOn(kernel, actor, cell)
    else if (cell.durable) diverge(kernel, cell, error)
    else stopBeyondRebuild(kernel, cell, storedError(error, kernel.log.redaction))
  })
}

// The same for one that was held because its log was not followed.
function wakeHeld(
  kernel: Kernel,
  image: SystemImage,
  actor: ActorImage,
  fold: Fold,
  charged: ReadonlySet<number>,
): void {
  const { cell } = fold
  rebuild(kernel, cell, (error) => {
    if ((cell.gate & (STOPPING | STOPPED)) !== 0) return
    if (error !== undefined) {
      holdDiverged(cell, judge(kernel, image, actor, error))
      return
    }
    writeReplays(kernel, image, actor)
    const rare = cell.extra()
    rare.diverged = null
    beginIdle(kernel, cell)
    armTimers(kernel, cell)
    if (rare.quarantine !== null) {
      if (rare.quarantine.isReleased) release(kernel, cell)
      return
    }
    cell.gate &= ~QUARANTINED
    finishWork(kernel, actor, fold, charged)
    if (isUntouched(actor, cell)) goOn(kernel, actor, cell)
  })
}

// The process ended between its falling asleep and its waking for what had reached it meanwhile.
function wakeForMail(kernel: Kernel, image: SystemImage, actor: ActorImage): void {
  // Its mail may have ended with it.
  if (actor.pending.size === 0) return
  const home = kernel.cells.get(actor.parent)?.supervision?.home
  if (home?.isOpen !== true || home.awake(actor.name) !== undefined) return
  const cell = home.wake(actor.name, 0, 0)
  actor.tag = { cell, after: 0, isLate: true, waiting: null, error: undefined } satisfies Fold
  putBackMail(kernel, image, actor, new Set())
  const misread = misreadMail(actor)
  if (misread !== undefined && (cell.gate & QUARANTINED) === 0) diverge(kernel, cell, misread)
}

// What was charged before counts, by the clock on the wall. @returns the decisions that were charged
function putBackBudgets(kernel: Kernel, image: SystemImage): ReadonlySet<number> {
  const { authorities } = kernel
  const charged = new Set<number>()
  const refused = new Set<number>()
  const charge = (budget: RestartBudget, grants: readonly Grant[]): void => {
    for (const { position, atMs } of grants) {
      const ageMs = Math.max(0, authorities.now() - atMs)
      if (!refused.has(position) && budget.grant(authorities.monotonic() - ageMs)) charged.add(position)
      else refused.add(position)
    }
  }
  for (const { ownGrants, tag } of image.actors.values()) {
    const { cell } = tag as Fold
    const own = ownGrants.length > 0 ? kernel.supervisionAbove(cell).budgetOf(cell) : undefined
    if (own !== undefined) charge(own, ownGrants)
  }
  charge(kernel.guardian.budget, image.grants)
  for (const { grants, tag } of image.actors.values())
    if (grants.length > 0) charge(kernel.supervisionOf((tag as Fold).cell).budget, grants)
  for (const position of refused) charged.delete(position)
  return charged
}

// A question whose message nobody holds any more was in the memory of a volatile actor, and went with it.
function failLostAsks(kernel: Kernel, actor: ActorImage, awaited: ReadonlySet<number>): void {
  const cell = (actor.tag as Fold).cell
  const rerun = cell.rare?.rerun
  if (rerun === undefined || rerun === null) return
  for (const [index, position] of rerun.asked) {
    if (awaited.has(position) || rerun.results.some((result) => result.index === index)) continue
    const { correlation = 0 } = kernel.log.messageAt(rerun.message) ?? {}
    const asker = new ActorAsk(kernel, cell, rerun.message, rerun.attempt, index, correlation, 0)
    const message =
      'The process ended before the actor that was asked had answered, and it remembers nothing.'
    const error = { name: 'HoldfastError', code: 'HF_ACTOR_RESTARTED', message }
    asker.write(false, undefined, error)
    asker.fail(error)
  }
}

// One whose start was ordered is started; so is a permanent child that had ended on its own, and a root, however it ended.
function startAgain(kernel: Kernel, { isReviving }: ActorImage, cell: Cell): void {
  if (isReviving) kernel.supervisionAbove(cell).startAgain(cell)
  else if (cell.parent !== null) kernel.supervisionAbove(cell).restartEnded(cell)
  else if (kernel.guardian.charge()) kernel.guardian.restart(cell)
  else kernel.giveUp(endedAgain(), 'stop')
}

function endedAgain(): StoredError {
  return { name: 'HoldfastError', code: 'HF_GAVE_UP', message: 'the root ends again and again' }
}

function putBackCell(kernel: Kernel, actor: ActorImage): void {
  const { cell, isLate } = actor.tag as Fold
  cell.incarnation = actor.incarnation
  if (actor.restarts > 0 || actor.failures.length > 0) {
    const rare = cell.extra()
    rare.restarts = actor.restarts
    rare.failures = [...actor.failures]
  }
  // What a volatile actor had tried is gone with its mailbox.
  if (cell.durable) cell.attempt = actor.attempt
  if (actor.stopped !== null) {
    cell.gate = STOPPED
    cell.lifecycle = 'stopped'
    cell.extra().stopReason = actor.stopped
    return
  }
  cell.gate = 0
  cell.lifecycle = actor.start === 0 ? 'running' : 'starting'
  // Who has failed waits for what is decided; a new life of its supervisor would have taken it along.
  if (actor.hasFailed && !actor.comesAlong) {
    cell.gate = FAILED
    cell.lifecycle = 'failed'
  }
  if (actor.isPaused) pause(cell)
  // Who has left already, or is not up in this process, runs no stop hook when it is to leave before it goes on.
  const isDown = actor.hasLeft || actor.wasClosed || !cell.durable
  if (isDown && cell.blueprint.stop !== null) cell.extra().hasLeft = true
  // Its state is made when it goes on.
  if (isLate) cell.isDirty = true
  if (actor.rerun !== null && actor.pending.has(actor.rerun.message)) cell.extra().rerun = actor.rerun
  const timers = actor.timers.size === 0 ? null : (cell.extra().timers ??= new Map())
  for (const [key, timer] of actor.timers) timers?.set(key, { ...timer, handle: null })
  if (actor.diverged === null) {
    beginIdle(kernel, cell)
    if (timers !== null) armTimers(kernel, cell)
    return
  }
  if (actor.diverged.isOut) stayOut(cell)
  holdDiverged(cell, actor.diverged.reason)
}

// Who had left, to be restarted with one that failed, is still between two lives.
function putBackGroup({ actors }: SystemImage, { parent, awaited }: ActorImage): void {
  for (const id of actors.get(parent)?.children ?? []) {
    const { name, durable, hasLeft, restart, tag } = actors.get(id)!
    const { cell } = tag as Fold
    if (cell.gate !== 0 || restart === 'temporary' || !awaited!.has(name) || (durable && !hasLeft)) continue
    stayOut(cell)
  }
}

function putBackWatches(kernel: Kernel, actor: ActorImage): void {
  const watcher = kernel.cells.get(actor.id)
  if (watcher === undefined) return
  const putBack = (target: number, type: string): void => {
    const cell = kernel.cells.get(target)
    if (cell !== undefined && !hasEnded(cell)) watch(kernel, watcher, cell, cell.path, type)
  }
  for (const [target, type] of actor.watching) putBack(target, type)
  for (const target of actor.dependsOn ?? []) putBack(target, PACT)
}

// What the log does not know has ended with the process.
function tellOfUnseen(kernel: Kernel, { id, unseen }: ActorImage): void {
  const watcher = kernel.cells.get(id)
  if (watcher === undefined) return
  for (const { path, type } of unseen ?? [])
    sendNotice(kernel, watcher, type, { path, reason: 'collateral' }, 0, 0)
}

// Carries out what was decided and not done.
function finishWork(
  kernel: Kernel,
  actor: ActorImage,
  { cell, error }: Fold,
  charged: ReadonlySet<number>,
): void {
  const { halting, quarantine, undecided, unfinished } = actor
  if (error !== undefined) {
    if (cell.durable) diverge(kernel, cell, error)
    else stopBeyondRebuild(kernel, cell, storedError(error, kernel.log.redaction))
    return
  }
  if (halting !== null) halt(kernel, cell, halting)
  if ((cell.gate & STOPPING) !== 0) return
  if (quarantine !== null) {
    hold(kernel, cell, quarantine.reason)
    if (quarantine.isReleased) release(kernel, cell)
  } else if (actor.diverged !== null && unfinished?.data().directive !== 'escalate') {
    // What was decided about it waits with it; what its supervisor is to do about itself does not.
  } else if (undecided !== null) {
    const { error: reason, context } = undecided.data()
    decide(kernel, cell, reason, context, undecided.correlation, undecided.cause)
  } else if (unfinished !== null && charged.has(unfinished.position)) {
    kernel.supervisionAbove(cell).restart(cell, actor.awaited ?? undefined)
  } else if (unfinished !== null) {
    const { directive, reason, context } = unfinished.data()
    carryOut(kernel, cell, directive, reason, context, unfinished.correlation, unfinished.cause)
  }
}

function stopBeyondRebuild(kernel: Kernel, cell: Cell, error: StoredError): void {
  kernel.log.record('failed', cell.id, 0, 0, { attempt: 1, context: 'recovery', error, parked: false })
  const failure = { position: 0, atMs: kernel.authorities.now(), correlation: 0, error }
  cell.extra().failures.push({ ...failure, context: 'recovery' })
  stopCell(kernel, cell, 'failed', error)
}

// Nothing that was decided concerns it.
function isUntouched(actor: ActorImage, cell: Cell): boolean {
  const isDown = (cell.gate & (FAILED | RESTARTING | STOPPING | STOPPED | QUARANTINED)) !== 0
  return !isDown && cell.incarnation === actor.incarnation
}

function goOn(kernel: Kernel, actor: ActorImage, cell: Cell): void {
  if (cell.rare !== null) cell.rare.hasLeft = false
  if (cell.blueprint.isSupervisor && cell.supervision?.isDone === true) cell.supervision.finish()
  else if (cell.blueprint.isSupervisor) startMissing(kernel, cell, actor.deleted ?? NONE)
  else if (cell.durable && actor.entering !== null && cell.blueprint.startAgain !== null) {
    cell.lifecycle = 'starting'
    enter(kernel, cell, actor.entering)
  } else if (!cell.durable || isStartDue(actor, cell)) enterAgain(kernel, cell)
  else kernel.dispatcher.enqueue(cell)
}

// A start hook that was under way when the system was stopped is begun again from its own message, which still waits.
function isStartDue(actor: ActorImage, cell: Cell): boolean {
  return (actor.hasLeft || actor.wasClosed) && actor.start === 0 && cell.blueprint.start !== null
}

// Its stop hook ran, so its start hook runs now; a volatile actor starts afresh.
function enterAgain(kernel: Kernel, cell: Cell): void {
  cell.lifecycle = 'starting'
  const { start } = cell.blueprint
  const { incarnation } = cell
  enterLife(kernel, cell, start, incarnation, writeStart(kernel, cell, start, incarnation, 0, 0))
}

const NONE: ReadonlySet<string> = new Set()

// Children that the spec has gained since are started; those that it has lost go on as long as their definition is known.
function startMissing(kernel: Kernel, cell: Cell, deleted: ReadonlySet<string>): void {
  const supervision = kernel.supervisionOf(cell)
  const isKnown = (id: string): boolean => supervision.children.has(id) || deleted.has(id)
  if (cell.blueprint.children.every((spec) => isKnown(spec.id))) {
    kernel.dispatcher.enqueue(cell)
    return
  }
  cell.lifecycle = 'starting'
  supervision.startMissing(deleted)
}
