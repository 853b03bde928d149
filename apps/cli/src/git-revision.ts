// Git revision
// ============
// A swarm file as it was in another revision of the repository that holds it. Git puts the revision into a directory of
// its own, beside which nothing changes: no branch, no index, no file of the user.
//
// Invariants
//   G1  Nothing of the repository runs: no hook, no program that a variable of Git names.
//   G2  The directory and what Git notes of it are gone after `remove`, which may be called more than once.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { UsageError } from './usage-error.js'

/** A revision that is checked out beside the repository. */
export interface GitRevision {
  /** What the user called it. */
  readonly name: string
  readonly commit: string
  /** The swarm file, as it was. */
  readonly file: string
  /** Takes it away again. */
  remove(): void
}

/** How an argument names a revision: `git:HEAD~3`. */
const PREFIX = 'git:'

/** The revision that an argument names; nothing when it names a file. @throws {UsageError} when it is empty */
export function revisionIn(argument: string): string | undefined {
  if (!argument.startsWith(PREFIX)) return undefined
  const revision = argument.slice(PREFIX.length)
  if (revision !== '') return revision
  throw unusable('There is no revision behind "git:".', 'Name one: --against git:HEAD~1.')
}

/** Checks out the revision of the repository that holds a swarm file. @throws {UsageError} when that cannot be done */
export function checkOut(name: string, swarm: string): GitRevision {
  if (!existsSync(swarm))
    throw unusable(
      `There is no file ${swarm}, so there is no repository to look in.`,
      'Say where the swarm file is now: --swarm FILE.',
    )
  const file = realpathSync(swarm)
  const root = git(dirname(file), ['rev-parse', '--show-toplevel'], () =>
    unusable(`${file} is in no Git repository.`, 'Give a file instead: --against changed.ts.'),
  )
  const wanted = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
  const commit = git(root, wanted, () =>
    unusable(
      `The repository ${root} has no revision "${name}".`,
      '`git log --oneline` shows which there are.',
    ),
  )
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-revision-')))
  const at = join(scratch, 'tree')
  const remove = (): void => {
    if (!existsSync(scratch)) return
    if (existsSync(at))
      git(root, ['worktree', 'remove', '--force', at], (why) => new Error(`git worktree remove: ${why}`))
    rmSync(scratch, { recursive: true, force: true })
  }
  try {
    git(root, ['worktree', 'add', '--detach', '--quiet', at, commit], (why) =>
      unusable(
        `Git cannot check out ${name}: ${why}`,
        'Check it out by hand, and give the file: --against FILE.',
      ),
    )
    const was = join(at, relative(realpathSync(root), file))
    if (!existsSync(was)) throw unknownFile(relative(realpathSync(root), file), name)
    linkModules(root, at)
    return { name, commit, file: was, remove }
  } catch (error) {
    remove()
    throw error
  }
}

// What is installed is in no revision. It is taken from where it is now, for each package of the repository.
function linkModules(root: string, at: string): void {
  const listed = git(at, ['ls-files', '-z', '--', 'package.json', '*/package.json'], (why) =>
    unusable(`Git cannot list the packages of the revision: ${why}`, 'Give a file: --against FILE.'),
  )
  const folders = new Set([
    '.',
    ...listed
      .split('\0')
      .filter(Boolean)
      .map((each) => dirname(each)),
  ])
  for (const folder of folders) {
    const from = join(root, folder, MODULES)
    if (existsSync(from)) link(from, join(at, folder, MODULES))
  }
  for (let above = dirname(root); !existsSync(join(at, MODULES)); above = dirname(above)) {
    if (existsSync(join(above, MODULES))) link(join(above, MODULES), join(at, MODULES))
    if (above === dirname(above)) return
  }
}

function link(from: string, to: string): void {
  if (!existsSync(to)) symlinkSync(from, to, 'junction')
}

// Git takes its repository from these before it looks at the directory, for example in a hook.
const OTHER_REPOSITORY = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR', 'GIT_PREFIX']

function git(cwd: string, args: readonly string[], failed: (why: string) => Error): string {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C' }
  for (const name of OTHER_REPOSITORY) delete env[name]
  const safe = ['-c', `core.hooksPath=${NO_HOOKS}`, '-c', 'core.fsmonitor=false']
  try {
    return execFileSync('git', [...safe, ...args], {
      cwd,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: LISTING_MAX,
    }).trim()
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: unknown }
    if (code === 'ENOENT')
      throw unusable(
        'git: needs Git, and there is none on this machine.',
        'Give a file: --against changed.ts.',
      )
    throw failed(
      String(stderr)
        .trim()
        .replace(/^fatal: /, ''),
    )
  }
}

function unknownFile(file: string, name: string): UsageError {
  return unusable(
    `Revision ${name} has no file ${file}.`,
    'A file that is built is in no revision: replay on the source, with --swarm src/swarm.ts.',
  )
}

function unusable(message: string, hint: string): UsageError {
  return new UsageError(message, { field: 'against', hint })
}

const MODULES = 'node_modules'
const NO_HOOKS = '/dev/null'
const LISTING_MAX = 67_108_864
