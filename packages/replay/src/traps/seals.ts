// What a sealed process refuses everywhere, and what its seal lets through.

import type { Guard, Call } from './trap.js'
import { LASTING, leakError } from './leak.js'
import { siteAbove } from './site.js'

/** Says whether a seal lets a call through. */
export type Allows = (guard: Guard, call: Call) => boolean

const seals = new Set<Allows>()

/** Seals the process. @returns the way to take the seal off */
export function addSeal(allows: Allows): () => void {
  seals.add(allows)
  return () => {
    seals.delete(allows)
  }
}

const HINT = 'Nothing leaves a process that replays: do it in ctx.effect(), or where the system is started.'

/** Refuses a call that a seal does not let through. @throws {HoldfastError} `HF_LEAK` */
export function sealRefuses(guard: Guard, call: Call, trap: (...args: never[]) => unknown): void {
  if (seals.size === 0 || !LASTING.has(guard.kind) || guard.isLeak?.(call) === false) return
  for (const allows of seals) {
    if (allows(guard, call)) continue
    const { what, kind } = guard
    const leak = { what, kind, actor: '', position: 0, message: 'A sealed process', ...siteAbove(trap) }
    throw leakError(leak, HINT)
  }
}
