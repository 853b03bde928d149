// What the kernel refuses: each with who, why and what to do next.

import type { Cell } from './cell.js'
import { HoldfastError } from './errors.js'
import type { StoredError } from './records.js'

/** A ref was used where the turn should have been. */
export function insideTurn(cell: Cell, type: string): HoldfastError {
  const message = `${cell.path} sent "${type}" through a ref while it handled a message.`
  return new HoldfastError('HF_TELL_INSIDE_TURN', message, {
    actor: cell.path,
    hint: 'Use ctx.tell or ctx.ask, so that the message belongs to the turn and is taken back with it.',
  })
}

/** A handler steers the system that it runs in. */
export function steeredInsideTurn(cell: Cell, what: string): HoldfastError {
  const message = `${cell.path} called "${what}" of the system while it handled a message.`
  return new HoldfastError('HF_TELL_INSIDE_TURN', message, {
    actor: cell.path,
    hint: 'Steer from outside: what a turn does must be taken back with it.',
  })
}

/** Steering of an actor that is not there. */
export function nobodyToSteer(path: string): HoldfastError {
  return new HoldfastError('HF_NO_SUCH_ACTOR', `There is no actor at ${path}.`, {
    actor: path,
    field: 'path',
    hint: 'system.tree() shows who is there.',
  })
}

/** Steering of an actor that has ended. */
export function endedToSteer(path: string): HoldfastError {
  const message = `${path} has ended, or is about to.`
  return new HoldfastError('HF_ACTOR_STOPPED', message, { actor: path, field: 'path' })
}

/** The system is on its way down. */
export function systemStopping(cell?: Cell): HoldfastError {
  const message = `The system is stopping and takes no ${cell === undefined ? 'commands' : 'messages'}.`
  return new HoldfastError('HF_SYSTEM_STOPPED', message, { actor: cell?.path })
}

/** More waits for the disk than should. */
export function overload(cell: Cell): HoldfastError {
  const message = `More waits for the disk than should, so ${cell.path} takes nothing from outside now.`
  return new HoldfastError('HF_OVERLOAD', message, {
    actor: cell.path,
    hint: 'Await system.room() before sending more.',
  })
}

/** A mailbox that refuses is full. */
export function mailboxFull(cell: Cell): HoldfastError {
  const { capacity, overflow } = cell.blueprint
  const message = `${cell.path} has ${capacity} messages waiting and takes no more.`
  const hint =
    overflow === 'backpressure'
      ? `Await system.room('${cell.path}') before sending more.`
      : 'Slow the sender, raise mailbox.capacity, or choose another mailbox.overflow.'
  return new HoldfastError('HF_MAILBOX_FULL', message, { actor: cell.path, hint })
}

/** An ask to a path where nobody lives. */
export function noSuchActor(path: string): HoldfastError {
  return new HoldfastError('HF_NO_SUCH_ACTOR', `There is no actor at ${path}.`, {
    actor: path,
    hint: 'Look at system.tree() for what is there; an actor that stopped answers nobody.',
  })
}

/** An ask of a child that is spawned in the very turn that asks. */
export function notYetBorn(cell: Cell, path: string): HoldfastError {
  return new HoldfastError('HF_NOT_YET_BORN', `${path} is born when the turn of ${cell.path} ends.`, {
    actor: cell.path,
    hint: 'Tell it now, or ask it in a later turn: it cannot answer before this one has ended.',
  })
}

/** A `ctx` that was kept for later. */
export function turnClosed(cell: Cell, what: string): HoldfastError {
  const message = `${cell.path} used ctx.${what} after its turn had ended.`
  return new HoldfastError('HF_TURN_CLOSED', message, {
    actor: cell.path,
    hint: 'Await everything that the handler starts, or send a message to yourself with ctx.schedule.',
  })
}

/** A virtual actor of which nobody takes care. */
export function noHome(definition: string): HoldfastError {
  const message = `Nothing in the tree is a home for virtual actors of "${definition}".`
  return new HoldfastError('HF_NO_HOME', message, {
    field: 'definition',
    hint: 'Put child(virtualActors({ name, of })) under a supervisor.',
  })
}

/** A child of an actor that is on its way out. */
export function tooLateToSpawn(cell: Cell): HoldfastError {
  return new HoldfastError('HF_ACTOR_STOPPED', `${cell.path} is stopping and starts no more children.`, {
    actor: cell.path,
    hint: 'Spawn in a handler or in the start hook: what a stop hook starts would outlive its parent.',
  })
}

/** A release of an actor that the code cannot bring to life. */
export function divergedToRelease({ path }: Cell, { message: why }: StoredError): HoldfastError {
  const message = `${path} stays quarantined, because the code that runs does not follow its log: ${why}`
  return new HoldfastError('HF_DIVERGED', message, {
    actor: path,
    hint: 'Start the system with code that does: then it is released by itself. Or stop the actor.',
  })
}
