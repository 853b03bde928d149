// Threads for tests: what they load is TypeScript here, which Node does not load by itself.

import type { ThreadsOptions } from 'holdfast'

const register = import.meta.resolve('tsx/esm/api')
const loader = `data:text/javascript,import { register } from ${JSON.stringify(register)}; register()`

/** Two threads that load the audit from source. */
export const fromSource: ThreadsOptions = {
  pools: {
    default: { threads: 2, spare: false, execArgv: ['--conditions=@holdfast/source', '--import', loader] },
  },
}
