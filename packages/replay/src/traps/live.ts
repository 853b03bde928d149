// Effects that a replay does for real, because somebody said so: what they do is known from what else the process does,
// through all that they wait for.

import { AsyncLocalStorage } from 'node:async_hooks'

const storage = new AsyncLocalStorage<true>()

/** Runs an effect that is done for real. */
export function runLive<T>(run: () => T): T {
  return storage.run(true, run)
}

/** Whether this code runs in such an effect. */
export function isLive(): boolean {
  return storage.getStore() === true
}
