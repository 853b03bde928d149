import { actor, type ActorDefinition, type ActorSpec, type Definition } from './definition.js'
import type { Context } from './context.js'
import { refuse } from './errors.js'

/** What `task` takes. */
export interface TaskSpec<P, R> extends Pick<
  ActorSpec<Record<string, never>, undefined, never, never>,
  'name' | 'version' | 'durable' | 'attempts' | 'turnTimeoutMs' | 'onFailure' | 'spawns'
> {
  /** Does the work. What it returns is the answer of `run`. */
  readonly run: (ctx: Context<Record<string, never>>, payload: P) => R
}

/** The protocol of a task. */
export interface TaskProtocol<P, R> {
  readonly run: (ctx: Context<Record<string, never>>, payload: P) => R
}

const tasks = new WeakSet<Definition>()

/** Whether a definition is that of a task which is tried no second time. */
export function isTriedOnce(definition: Definition): boolean {
  return tasks.has(definition)
}

/**
 * Defines work that is done once: an actor that handles one `run` and ends. A dynamic supervisor of it does one for each
 * `run` that it is asked for and answers with what it returned; whoever awaits that and does not catch fails with it. One
 * that fails is tried as often as its `attempts` say, and is forgotten then.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field's name
 * @example
 * const resize = task({ name: 'resize', run: (ctx, file: string) => ctx.effect('resize', () => file.length) })
 * const jobs = dynamicSupervisor({ name: 'jobs', of: resize, maxChildren: 8 })
 * // await ctx.ask(ctx.ref(jobs, '/root/jobs'), 'run', 'a.png')
 */
export function task<P = undefined, R = unknown>(
  spec: TaskSpec<P, R>,
): ActorDefinition<Record<string, never>, undefined, TaskProtocol<P, R>> {
  const { run, ...rest } = spec
  if (typeof run !== 'function') refuse('run', run, 'a function', spec.name)
  // The end is ordered first, so that it is part of the turn however that goes on, and carried out when it has ended. A
  // supervisor that was asked to `run` has ordered it as well, for the case that the turn fails; who spawns one has not.
  const once = (ctx: Context<Record<string, never>>, payload: P): R => {
    ctx.stop(ctx.self)
    return run(ctx, payload)
  }
  const definition = actor({ ...rest, on: { run: once } })
  if ((spec.attempts ?? 1) === 1) tasks.add(definition)
  return definition
}
