// Administration
// ==============
// What a supervisor does when it is asked for something: start, terminate, restart, delete, which, count, run, resize.
// A command is decided in its turn and answered when what it began has come to its end, while the supervisor goes on
// with its other work. A command that makes no sense is refused to whoever asked; the supervisor has not failed.
//
//   ask --> turn: decide, write --> turn ends: apply --> child is up, or has ended --> reply
//                     \--> refused: reply
//
// Invariants
//   A1  What a command does is part of its turn: it stands in the log with it, or not at all.
//   A2  Every command that was asked for is answered once, with what came of it.
//   A3  A command is charged to no budget, and no strategy acts on it.

import { deliver } from '../admission.js'
import { ActorAsk } from '../actor-ask.js'
import { applyBirth, discardBirth, writeBirth, type Birth } from '../birth.js'
import type { HandlerEntry } from '../blueprint.js'
import type { Cell } from '../cell.js'
import { HoldfastError, refuse } from '../errors.js'
import { STOPPED, STOPPING } from '../gate.js'
import { statusOfChild } from './child-status.js'
import { CHILDREN_LISTED } from '../limits.js'
import type { MessageExtras } from '../log.js'
import { checkName } from '../path.js'
import { halt, stopCell } from '../stopping.js'
import type { TurnActs } from '../turn-acts.js'
import type { TurnOp } from '../turn-ops.js'
import type { Command } from './commands.js'
import {
  childPresent,
  childRestarting,
  childRunning,
  noSuchChild,
  tooManyChildren,
} from './child-refusals.js'
import type { Kernel } from '../kernel.js'
import type { Subjects } from '../subjects/subjects.js'
import { checkPartitions } from './partitions.js'
import type { ChildCounts, ChildStatus, VirtualCounts } from './protocol.js'
import { Reply } from './reply.js'
import { child as childSpec, type ChildSpec } from './supervisor-definition.js'

type Order = Readonly<Record<string, unknown>>

/** The operation of a turn that carries a command out. It takes over whoever asked. */
export function administrationOp(turn: TurnActs, command: Command, given: unknown): TurnOp {
  const reply = new Reply(turn)
  try {
    return command === 'run'
      ? runOp(turn, given, reply)
      : OPS[command](turn, orderOf(turn, command, given), reply)
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    return answering(() => {
      reply.fail(error)
    })
  }
}

const OPS: Readonly<Record<Exclude<Command, 'run'>, (turn: TurnActs, order: Order, reply: Reply) => TurnOp>> =
  {
    start: startOp,
    terminate: (turn, order, reply) => terminateOp(turn, childOf(turn, order), reply),
    restart: restartOp,
    delete: deleteOp,
    resize: resizeOp,
    which: (turn, order, reply) => telling(reply, which(turn, order)),
    count: (turn, _order, reply) => telling(reply, count(turn)),
  }

function orderOf({ cell }: TurnActs, command: Command, given: unknown = {}): Order {
  if (typeof given !== 'object' || given === null) refuse(command, given, 'an object', cell.path)
  return given as Order
}

function telling(reply: Reply, answer: unknown): TurnOp {
  return answering(() => {
    reply.answer(answer)
  })
}

function answering(apply: () => void): TurnOp {
  return { round: 0, write: () => undefined, apply }
}

function startOp(turn: TurnActs, order: Order, reply: Reply): TurnOp {
  return birthOp(turn, newChild(turn, order), reply)
}

// The child is up or it has ended: until then nobody is told anything.
function birthOp(turn: TurnActs, child: Cell, reply: Reply): TurnOp {
  const { kernel, cell } = turn
  let birth: Birth
  return {
    round: 0,
    write: () => {
      birth = writeBirth(kernel, child, turn.correlation, turn.position)
    },
    apply: () => {
      kernel.supervisionOf(cell).order(child, (error) => {
        if (error !== undefined) forgetUnstarted(turn, child)
        if (error === undefined)
          reply.answer((child.gate & STOPPED) === 0 ? kernel.addressOf(child) : undefined)
        else reply.fail(startFailed(child, error.message))
      })
      applyBirth(kernel, child, birth)
    },
    discard: () => {
      discardBirth(kernel, child)
    },
  }
}

// A child that was added and never came up has no place to keep.
function forgetUnstarted({ kernel, cell }: TurnActs, child: Cell): void {
  if (!child.fixed) return
  if (cell.durable) kernel.log.record('deleted', cell.id, 0, 0, { child: child.id })
  kernel.supervisionOf(cell).forget(child)
}

function newChild(turn: TurnActs, order: Order): Cell {
  const { kernel, cell } = turn
  const { template, maxChildren } = cell.blueprint
  const supervision = kernel.supervisionOf(cell)
  const spec = template === undefined ? addedSpec(turn, order) : dynamicSpec(turn, template, order)
  const known = supervision.children.get(spec.id)
  if (known !== undefined) throw isUp(known) ? childRunning(known) : childPresent(known)
  if (supervision.children.size >= maxChildren) throw tooManyChildren(cell)
  const child =
    template === undefined
      ? kernel.newFixedChild(cell, spec)
      : kernel.newChild(cell, template.definition, spec.id, spec.args, template)
  if (kernel.subjects !== null) refuseShredded(kernel, kernel.subjects, child)
  return child
}

// Nobody is started for a subject that was shredded.
function refuseShredded(kernel: Kernel, subjects: Subjects, child: Cell): void {
  try {
    subjects.bornInTurn(child)
  } catch (error) {
    discardBirth(kernel, child)
    throw error
  }
}

function dynamicSpec(turn: TurnActs, template: ChildSpec, { id, args }: Order): ChildSpec {
  return { ...template, id: id === undefined ? turn.nextName() : checkName(id, 'start.id'), args }
}

function addedSpec({ kernel, cell }: TurnActs, { definition, ...options }: Order): ChildSpec {
  if (typeof definition !== 'string')
    refuse('start.definition', definition, 'the name of a definition', cell.path)
  const blueprint = kernel.blueprints.named(definition, cell.path)
  const spec = childSpec(blueprint.definition, options)
  if (spec.significant && cell.blueprint.autoShutdown === 'never')
    refuse('start.significant', true, 'false under a supervisor without autoShutdown', cell.path)
  return spec
}

// The question goes on to the child as if it had been asked itself: it answers whoever asked, and a rerun finds it.
function runOp(turn: TurnActs, order: unknown, reply: Reply): TurnOp {
  const { kernel, cell } = turn
  const { asker } = reply
  const child = newChild(turn, {})
  const entry = child.blueprint.entry('run') as HandlerEntry
  const birth = birthOp(turn, child, new Reply(null))
  const isAsk = asker instanceof ActorAsk
  const extras: MessageExtras | null = isAsk
    ? { ask: { attempt: asker.attempt, index: asker.index } }
    : asker === null
      ? null
      : { outside: true }
  const from = isAsk ? asker.cell : cell
  let position = 0
  let payload: unknown = order
  return {
    ...birth,
    write: () => {
      birth.write()
      if (!child.durable && !from.durable) return
      const cause = isAsk ? asker.message : turn.position
      position = kernel.log.message(child.id, entry.name, order, turn.correlation, cause, from.id, extras)
      payload = kernel.log.copy
      if (!cell.durable) return
      kernel.log.record('halting', cell.id, turn.correlation, turn.position, {
        child: child.id,
        how: 'drain',
      })
    },
    apply: () => {
      birth.apply()
      deliver(kernel, child, entry, payload, from, position, turn.correlation, asker)
      // Whatever comes of it, nothing else comes.
      halt(kernel, child, 'drain')
    },
  }
}

function terminateOp(turn: TurnActs, child: Cell, reply: Reply): TurnOp {
  const { kernel, cell } = turn
  const hasEnded = (child.gate & STOPPED) !== 0
  return {
    round: 2,
    write: () => {
      if (hasEnded || !cell.durable) return
      kernel.log.record('halting', cell.id, turn.correlation, turn.position, {
        child: child.id,
        how: 'terminate',
      })
    },
    apply: () => {
      stopCell(kernel, child, 'shutdown', undefined, () => {
        reply.answer(undefined)
      })
    },
  }
}

function restartOp(turn: TurnActs, order: Order, reply: Reply): TurnOp {
  const child = childOf(turn, order)
  if ((child.gate & STOPPED) === 0) throw isUp(child) ? childRunning(child) : childRestarting(child)
  return revivalOp(turn, child, reply)
}

function revivalOp(turn: TurnActs, child: Cell, reply: Reply): TurnOp {
  const { kernel, cell } = turn
  return {
    round: 2,
    write: () => {
      if (cell.durable)
        kernel.log.record('reviving', cell.id, turn.correlation, turn.position, { child: child.id })
    },
    apply: () => {
      const supervision = kernel.supervisionOf(cell)
      supervision.order(child, (error) => {
        if (error === undefined)
          reply.answer((child.gate & STOPPED) === 0 ? kernel.addressOf(child) : undefined)
        else reply.fail(startFailed(child, error.message))
      })
      supervision.startAgain(child)
    },
  }
}

function deleteOp(turn: TurnActs, order: Order, reply: Reply): TurnOp {
  const { kernel, cell } = turn
  const child = childOf(turn, order)
  if ((child.gate & STOPPED) === 0) throw isUp(child) ? childRunning(child) : childRestarting(child)
  return {
    round: 2,
    write: () => {
      if (cell.durable)
        kernel.log.record('deleted', cell.id, turn.correlation, turn.position, { child: child.id })
    },
    apply: () => {
      kernel.supervisionOf(cell).forget(child)
      reply.answer(undefined)
    },
  }
}

// One operation of several: those that are too many leave, those that are missing come back or are added.
function resizeOp(turn: TurnActs, { count: wanted }: Order, reply: Reply): TurnOp {
  const { kernel, cell } = turn
  checkPartitions(wanted, 'resize.count', cell.path)
  const { children } = kernel.supervisionOf(cell)
  const join = reply.join()
  const ops: TurnOp[] = []
  const first = cell.blueprint.children[0]!
  for (let i = 0; i < Math.max(wanted, children.size); i++) {
    const child = children.get(String(i))
    const part = join.part()
    if (child === undefined)
      ops.push(birthOp(turn, kernel.newFixedChild(cell, { ...first, id: String(i) }), part))
    else if (i >= wanted) ops.push(terminateOp(turn, child, part))
    else if ((child.gate & STOPPED) !== 0) ops.push(revivalOp(turn, child, part))
    else ops.push(answering(() => part.answer(undefined)))
  }
  return {
    round: 2,
    write: () => {
      for (const op of ops) op.write()
    },
    apply: () => {
      for (const op of ops) op.apply()
    },
    discard: () => {
      for (const op of ops) op.discard?.()
    },
  }
}

function which({ kernel, cell }: TurnActs, { after, limit = CHILDREN_LISTED }: Order): ChildStatus[] {
  if (!Number.isSafeInteger(limit) || (limit as number) < 1 || (limit as number) > CHILDREN_LISTED)
    refuse('which.limit', limit, `a whole number from 1 to ${CHILDREN_LISTED}`, cell.path)
  const listed: ChildStatus[] = []
  let hasBegun = after === undefined
  for (const child of kernel.supervisionOf(cell).children.values()) {
    if (listed.length === limit) break
    if (hasBegun) listed.push(statusOfChild(child))
    else hasBegun = child.name === after
  }
  if (!hasBegun) throw noSuchChild(cell, String(after))
  return listed
}

function count({ kernel, cell }: TurnActs): ChildCounts | VirtualCounts {
  const { children, home } = kernel.supervisionOf(cell)
  const counts = {
    specs: cell.blueprint.template === undefined ? children.size : 1,
    active: 0,
    supervisors: 0,
    workers: 0,
  }
  for (const child of children.values()) {
    if (child.lifecycle === 'running') counts.active++
    if (child.blueprint.isSupervisor) counts.supervisors++
    else counts.workers++
  }
  return home === null ? counts : { ...counts, known: home.known.size }
}

function childOf({ kernel, cell }: TurnActs, { id }: Order): Cell {
  const child = kernel.supervisionOf(cell).children.get(checkName(id, 'id'))
  if (child === undefined) throw noSuchChild(cell, id as string)
  return child
}

// Between two lives it is neither up nor gone.
function isUp(child: Cell): boolean {
  if ((child.gate & (STOPPED | STOPPING)) !== 0) return false
  return child.lifecycle === 'running' || child.lifecycle === 'starting'
}

function startFailed(child: Cell, why: string): HoldfastError {
  return new HoldfastError('HF_START_FAILED', `${child.path} did not start: ${why}`, { actor: child.path })
}
