import { refuse } from '@holdfast/kernel'
import type { ThreadsOptions } from './pool-options.js'

const FLAG = /--max[-_]old[-_]space[-_]size/

/**
 * Refuses heap limits of pools that would not hold: the flag for the whole process is the limit of each thread as well,
 * whatever the thread was given.
 *
 * @param flags those of Node that the process was started with
 * @throws {HoldfastError} `HF_INVALID` with the field's name
 */
export function checkHeaps(
  { pools = {} }: ThreadsOptions,
  flags: readonly (string | undefined)[] = [...process.execArgv, process.env['NODE_OPTIONS']],
): void {
  if (!flags.some((flag) => flag !== undefined && FLAG.test(flag))) return
  for (const [name, { heapMb }] of Object.entries(pools))
    if (heapMb !== undefined)
      refuse(
        `threads.pools.${name}.heapMb`,
        heapMb,
        'left out, because --max-old-space-size of the process overrides it',
      )
}
