// Files: everything that changes one, by its path, by its descriptor or through a handle, in all three forms that Node
// has. Reading is let through, because a module that is loaded late is read as well; what was read is in no log, so a
// digest finds what comes of it.

import { constants } from 'node:fs'
import { builtin } from './builtin.js'
import type { Patches } from './patches.js'
import { guarded, loose, type Call, type Guard } from './trap.js'

/** Functions that change what stands at a path, and at which of their arguments it stands. */
const BY_PATH: Readonly<Record<string, readonly number[]>> = {
  appendFile: [0],
  chmod: [0],
  chown: [0],
  copyFile: [1],
  cp: [1],
  createWriteStream: [0],
  lchmod: [0],
  lchown: [0],
  link: [0, 1],
  lutimes: [0],
  mkdir: [0],
  mkdtemp: [0],
  mkdtempDisposable: [0],
  rename: [0, 1],
  rm: [0],
  rmdir: [0],
  symlink: [1],
  truncate: [0],
  unlink: [0],
  utimes: [0],
  writeFile: [0],
}

/** Functions that change what is behind a descriptor. */
const BY_DESCRIPTOR = ['fchmod', 'fchown', 'ftruncate', 'futimes', 'write', 'writev']

/** Methods of a handle that change its file. */
const BY_HANDLE = [
  'appendFile',
  'chmod',
  'chown',
  'createWriteStream',
  'truncate',
  'utimes',
  'write',
  'writeFile',
  'writev',
]

/** Functions that may open a file for writing, and what they were told to open it for. */
const BY_FLAGS: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  open: ([, flags]) => flags,
  readFile: ([, options]) => (options as { readonly flag?: unknown } | undefined)?.flag,
  createReadStream: ([, options]) => (options as { readonly flags?: unknown } | undefined)?.flags,
}

/** Descriptors that were opened for writing with the leave of a seal. */
const opened = new Set<number>()

/** Whether a seal let this descriptor be opened for writing. */
export function wasOpened(fd: number): boolean {
  return opened.has(fd)
}

/** Sets traps on writes to files. */
export function trapFiles(patches: Patches): void {
  const fs = builtin('node:fs')
  const promises = builtin('node:fs/promises')
  for (const holder of [fs, promises]) {
    const trap = (name: string, guard: Omit<Guard, 'what' | 'kind'>): void => {
      for (const key of holder === fs ? [name, `${name}Sync`] : [name]) {
        const what = `${holder === fs ? 'fs' : 'fs/promises'}.${key}`
        patches.wrap(holder, key, (original) => guarded(original, { what, kind: 'file', ...guard }))
      }
    }
    for (const [name, at] of Object.entries(BY_PATH))
      trap(name, { isLeak: isNotStandard, writes: ({ args }) => at.map((i) => args[i]) })
    for (const name of BY_DESCRIPTOR) trap(name, { isLeak: isNotStandard, writes: ({ args }) => [args[0]] })
    for (const [name, flagsOf] of Object.entries(BY_FLAGS)) {
      const isLeak = ({ args }: Pick<Call, 'args'>): boolean => opensToWrite(flagsOf(args))
      trap(name, { isLeak, writes: ({ args }) => [args[0]], passing: passing(patches, name, isLeak) })
    }
  }
}

// What a seal let be opened may be written to, so its descriptor is noted, whichever way it is given.
function passing(
  patches: Patches,
  name: string,
  isLeak: (call: Pick<Call, 'args'>) => boolean,
): Guard['passing'] {
  if (name !== 'open') return undefined
  return (call, go) => {
    const { args } = call
    const note = (fd: unknown): void => {
      if (typeof fd === 'number' && isLeak(call)) opened.add(fd)
    }
    const callback = args.at(-1)
    if (typeof callback === 'function') {
      const noted = (error: unknown, fd: unknown): void => {
        note(fd)
        loose(callback)(error, fd)
      }
      return go([...args.slice(0, -1), noted])
    }
    const result = go(args)
    if (!(result instanceof Promise)) {
      note(result)
      return result
    }
    return result.then((handle: { readonly fd: number }) => {
      trapHandles(patches, handle)
      note(handle.fd)
      return handle
    })
  }
}

// The class of handles is nowhere to be had, so the first one that is opened shows it.
function trapHandles(patches: Patches, handle: object): void {
  const prototype = Object.getPrototypeOf(handle) as object
  if (!patches.isSet || patches.has(prototype, 'writeFile')) return
  for (const key of BY_HANDLE) {
    patches.wrap(prototype, key, (original) =>
      guarded(original, { what: `FileHandle.${key}`, kind: 'file', writes: ({ self }) => [self] }),
    )
  }
}

// What the process says on its own standard streams stays in the house.
function isNotStandard({ args: [first] }: Call): boolean {
  return !(typeof first === 'number' && first >= 0 && first <= 2)
}

function opensToWrite(flags: unknown): boolean {
  if (typeof flags === 'string') return /[wa+]/.test(flags)
  return typeof flags === 'number' && (flags & WRITING) !== 0
}

const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND } = constants
const WRITING = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND
