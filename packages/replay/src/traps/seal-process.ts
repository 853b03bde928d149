// Seal
// ====
// For a process that replays: nothing leaves it, whoever asks, a handler or a module that is loaded. Network, processes,
// threads and writes to files are refused everywhere, but for what whoever seals it names.

import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { wasOpened } from './files.js'
import { isLive } from './live.js'
import { addSeal } from './seals.js'
import type { Call, Guard } from './trap.js'
import { Traps } from './traps.js'

/** What a seal lets through. */
export interface SealOptions {
  /** Directories and files that may be written to, with all that is in them. @default none */
  readonly files?: readonly string[]
  /** Descriptors that may be written to beside 0, 1 and 2. @default none */
  readonly descriptors?: readonly number[]
  /** Files of worker threads that may be started, such as that of a compiler. What they do is theirs. @default none */
  readonly workers?: (file: string) => boolean
  /** Lets through what an effect does that a replay does for real (`unrecorded: { live: 1 }`). @default false */
  readonly live?: boolean
}

/** A sealed process. */
export interface Seal extends Disposable {
  /** Takes the seal off. */
  open(): void
}

/**
 * Seals this process: network, other processes and threads, its end by force, and writes to files are refused with
 * `HF_LEAK`, also outside of handlers and while modules are loaded. Native code and other threads are beyond it.
 *
 * @example
 * using seal = sealProcess({ files: [scratch] })
 */
export function sealProcess(options: SealOptions = {}): Seal {
  const { files = [], descriptors = [], workers, live = false } = options
  const roots = files.map((file) => real(resolve(file)))
  const isAllowed = (target: unknown): boolean => {
    const at = numberOf(target)
    if (at !== undefined) return descriptors.includes(at) || (at >= 0 && at <= 2) || wasOpened(at)
    const path = pathOf(target)
    return path !== undefined && roots.some((root) => isWithin(root, real(path)))
  }
  const allows = (guard: Guard, call: Call): boolean => {
    if (live && isLive()) return true
    if (guard.kind === 'file') return guard.writes?.(call).every(isAllowed) === true
    return guard.what === 'new Worker' && workers !== undefined && isWorker(workers, call.args[0])
  }
  const traps = Traps.install()
  const takeOff = addSeal(allows)
  const open = (): void => {
    takeOff()
    traps.uninstall()
  }
  return { open, [Symbol.dispose]: open }
}

function isWorker(workers: (file: string) => boolean, file: unknown): boolean {
  const path = pathOf(file)
  return path !== undefined && workers(real(path))
}

function numberOf(target: unknown): number | undefined {
  if (typeof target === 'number') return target
  const fd = typeof target === 'object' ? (target as { readonly fd?: unknown } | null)?.fd : undefined
  return typeof fd === 'number' ? fd : undefined
}

function pathOf(target: unknown): string | undefined {
  if (typeof target === 'string') return resolve(target)
  if (Buffer.isBuffer(target)) return resolve(target.toString())
  return target instanceof URL && target.protocol === 'file:' ? fileURLToPath(target) : undefined
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}

// Where a path leads in the end, also one that is not there yet: a link out of an allowed directory leads out of it.
function real(path: string, links = 0): string {
  try {
    return realpathSync(path)
  } catch {
    const above = dirname(path)
    if (above === path || links > LINKS_MAX) return path
    const target = linkOf(path)
    if (target !== undefined) return real(resolve(real(above), target), links + 1)
    return join(real(above, links), basename(path))
  }
}

/** Links in a row before a path counts as one that leads nowhere; the systems stop there as well. */
const LINKS_MAX = 40

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
