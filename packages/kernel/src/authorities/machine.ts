import { performance } from 'node:perf_hooks'
import type { Authorities, Timer } from './authorities.js'

class MachineTimer implements Timer {
  readonly #handle: NodeJS.Timeout

  constructor(afterMs: number, step: () => void) {
    this.#handle = setTimeout(step, afterMs)
  }

  cancel(): void {
    clearTimeout(this.#handle)
  }

  unref(): void {
    this.#handle.unref()
  }
}

/** The machine's own clock, timers, chance and event loop: what production runs on. */
export function machineAuthorities(): Authorities {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => Math.random(),
    defer: (step) => {
      setImmediate(step)
    },
    timer: (afterMs, step) => new MachineTimer(afterMs, step),
  }
}
