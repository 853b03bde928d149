import type { Kernel } from './kernel.js'

/** Resolves when everything written so far is on stable storage. @throws why it never will be */
export function durable(kernel: Kernel): Promise<void> {
  return new Promise((resolve, reject) => {
    kernel.releases.when(kernel.log.next, (failure) => {
      if (failure === null) resolve()
      else reject(failure)
    })
    kernel.dispatcher.wake()
  })
}
