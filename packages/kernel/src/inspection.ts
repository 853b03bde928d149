// What an operator sees: plain objects, made on demand from live cells or from the image of a log.

import type { Cell } from './cell.js'
import * as gate from './gate.js'
import type { ActorImage } from './actor-image.js'
import type { SystemImage } from './image.js'
import type { Kernel } from './kernel.js'
import { LAST } from './last.js'
import type { FailureContext, StopReason, StoredError } from './records.js'
import { heldInLog } from './steering/held-image.js'
import { LiveTurn } from './turn.js'

/** One actor in the tree. */
export interface TreeNode {
  readonly name: string
  readonly path: string
  readonly definition: string
  readonly status: string
  /** Strategy and budget, for supervisors. */
  readonly strategy: string | undefined
  readonly mailbox: number
  readonly turns: number
  readonly restarts: number
  readonly children: readonly TreeNode[]
}

/** One actor in full. */
export interface Inspection extends Omit<TreeNode, 'children'> {
  readonly id: number
  readonly incarnation: number
  readonly durable: boolean
  /** The live state: look, do not change. `undefined` when it is not known. */
  readonly state: unknown
  /** Types of the first waiting messages. */
  readonly waiting: readonly string[]
  /** Messages that it has put aside. */
  readonly stashed: number
  readonly timers: readonly { readonly key: string; readonly dueMs: number; readonly everyMs: number }[]
  readonly failures: readonly {
    readonly position: number
    readonly atMs: number
    readonly correlationId: string
    readonly context: FailureContext
    readonly error: StoredError
  }[]
  readonly children: readonly string[]
  readonly stopped: StopReason | undefined
  /** Why it is held between two lives, if it is. */
  readonly quarantined: StoredError | undefined
  /** When the pause before its restart ends, in milliseconds since 1970. The log does not say. */
  readonly restartDueMs: number | undefined
}

const WAITING_SHOWN = 20

/** The live tree. Without recursion, because a tree may be thousands of levels deep. */
export function treeOf(cell: Cell): TreeNode {
  const root = { ...summary(cell), children: [] as TreeNode[] }
  const waiting: [Cell, TreeNode[]][] = [[cell, root.children]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [parent, nodes] = next
    for (const child of parent.supervision?.children.values() ?? []) {
      const node = { ...summary(child), children: [] as TreeNode[] }
      nodes.push(node)
      waiting.push([child, node.children])
    }
  }
  return root
}

/** A live actor in full. */
export function inspectCell(kernel: Kernel, cell: Cell): Inspection {
  const waiting: string[] = []
  const taker = new LiveTurn(kernel, cell)
  cell.mailbox?.forEach(taker, () => {
    if (waiting.length < WAITING_SHOWN && taker.entry !== LAST) waiting.push(taker.entry.type)
  })
  return {
    ...summary(cell),
    id: cell.id,
    incarnation: cell.incarnation,
    durable: cell.durable,
    state: cell.state,
    waiting,
    stashed: cell.rare?.stash?.length ?? 0,
    timers: [...(cell.rare?.timers ?? [])].map(([key, { dueMs, everyMs }]) => ({ key, dueMs, everyMs })),
    failures: (cell.rare?.failures ?? []).map(({ correlation, ...failure }) => {
      return { ...failure, correlationId: kernel.log.correlationName(correlation) }
    }),
    children: [...(cell.supervision?.children.keys() ?? [])],
    stopped: (cell.gate & gate.STOPPED) === 0 ? undefined : cell.rare?.stopReason,
    quarantined: cell.rare?.diverged ?? cell.rare?.quarantine?.reason,
    restartDueMs: kernel.supervisionAbove(cell).dueMs(cell),
  }
}

function summary(cell: Cell): Omit<TreeNode, 'children'> {
  const supervises = cell.blueprint.isSupervisor || cell.supervision !== null
  const { kind, maxRestarts, withinMs } = cell.blueprint.strategy
  return {
    name: cell.name,
    path: cell.path,
    definition: cell.blueprint.name,
    status: statusOf(cell),
    strategy: supervises ? `${kind} (${maxRestarts} in ${withinMs} ms)` : undefined,
    mailbox: cell.mailbox?.size ?? 0,
    turns: cell.turns,
    restarts: cell.rare?.restarts ?? 0,
  }
}

/** What an actor is doing, in one word. */
export function statusOf(cell: Cell): string {
  if ((cell.gate & (gate.QUARANTINED | gate.STOPPING)) === gate.QUARANTINED) return 'quarantined'
  if (cell.lifecycle !== 'running') return cell.lifecycle
  if ((cell.gate & gate.PAUSED) !== 0) return 'paused'
  if ((cell.gate & gate.WAITING) !== 0) return 'waiting'
  return (cell.gate & gate.BLOCKED) === 0 ? 'running' : 'blocked'
}

/** The tree that a log holds. Without recursion, because a tree may be thousands of levels deep. */
export function treeOfImage(image: SystemImage): TreeNode | undefined {
  const nodes = new Map<number, TreeNode & { readonly children: TreeNode[] }>()
  const held = heldInLog(image)
  for (const actor of image.actors.values())
    nodes.set(actor.id, { ...imageSummary(actor, held), children: [] })
  for (const actor of image.actors.values()) {
    for (const id of actor.children) {
      const child = nodes.get(id)
      if (child !== undefined) nodes.get(actor.id)!.children.push(child)
    }
  }
  return image.root === null ? undefined : nodes.get(image.root.id)
}

function imageSummary(actor: ActorImage, held: ReadonlySet<ActorImage>): Omit<TreeNode, 'children'> {
  return {
    name: actor.name,
    path: actor.path,
    definition: actor.definition,
    status: imageStatusOf(actor, held),
    strategy: undefined,
    mailbox: actor.pending.size,
    turns: actor.turns,
    restarts: actor.restarts,
  }
}

function imageStatusOf(actor: ActorImage, held: ReadonlySet<ActorImage>): string {
  if (actor.stopped !== null) return 'stopped'
  if (actor.quarantine !== null || actor.diverged !== null) return 'quarantined'
  if (held.has(actor)) return 'restarting'
  if (actor.undecided !== null) return 'failed'
  if (actor.unfinished?.data().directive === 'restart') return 'restarting'
  if (actor.isPaused) return 'paused'
  return actor.rerun === null ? 'running' : 'waiting'
}

/** An actor of a log in full. `state` is what the caller found out about it. */
export function inspectImage(
  image: SystemImage,
  actor: ActorImage,
  state: unknown,
  correlationName: (id: number) => string,
): Inspection {
  return {
    ...imageSummary(actor, heldInLog(image)),
    id: actor.id,
    incarnation: actor.incarnation,
    durable: actor.durable,
    state,
    waiting: actor.pending
      .values()
      .slice(0, WAITING_SHOWN)
      .map((message) => message.type),
    stashed: actor.stash?.messages.length ?? 0,
    timers: [...actor.timers.values()].map(({ key, dueMs, everyMs }) => ({ key, dueMs, everyMs })),
    failures: actor.failures.map(({ correlation, ...failure }) => {
      return { ...failure, correlationId: correlationName(correlation) }
    }),
    children: [...actor.children].map((id) => image.actors.get(id)?.name ?? String(id)),
    stopped: actor.stopped ?? undefined,
    quarantined: actor.diverged?.reason ?? actor.quarantine?.reason,
    restartDueMs: undefined,
  }
}
