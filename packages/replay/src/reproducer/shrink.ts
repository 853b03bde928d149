// Shrink
// ======
// Takes a failure out of its incident and leaves away what it does not need: of all messages that its actor had handled,
// the fewest after which the last one still fails in the same way. That is a matter of one actor, because what it learned
// from others stands in its record, so that thousands of tries take a moment.

import {
  HoldfastError,
  withoutStack,
  type DataRecord,
  type Definition,
  type StoredError,
} from '@holdfast/kernel'
import type { Evidence } from '../evidence.js'
import { stoodStill } from '../given-up.js'
import type { Incident } from '../incident.js'
import type { Paths } from '../paths.js'
import type { SliceActor } from '../slice.js'
import { stepsOf, type Step } from '../steps.js'
import { minimise } from './minimise.js'
import { reproduce } from './reproduce.js'
import type { ReproducedMessage, ReproducedResult, Reproduction } from './reproduction.js'

/** What is shrunk, and with which code. */
export interface ShrinkOptions {
  /** The code that fails: that which was recorded. */
  readonly swarm: { readonly root: Definition; readonly definitions?: readonly Definition[] }
  /** Position of the failure, or of the message that failed. @default the first failure of the incident */
  readonly failure?: number
}

/** A failure with the fewest messages. */
export interface Shrunk {
  readonly reproduction: Reproduction
  /** Messages that the actor had handled before it failed, since its snapshot; the last one counted. */
  readonly of: number
  /** How often the messages were tried. */
  readonly tries: number
}

type Failed = Step & { readonly end: DataRecord<'failed'> }

/**
 * Shrinks a failure of an incident to the fewest messages.
 *
 * @throws {HoldfastError} `HF_NOTHING_FAILED` when there is no such failure; `HF_DIVERGED` when it does not come again
 *   with this code
 * @example const { reproduction } = await shrink(incident, { swarm })
 */
export async function shrink(incident: Incident, { swarm, failure }: ShrinkOptions): Promise<Shrunk> {
  const { evidence, paths, focus, slice } = incident
  const failed = failureIn(incident, failure)
  const actor = slice.actors.find(({ id }) => id === failed.actor)!
  const before = [...stepsOf(evidence, focus, [{ ...actor, until: failed.position - 1 }])]
  const handled = before
    .filter(({ end }) => end.kind === 'turn')
    .map((step) => messageOf(evidence, paths, step))
  const last = messageOf(evidence, paths, failed)
  const { error } = failed.end.data()
  let tries = 0
  const failsFrom = async (reproduction: Reproduction): Promise<boolean> => {
    tries++
    return isSame(await outcomeOf({ ...reproduction, swarm }), error)
  }
  const whole = { ...headOf(evidence, actor, error), messages: [...handled, last] }
  if (!(await failsFrom(whole))) throw doesNotFail(actor.path, error)
  const fails = (some: readonly ReproducedMessage[]): Promise<boolean> =>
    failsFrom({ ...whole, messages: [...some, last] })
  const messages = [...(await minimise(handled, fails)), last]
  const fresh = { ...whole, messages, state: undefined, args: actor.born.args }
  const reproduction = whole.state !== undefined && (await failsFrom(fresh)) ? fresh : { ...whole, messages }
  return { reproduction, of: handled.length + 1, tries }
}

function failureIn({ slice, correlation }: Incident, position: number | undefined): Failed {
  for (const step of slice.steps()) {
    if (step.end.kind !== 'failed') continue
    // It would stand still again, at each try.
    if (stoodStill(step.end.data().error)) continue
    const isMeant = step.position === position || step.message.position === position
    if (position === undefined ? !step.isContext : isMeant) return step as Failed
  }
  const which = position === undefined ? '' : ` at position ${position}`
  throw new HoldfastError('HF_NOTHING_FAILED', `Nothing failed in ${correlation}${which}.`, {
    field: 'failure',
    hint: '`holdfast trace` shows what happened in it. A turn that stood still is left out: no try would end.',
  })
}

function headOf(evidence: Evidence, actor: SliceActor, error: StoredError): Omit<Reproduction, 'messages'> {
  const { id, path, parentPath: parent, born, from } = actor
  const snapshot = from === 0 ? undefined : evidence.snapshot(id, from)
  const start =
    snapshot === undefined
      ? { args: born.args }
      : { state: { version: snapshot.version, value: snapshot.state } }
  return { actor: path, parent, definition: born.definition, ...start, error: withoutStack(error) }
}

function messageOf(evidence: Evidence, paths: Paths, step: Step): ReproducedMessage {
  const { message, attempt, end, rerun, noted } = step
  const { type, version, position, sender } = message
  const payload = message.payload()
  return {
    type,
    ...(payload === undefined ? {} : { payload }),
    position,
    ...(version === 1 ? {} : { version }),
    ...(attempt === 1 ? {} : { attempt }),
    atMs: rerun?.timeMs ?? end.timeMs,
    ...(sender === 0 ? {} : { sender: paths.of(sender) }),
    ...(end.correlation === position ? {} : { correlation: evidence.correlationName(end.correlation) }),
    ...(rerun === undefined ? {} : { results: rerun.results.map(resultOf) }),
    ...(noted === undefined || noted.refused.length === 0 ? {} : { refused: noted.refused }),
    ...(noted === undefined || noted.patched.length === 0 ? {} : { patched: noted.patched }),
  }
}

function resultOf(result: NonNullable<Step['rerun']>['results'][number]): ReproducedResult {
  const { index, kind, name, ok, value, error, timeMs: atMs } = result
  const effect = kind === 'effect' && name !== undefined ? { effect: name } : {}
  return { index, ...effect, ...(ok ? { value } : { error: error! }), atMs }
}

// A message before the last one may fail when others are left away: that is another failure.
async function outcomeOf(reproduction: Parameters<typeof reproduce>[0]): Promise<StoredError | undefined> {
  try {
    return (await reproduce(reproduction)).error
  } catch {
    return undefined
  }
}

function isSame(found: StoredError | undefined, error: StoredError): boolean {
  return found?.name === error.name && found.message === error.message && found.code === error.code
}

function doesNotFail(path: string, { name, message }: StoredError): HoldfastError {
  return new HoldfastError(
    'HF_DIVERGED',
    `${path} does not fail again with ${name}: ${message}, on this code and what was recorded.`,
    { actor: path, hint: 'Give the code that wrote the log; `holdfast replay` says where this one differs.' },
  )
}
