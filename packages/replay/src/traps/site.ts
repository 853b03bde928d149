// Finds the line that called a trap. Node has mapped the stack to the sources already when it was told to, and so have
// loaders like tsx; what is left is to skip what nobody wrote for this swarm.

import { fileURLToPath } from 'node:url'
import type { Site } from './leak.js'

/** Frames that are looked at: between the trap and the handler there may be a library or two. */
const FRAMES = 50
const NOWHERE: Site = { file: undefined, line: 0, column: 0 }
const FRAME = /^\s+at (?:.*? \()?([^()]+):(\d+):(\d+)\)?$/

/** The first line of the user above `trap`; a line of a library only when there is no other. */
export function siteAbove(trap: (...args: never[]) => unknown): Site {
  const sites = framesAbove(trap).split('\n').flatMap(siteOf)
  return sites.find(({ file }) => !isLibrary(file)) ?? sites[0] ?? NOWHERE
}

function framesAbove(trap: (...args: never[]) => unknown): string {
  const { stackTraceLimit } = Error
  const at: { stack?: unknown } = {}
  Error.stackTraceLimit = FRAMES
  try {
    Error.captureStackTrace(at, trap)
    return typeof at.stack === 'string' ? at.stack : ''
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function siteOf(frame: string): Site[] {
  const [, file = '', line, column] = FRAME.exec(frame) ?? []
  if (file === '' || file.startsWith('node:') || file === '<anonymous>') return []
  return [{ file: pathOf(file), line: Number(line), column: Number(column) }]
}

function pathOf(file: string): string {
  const plain = file.replace(/^async /, '').replace(/\?.*$/, '')
  try {
    return plain.startsWith('file:') ? fileURLToPath(plain) : plain
  } catch {
    return plain
  }
}

function isLibrary(file: string | undefined): boolean {
  return file === undefined || /[\\/]node_modules[\\/]/.test(file)
}
