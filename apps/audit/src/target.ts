// What is to be audited, and where its data and reports go: read from the arguments, before anything is started or
// written, so that a wrong argument leaves nothing behind.

import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { HoldfastError } from 'holdfast'
import { NoTree } from './errors.js'
import { isFolder } from './files.js'

/** What the audit was asked for. */
export interface Target {
  /** The node_modules folder, without links in its path. */
  readonly root: string
  /** Where the reports go. */
  readonly out: string
  /** Starts over, whatever the log holds. */
  readonly fresh: boolean
}

/** How the arguments are used. */
export const usage = `Audits every package installed under a node_modules folder.

  --path DIR   the node_modules folder, or a folder that holds one (default: its own)
  --out DIR    where report.md and report.json go (default: here)
  --fresh      start over instead of going on
  --help       say this`

/** Whether only the usage is wanted. */
export function wantsHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}

/**
 * Reads the arguments of an audit.
 *
 * @throws {HoldfastError} `HF_INVALID` when an argument is unknown or misused
 * @throws {@link NoTree} when there is no node_modules folder to audit
 */
export function targetOf(args: readonly string[]): Target {
  const { path: asked, out = '.', fresh = false } = parsed(args)
  const root = asked === undefined ? ownTree() : treeRoot(asked)
  return { root: realpathSync(root), out: path.resolve(out), fresh }
}

function parsed(args: readonly string[]): { path?: string; out?: string; fresh?: boolean } {
  try {
    const options = { path: { type: 'string' }, out: { type: 'string' }, fresh: { type: 'boolean' } } as const
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false })
    for (const field of ['path', 'out'] as const) {
      if (values[field]?.trim() === '') throw misused(`--${field} is empty; it must be a folder.`)
    }
    return values
  } catch (error) {
    if (error instanceof HoldfastError) throw error
    throw misused(error instanceof Error ? firstSentence(error.message) : String(error))
  }
}

// Node goes on to explain how a word that looks like an option could be passed all the same.
const firstSentence = (message: string): string => `${message.split(/\.(?:\s|$)/)[0] ?? message}.`

function misused(message: string): HoldfastError {
  return new HoldfastError('HF_INVALID', message, {
    hint: 'It takes --path DIR, --out DIR and --fresh; --help says more.',
  })
}

/**
 * Finds the node_modules folder a path means: the path itself, or the one right below it.
 * @throws {@link NoTree} when there is neither.
 */
export function treeRoot(directory: string): string {
  const asked = path.resolve(directory)
  if (!isFolder(asked)) throw new NoTree('is not there or is no folder')
  const isTree = [asked, realpathSync(asked)].some((each) => path.basename(each) === 'node_modules')
  if (isTree) return asked
  const below = path.join(asked, 'node_modules')
  if (isFolder(below)) return below
  throw new NoTree('is no node_modules and holds none')
}

// Its own is the one that it is installed in: the nearest above it that holds the runtime it runs on.
function ownTree(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const tree = path.join(folder, 'node_modules')
    if (existsSync(path.join(tree, 'holdfast'))) return tree
    const above = path.dirname(folder)
    if (above === folder) throw new NoTree('was not named, and the audit is not installed in one')
    folder = above
  }
}

/** The data directory of a run, unless the command line gives another: one for each audited folder. */
export function dataFor(args: readonly string[]): string {
  // Nothing is audited, so nothing is left behind where people look for audits.
  if (wantsHelp(args)) return path.join(tmpdir(), `holdfast-audit-help-${process.pid}`)
  const { root } = targetOf(args)
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 10)
  return path.join('.holdfast', `audit-${hash}`)
}
