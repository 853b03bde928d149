// One node of a tree in the model of supervision, and what the rules say of it.

import type { AutoShutdown, Directive, StopReason } from 'holdfast'
import type { Due } from './model-clock.js'
import type { ActorNode, Command, ErrorName, SupervisorNode, TreeNode } from './random-trees.js'

export interface Mail extends Command {
  readonly toldMs: number
  attempt: number
}

export interface Job {
  leave: Node[]
  start: Node[]
}

/** What a supervisor is doing right now: it sends a child away, or starts it. */
export interface Errand {
  readonly child: Node
}

export interface Pause {
  readonly children: Node[]
  /** Those that it waits for, because they failed. */
  readonly failed: readonly Node[]
  readonly due: Due
}

/** One node of the tree, in all of its lives. */
export class Node {
  readonly spec: TreeNode
  readonly above: Node | null
  readonly children: readonly Node[]
  stage: 'unborn' | 'starting' | 'up' | 'failed' | 'leaving' | 'out' | 'ending' | 'ended' = 'unborn'
  isBorn = false
  incarnation = 1
  reason: StopReason | undefined
  handled = 0
  mail: Mail[] = []
  inHand: Mail | null = null
  /** The end of the turn or of the hook that is under way. */
  due: Due | null = null
  /** Its start is over, and its stop hook has had no chance. */
  owesStopHook = false
  /** Who waits until it has left. */
  gone: (() => void)[] = []
  /** Restarts that its own budget granted. */
  granted: number[] = []
  /** When its last restart was granted. */
  restartedMs = 0
  pauses = 0
  upSinceMs = 0
  /** How long it was up in this life; -1 while it was not at all. */
  upForMs = -1
  /** Of a supervisor: restarts that it granted, what it has to do, and with whom it is doing something. */
  restarts: number[] = []
  jobs: Job[] = []
  errand: Errand | null = null
  waiting: Pause[] = []

  constructor(spec: TreeNode, above: Node | null) {
    this.spec = spec
    this.above = above
    this.children = spec.kind === 'actor' ? [] : spec.children.map((each) => new Node(each, this))
  }

  get name(): string {
    return this.spec.name
  }

  get isAtWork(): boolean {
    return this.stage === 'starting' || this.stage === 'up'
  }

  get isDue(): boolean {
    const { jobs, waiting } = this.above!
    return (
      jobs.some(({ start }) => start.includes(this)) ||
      waiting.some(({ children }) => children.includes(this))
    )
  }
}

// Who shares the fate of one that failed, in start order: those that the strategy names, and that have not ended.
export function groupOf(above: Node, failed: Node): Node[] {
  const { strategy } = above.spec as SupervisorNode
  const at = above.children.indexOf(failed)
  const range = {
    'one-for-one': [failed],
    'all-for-one': above.children,
    'rest-for-one': above.children.slice(at),
  }
  return range[strategy].filter((node) => node === failed || node.stage !== 'ended' || node.isDue)
}

export function inOrder(above: Node, nodes: readonly Node[]): Node[] {
  return above.children.filter((node) => nodes.includes(node))
}

// A supervisor that starts does so in start order, whoever has to be started anew on the way.
export function mergedJob(above: Node, jobs: readonly Job[]): Job {
  return {
    leave: jobs.flatMap(({ leave }) => leave),
    start: inOrder(
      above,
      jobs.flatMap(({ start }) => start),
    ),
  }
}

export const isVolatile = (spec: TreeNode): boolean => spec.kind === 'actor' && !spec.durable

export function takeBack(granted: number[], atMs: number): void {
  const at = granted.lastIndexOf(atMs)
  if (at !== -1) granted.splice(at, 1)
}

export function isDone(node: Node): boolean {
  const { autoShutdown } = node.spec as SupervisorNode
  const counts = node.children.filter(({ spec }) => spec.significant)
  const isOver = (child: Node): boolean => child.stage === 'ended' && !child.isDue
  const hasEnded = counts.some((child) => isOver(child) && child.reason !== 'shutdown')
  const enough: Record<AutoShutdown, boolean> = {
    never: false,
    any: hasEnded,
    all: hasEnded && counts.every(isOver),
  }
  return enough[autoShutdown]
}

export function directiveOf(
  { spec, above }: Node,
  context: 'start' | 'message' | 'child',
  error?: ErrorName,
): Directive {
  const said = [spec, above!.spec].flatMap(({ policy }) =>
    error === undefined ? [] : [policy[error] ?? policy.default],
  )
  const directive = said.find((each) => each !== undefined) ?? 'restart'
  const wanted =
    context === 'child' || (context === 'start' && directive === 'resume') ? 'restart' : directive
  return wanted === 'restart' && spec.restart === 'temporary' ? 'stop' : wanted
}

/** Above the root there is one who grants three restarts in five seconds. */
export const guardianOf = (root: SupervisorNode): SupervisorNode => ({
  ...root,
  name: '',
  strategy: 'one-for-one',
  limit: { maxRestarts: 3, withinMs: 5_000 },
  autoShutdown: 'never',
  policy: {},
  children: [root],
})

// The last one first, and each when the one before says so.
export function eachChild(node: Node, act: (child: Node, next: () => void) => void, done: () => void): void {
  const rest = [...node.children]
  const step = (): void => {
    const child = rest.pop()
    if (child === undefined) done()
    else act(child, step)
  }
  step()
}
