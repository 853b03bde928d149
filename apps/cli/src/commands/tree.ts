import { treeOfImage, type SystemImage, type TreeNode } from '@holdfast/kernel'
import { dataToRead, shownPath } from '../data-directory.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { count } from '../figures.js'
import { inert } from '../inert.js'
import { noSuchActor } from '../no-such-actor.js'
import { imageOf, withData } from '../open-data.js'
import type { Paint } from '../paint.js'
import { errorText } from '../record-text.js'
import { statusText } from '../status-text.js'
import type { Command, DataOption } from './command.js'

/** `holdfast tree [path]`: the actors as a tree. */
export async function tree(
  path: string | undefined,
  options: DataOption,
  { terminal, output }: Command,
): Promise<ExitCode> {
  const dir = dataToRead(options.data, terminal)
  const image = await withData(dir, terminal, ({ journal }) => imageOf(journal))
  const root = treeOfImage(image)
  const top = path === undefined ? root : root === undefined ? undefined : nodeAt(root, path)
  if (path !== undefined && top === undefined)
    throw noSuchActor(path, root === undefined ? [] : [...pathsOf(root)])
  if (output.json) {
    await output.document('tree', { data: dir, ...standing(image), tree: top ?? null })
    return EXIT.ok
  }
  await output.line(headline(image, shownPath(dir, terminal.cwd), output.paint))
  for (const line of top === undefined ? [] : treeLines(top, output.paint)) await output.line(line)
  return EXIT.ok
}

/** How a system stands, as its log says. */
export interface Standing {
  /** `closed`: it was stopped in order. `open`: it runs, or it ended without a stop. */
  readonly log: 'open' | 'closed'
  /** How often it was opened. */
  readonly epoch: number
  /** The last position. */
  readonly position: number
  /** The time of the last record, or null when there is none. */
  readonly time: string | null
  readonly actors: number
  /** Why the root gave up, or null when it did not. */
  readonly failure: { readonly name: string; readonly code?: string; readonly message: string } | null
  /** At most 1,000: the last ones are kept. */
  readonly deadLetters: number
}

/** How a system stands. */
export function standing(image: SystemImage): Standing {
  const { gaveUp } = image
  return {
    log: image.wasClosed ? 'closed' : 'open',
    epoch: image.opened?.data().epoch ?? 0,
    position: image.lastPosition,
    time: image.records === 0 ? null : new Date(image.lastMs).toISOString(),
    actors: image.actors.size,
    failure: gaveUp === null ? null : { name: gaveUp.name, code: gaveUp.code, message: gaveUp.message },
    deadLetters: image.dead.length,
  }
}

/** One line on the whole system. */
export function headline(image: SystemImage, dir: string, paint: Paint): string {
  const { log, position, time, actors, deadLetters } = standing(image)
  const dead = deadLetters === 0 ? '' : `, ${paint.warn(count(deadLetters, 'dead letter'))}`
  const { gaveUp } = image
  const ended = log === 'closed' ? 'stopped in order' : 'running, or ended without a stop'
  const state = gaveUp === null ? ended : `gave up: ${errorText(gaveUp)}`
  return `${paint.strong(dir)}  ${count(actors, 'actor')}${dead}, ${paint.faint(`${state}, as of position ${position}${time === null ? '' : ` at ${time}`}`)}`
}

/** A tree as lines. */
export function treeLines(top: TreeNode, paint: Paint): string[] {
  const lines: string[] = []
  // A stack of our own: a tree may be thousands of levels deep.
  const waiting: { readonly node: TreeNode; readonly branch: string; readonly below: string }[] = [
    { node: top, branch: '', below: '' },
  ]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, branch, below } = next
    lines.push(`${paint.faint(branch)}${nodeText(node, node === top ? node.path : node.name, paint)}`)
    for (let i = node.children.length - 1; i >= 0; i--) {
      const isLast = i === node.children.length - 1
      waiting.push({
        node: node.children[i]!,
        branch: `${below}${isLast ? '└─ ' : '├─ '}`,
        below: `${below}${isLast ? '   ' : '│  '}`,
      })
    }
  }
  return lines
}

function nodeText(node: TreeNode, name: string, paint: Paint): string {
  const { definition, status, strategy, mailbox, turns, restarts } = node
  const parts = [
    `${paint.name(inert(name))}${definition === node.name ? '' : paint.faint(` (${inert(definition)})`)}`,
  ]
  parts.push(statusText(status, paint))
  if (strategy !== undefined) parts.push(paint.faint(strategy))
  if (turns > 0) parts.push(count(turns, 'turn'))
  if (mailbox > 0) parts.push(paint.warn(`${mailbox} waiting`))
  if (restarts > 0) parts.push(paint.warn(count(restarts, 'restart')))
  return parts.join('  ')
}

/** The node at a path. */
export function nodeAt(root: TreeNode, path: string): TreeNode | undefined {
  for (const node of nodesOf(root)) if (node.path === path) return node
  return undefined
}

/** A node and all below it, in the order of the tree. */
export function* nodesOf(top: TreeNode): Generator<TreeNode> {
  const waiting = [top]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node
    for (let i = node.children.length - 1; i >= 0; i--) waiting.push(node.children[i]!)
  }
}

function* pathsOf(root: TreeNode): Generator<string> {
  for (const { path } of nodesOf(root)) yield path
}
