import { refuse } from '@holdfast/kernel'
import type { ThreadsOptions } from '@holdfast/threads'

const FLAG = /--max[-_]old[-_]space[-_]size/

/**
 * Refuses heap limits of pools that would not hold: the flag for the whole process is the limit of each thread as well,
 * whatever the thread was given.
 *
 * @throws {HoldfastError} `HF_INVALID` with the field's name
 */
export function checkHeaps({ pools = {} }: ThreadsOptions, flags: readonly (string | undefined)[]): void {
  if (!flags.some((flag) => flag !== undefined && FLAG.test(flag))) return
  for (const [name, { heapMb }] of Object.entries(pools))
    if (heapMb !== undefined)
      refuse(
        `threads.pools.${name}.heapMb`,
        heapMb,
        'left out, because --max-old-space-size of the process overrides it',
      )
}
