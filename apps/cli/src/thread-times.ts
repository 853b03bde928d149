// How busy the threads of a run were: what shows whether more of them would help. Known limit: the compiler of a CommonJS
// file in TypeScript has a thread as well, which is counted when it is started late.

import type { Worker } from 'node:worker_threads'

// A watchdog has a thread of its own, which runs no handlers.
const WATCHDOG = Symbol.for('holdfast.watchdog')

/** Notes the threads that this process starts from now on. */
export class ThreadTimes {
  readonly #workers = new Set<Worker>()
  readonly #startMs = performance.now()
  readonly #startCpu = process.cpuUsage()
  readonly #atStart = performance.eventLoopUtilization()

  constructor() {
    process.on('worker', this.#add)
  }

  /** What there is to say, or nothing when there were no threads but the main one. */
  line(): string | undefined {
    const busy = [...this.#workers].map((worker) => worker.performance.eventLoopUtilization().active)
    if (busy.length === 0) return undefined
    const { active } = performance.eventLoopUtilization(this.#atStart)
    const { user, system } = process.cpuUsage(this.#startCpu)
    const wallMs = performance.now() - this.#startMs
    const threads = `${busy.length} ${busy.length === 1 ? 'thread was' : 'threads were'} busy for ${listed(busy)}`
    return `${threads}, the main thread for ${seconds(active)}; ${seconds((user + system) / 1000)} of CPU in ${seconds(wallMs)}.`
  }

  end(): void {
    process.off('worker', this.#add)
  }

  readonly #add = (worker: Worker): void => {
    if (WATCHDOG in worker) return
    this.#workers.add(worker)
    worker.once('exit', () => this.#workers.delete(worker))
  }
}

function listed(times: readonly number[]): string {
  const all = times.map(seconds)
  return all.length === 1 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)!}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
