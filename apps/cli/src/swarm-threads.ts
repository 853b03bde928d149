// The threads of a run: what the swarm file says, what the command line says, and what a thread needs to load the file.

import { pathToFileURL } from 'node:url'
import type { PoolOptions, ThreadsOptions } from 'holdfast'
import { isTypeScript, type LoadedSwarm } from './swarm-file.js'

/**
 * What the system of a swarm file is given. Definitions without a module of their own are found in the swarm file.
 *
 * @param wanted threads of the default pool; 0: everything runs in the main thread
 */
export function threadsFor(
  { swarm, file }: LoadedSwarm,
  wanted: number | undefined,
  flags: readonly string[] = process.execArgv,
): ThreadsOptions | false {
  const { threads } = swarm
  if (wanted === 0 || (wanted === undefined && threads === false)) return false
  const { module = pathToFileURL(file).href, pools = {} } = threads === false ? {} : (threads ?? {})
  const given = {
    ...pools,
    default: { ...pools['default'], ...(wanted === undefined ? {} : { threads: wanted }) },
  }
  if (!isTypeScript(file)) return { module, pools: given }
  const execArgv = [...loadingFlags(flags), '--import', LOADER]
  const loading = ([name, pool]: [string, PoolOptions]): [string, PoolOptions] => [
    name,
    { execArgv, ...pool },
  ]
  return { module, pools: Object.fromEntries(Object.entries(given).map(loading)) }
}

// It is no TypeScript itself, and stands beside what is built of this file as well.
const LOADER = new URL('../bin/load-typescript.js', import.meta.url).href

const LOADING = new Set([
  '-C',
  '--conditions',
  '--import',
  '-r',
  '--require',
  '--loader',
  '--experimental-loader',
])

/** The flags of Node that say how modules are loaded. A thread refuses many of the others. */
function loadingFlags(flags: readonly string[]): string[] {
  return flags.filter((flag, at) => {
    const [name = '', value] = flag.split('=', 2)
    if (LOADING.has(name)) return value !== undefined || at + 1 < flags.length
    const before = flags[at - 1]
    return before !== undefined && LOADING.has(before)
  })
}
