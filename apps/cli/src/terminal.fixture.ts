// A terminal whose output is kept, and into which a test types.

import { main } from './cli.js'
import type { Sink } from './terminal.js'

/** What a command line came to. */
export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line in this process. */
export async function said(
  args: readonly string[],
  { cwd, env = {}, typed = [] }: { cwd: string; env?: Record<string, string>; typed?: readonly string[] },
): Promise<Said> {
  const kept = { stdout: '', stderr: '' }
  const sink = (name: 'stdout' | 'stderr'): Sink => ({
    write: (text) => {
      kept[name] += text
      return Promise.resolve()
    },
  })
  const waiting = [...typed]
  const code = await main(args, {
    cwd,
    env,
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    stdin: { line: () => Promise.resolve(waiting.shift()) },
    monotonic: () => 0,
    onSignal: () => () => undefined,
    exit: () => undefined,
  })
  return { code, ...kept }
}
