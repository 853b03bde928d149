// What a supervisor refuses to those who ask it.

import type { Cell } from '../cell.js'
import { HoldfastError } from '../errors.js'
import type { StoredError } from '../records.js'

/** The id is that of a child that runs. */
export function childRunning(child: Cell): HoldfastError {
  return new HoldfastError('HF_CHILD_RUNNING', `${child.path} is running.`, {
    actor: child.path,
    hint: 'Use it, or terminate it first.',
  })
}

/** The id is that of a child that has a place and does not run. */
export function childPresent(child: Cell): HoldfastError {
  return new HoldfastError('HF_CHILD_PRESENT', `${child.path} has its place and is ${child.lifecycle}.`, {
    actor: child.path,
    hint: 'Start it again with `restart`, or give its place up with `delete`.',
  })
}

/** The child is between two lives. */
export function childRestarting(child: Cell): HoldfastError {
  return new HoldfastError('HF_CHILD_RESTARTING', `${child.path} is being restarted.`, {
    actor: child.path,
    hint: 'Wait until it is up, or terminate it.',
  })
}

/** There is no such child. */
export function noSuchChild(supervisor: Cell, id: string): HoldfastError {
  return new HoldfastError('HF_NO_SUCH_CHILD', `${supervisor.path} has no child "${id}".`, {
    actor: supervisor.path,
    field: 'id',
    hint: 'Ask it `which` children it has.',
  })
}

/** It has as many children as it may have. */
export function tooManyChildren(supervisor: Cell): HoldfastError {
  const { maxChildren } = supervisor.blueprint
  return new HoldfastError(
    'HF_MAX_CHILDREN',
    `${supervisor.path} has ${maxChildren} children and takes no more.`,
    {
      actor: supervisor.path,
      field: 'maxChildren',
      hint: 'Wait until some have ended, or raise maxChildren.',
    },
  )
}

/** What is told of a child that was started by hand and ended before it was up; nothing when it had nothing to do. */
export function endedBeforeItWasUp(child: Cell): StoredError | undefined {
  if (child.rare?.stopReason === 'ignored') return undefined
  const message = `${child.path} ended before it was up.`
  return { name: 'HoldfastError', code: 'HF_ACTOR_STOPPED', message }
}
