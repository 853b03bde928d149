// Processes and threads, and the end of this one.

import { builtin } from './builtin.js'
import type { Patches } from './patches.js'
import { guarded } from './trap.js'

const CHILDREN = ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']
const OWN = ['exit', 'reallyExit', 'kill', 'abort', 'chdir', 'setuid', 'setgid', 'seteuid', 'setegid']

/** Sets traps on processes. */
export function trapProcesses(patches: Patches): void {
  const trap = (holder: unknown, key: string, what: string): void => {
    patches.wrap(holder, key, (original) => guarded(original, { what, kind: 'process' }))
  }
  const children = builtin('node:child_process')
  for (const key of CHILDREN) trap(children, key, `child_process.${key}`)
  // What `util.promisify` makes of the others comes along here.
  const { ChildProcess } = children as Record<string, { readonly prototype: unknown }>
  trap(ChildProcess?.prototype, 'spawn', 'child_process.spawn')
  trap(builtin('node:worker_threads'), 'Worker', 'new Worker')
  trap(builtin('node:cluster'), 'fork', 'cluster.fork')
  for (const key of OWN) trap(process, key, `process.${key}`)
}
