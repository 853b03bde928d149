import type { Kernel } from './kernel.js'

/** Resolves when everything written so far is on stable storage. @throws the failure of the store, as soon as there is one */
export function durable(kernel: Kernel): Promise<void> {
  const { log, releases, dispatcher } = kernel
  return new Promise((resolve, reject) => {
    if (log.failure !== null && log.durable < log.next) {
      reject(log.failure)
      return
    }
    const step = (failure: Error | null): void => {
      if (failure === null) resolve()
      else reject(failure)
    }
    releases.when(log.next, step, false)
    dispatcher.wake()
  })
}
