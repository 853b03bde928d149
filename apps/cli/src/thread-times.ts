// How busy the threads of a run were: what shows whether more of them would help. A process has others besides, such as those of
// its compiler, of a watchdog, or one that is kept for when another one ends: those run no handlers, and are left out.

import type { Worker } from 'node:worker_threads'
import type { System } from 'holdfast'

/** Notes the threads that this process starts from now on. */
export class ThreadTimes {
  readonly #workers = new Set<Worker>()
  readonly #startMs = performance.now()
  readonly #startCpu = process.cpuUsage()
  readonly #atStart = performance.eventLoopUtilization()

  constructor() {
    process.on('worker', this.#add)
  }

  /** What there is to say, or nothing when handlers ran in the main thread alone. */
  line({ threads }: System): string | undefined {
    const ids = new Set(threads.stats().pools.flatMap((pool) => pool.threads.map(({ thread }) => thread)))
    const busy = [...this.#workers]
      .filter(({ threadId }) => ids.has(threadId))
      .map((worker) => worker.performance.eventLoopUtilization().active)
    if (busy.length === 0) return undefined
    const { active } = performance.eventLoopUtilization(this.#atStart)
    const { user, system } = process.cpuUsage(this.#startCpu)
    const wallMs = performance.now() - this.#startMs
    const said = `${busy.length} ${busy.length === 1 ? 'thread was' : 'threads were'} busy for ${listed(busy)}`
    return `${said}, the main thread for ${seconds(active)}; ${seconds((user + system) / 1000)} of CPU in ${seconds(wallMs)}.`
  }

  end(): void {
    process.off('worker', this.#add)
  }

  readonly #add = (worker: Worker): void => {
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
