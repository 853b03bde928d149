// Random programs: trees of commands for a few kinds of actors that tell, ask, do effects, spawn, wait and fail. What a
// program leaves behind does not depend on the order in which its actors get their turns, so that two runs of it can be
// compared, however often one of them was killed.

import fc from 'fast-check'
import { actor, child, oneForOne, supervisor, type Context, type TerminatedNotice } from 'holdfast'

/** What one command does, step by step. */
type Step =
  | { readonly do: 'tell'; readonly to: number; readonly command: Command }
  | { readonly do: 'ask'; readonly to: number; readonly command: Command }
  | { readonly do: 'effect'; readonly value: number }
  | { readonly do: 'race'; readonly values: readonly [number, number] }
  | { readonly do: 'schedule'; readonly afterMs: number; readonly command: Command }
  | { readonly do: 'spawn'; readonly ends: boolean; readonly command: Command }
  | { readonly do: 'fail' }

/** A command, without the name that it gets from its place in the program. */
interface Command {
  readonly steps: readonly Step[]
  /** Whether its handler waits, also when nothing in it does. */
  readonly isAsync: boolean
}

/** A command on its way: its name says where it stands in the program. */
interface Run {
  readonly id: string
  readonly command: Command
}

/** A program: commands from outside, each for one of the workers. */
export type Program = readonly { readonly to: number; readonly command: Command }[]

/** How many workers a program has. The first ones go on after a failure, the last one restarts. */
const WORKERS = 4

interface WorkerState {
  /** How often each command was applied. */
  applied: Record<string, number>
  /** What commands learned from effects and asks. */
  learned: Record<string, unknown>
  /** Ends of children that were noticed. */
  ended: Record<string, number>
  /** What differs between runs, and must not differ between a run and its rerun. */
  noise: (number | string)[]
}

const newState = (): WorkerState => ({ applied: {}, learned: {}, ended: {}, noise: [] })

const answerOf = (state: WorkerState): number =>
  Object.values(state.applied).reduce((sum, n) => sum + n, 0) > 0 ? 1 : 0

const workerPath = (index: number): string => `/root/worker-${index}`

function begin(ctx: Context<WorkerState>, { id }: Run): void {
  ctx.state.applied[id] = (ctx.state.applied[id] ?? 0) + 1
  ctx.state.noise = [ctx.now(), ctx.random(), ctx.id()]
}

/** The steps that need no waiting. @returns false when the step is not one of those */
function runAtOnce(ctx: Context<WorkerState>, id: string, step: Step): boolean {
  if (step.do === 'tell') ctx.tell(ctx.ref(workerPath(step.to)), 'run', { id, command: step.command })
  else if (step.do === 'schedule') {
    ctx.schedule('run', { id, command: step.command }, { afterMs: step.afterMs, key: id })
  } else if (step.do === 'spawn') {
    const leaf = ctx.spawn(leafOf(), { name: `leaf-${id}` })
    ctx.watch(leaf)
    ctx.tell(leaf, 'run', { id: `${id}!`, command: step.command })
    if (step.ends) ctx.tell(leaf, 'end')
  } else if (step.do === 'fail') throw new Error(`step ${id} fails`)
  else return false
  return true
}

async function runWaiting(ctx: Context<WorkerState>, id: string, step: Step): Promise<void> {
  if (step.do === 'effect') ctx.state.learned[id] = await ctx.effect(`effect ${id}`, () => step.value)
  else if (step.do === 'race') {
    const racers = step.values.map((value, i) => ctx.effect(`racer ${id}.${i}`, () => Promise.resolve(value)))
    ctx.state.noise.push(await Promise.race(racers))
    ctx.state.learned[id] = await Promise.all(racers)
  } else if (step.do === 'ask') {
    const answer = ctx.ask(ctx.ref(workerPath(step.to)), 'run', { id, command: step.command })
    ctx.state.learned[id] = await answer.catch((error: unknown) => (error as { code?: string }).code)
  }
}

const isWaiting = (step: Step): boolean => step.do === 'effect' || step.do === 'race' || step.do === 'ask'

async function runAll(ctx: Context<WorkerState>, run: Run): Promise<number> {
  begin(ctx, run)
  for (const [i, step] of run.command.steps.entries()) {
    const id = `${run.id}.${i}`
    if (!runAtOnce(ctx, id, step)) await runWaiting(ctx, id, step)
  }
  ctx.state.noise.push(ctx.now())
  return answerOf(ctx.state)
}

const handlers = {
  run(ctx: Context<WorkerState>, run: Run): unknown {
    if (run.command.isAsync || run.command.steps.some(isWaiting)) return runAll(ctx, run)
    begin(ctx, run)
    for (const [i, step] of run.command.steps.entries()) runAtOnce(ctx, `${run.id}.${i}`, step)
    return answerOf(ctx.state)
  },
  terminated(ctx: Context<WorkerState>, { path }: TerminatedNotice): void {
    ctx.state.ended[path] = (ctx.state.ended[path] ?? 0) + 1
  },
  end(ctx: Context<WorkerState>): void {
    ctx.stop(ctx.self)
  },
}

const leaf = actor({
  name: 'leaf',
  digestEvery: 1,
  attempts: 2,
  onFailure: { default: 'resume' },
  state: newState,
  on: handlers,
})
const leafOf = () => leaf

const resumer = actor({
  name: 'resumer',
  spawns: [leaf],
  digestEvery: 1,
  snapshot: { everyBytes: 400 },
  onFailure: { default: 'resume' },
  state: newState,
  on: handlers,
})
const restarter = actor({
  name: 'restarter',
  digestEvery: 3,
  attempts: 2,
  state: newState,
  onStart(ctx) {
    ctx.state.noise = [ctx.now()]
  },
  on: handlers,
})

/** The system in which programs run. */
export const programRoot = supervisor({
  name: 'root',
  strategy: oneForOne({ maxRestarts: 1_000_000 }),
  children: Array.from({ length: WORKERS }, (_, i) => {
    return child(i === WORKERS - 1 ? restarter : resumer, { id: `worker-${i}` })
  }),
})

// Asks go to higher numbers only, so that nobody waits for one who waits for it. Leaves and the one that restarts set no
// timers and have no children, because a restart ends both.
function stepsOf(level: number, self: number): fc.Arbitrary<Step[]> {
  const plain: fc.Arbitrary<Step>[] = [
    fc.record({ do: fc.constant('effect' as const), value: fc.nat(99) }),
    fc.record({ do: fc.constant('race' as const), values: fc.tuple(fc.nat(9), fc.nat(9)) }),
  ]
  if (level > 0) plain.push(...nestedSteps(level - 1, self))
  const step = fc.oneof({ weight: 12, arbitrary: fc.oneof(...plain) }, { weight: 1, arbitrary: failStep })
  return fc.array(step, { maxLength: level > 0 ? 4 : 2 })
}

const failStep: fc.Arbitrary<Step> = fc.constant({ do: 'fail' })

function nestedSteps(level: number, self: number): fc.Arbitrary<Step>[] {
  const anyone = fc.nat(WORKERS - 1)
  const tell = anyone.chain((to) =>
    fc.record({ do: fc.constant('tell' as const), to: fc.constant(to), command: commandOf(level, to) }),
  )
  const nested: fc.Arbitrary<Step>[] = [tell]
  if (self < WORKERS - 1) {
    const above = fc.integer({ min: self + 1, max: WORKERS - 1 })
    nested.push(
      above.chain((to) =>
        fc.record({ do: fc.constant('ask' as const), to: fc.constant(to), command: commandOf(level, to) }),
      ),
      fc.record({
        do: fc.constant('schedule' as const),
        afterMs: fc.nat(50),
        command: commandOf(level, self),
      }),
      fc.record({
        do: fc.constant('spawn' as const),
        ends: fc.boolean(),
        command: commandOf(0, WORKERS - 1),
      }),
    )
  }
  return nested
}

function commandOf(level: number, self: number): fc.Arbitrary<Command> {
  return fc.record({ steps: stepsOf(level, self), isAsync: fc.boolean() })
}

/** Programs of a few commands, each up to three levels deep. */
export const programs: fc.Arbitrary<Program> = fc.array(
  fc.nat(WORKERS - 1).chain((to) => fc.record({ to: fc.constant(to), command: commandOf(2, to) })),
  { minLength: 1, maxLength: 6 },
)
