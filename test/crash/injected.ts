// System calls that go wrong: strace lets a call fail, wait, come to nothing, or be the last thing that a process does.

import type { Program } from './process.js'

/** The command that runs a program with one fault at a call, such as `fdatasync:error=EIO:when=12`. */
export function withFault(fault: string): readonly string[] {
  const [calls = ''] = fault.split(':')
  // A filter in the kernel spares the other calls the way to strace; with it, strace does not come to send a signal.
  const filter = fault.includes('signal=') ? [] : ['--seccomp-bpf']
  // What strace would say of the calls goes nowhere; only the fault is wanted.
  const quiet = ['-qq', '-o', '/dev/null']
  return ['strace', '-f', ...filter, ...quiet, '-e', `trace=${calls}`, '-e', `inject=${fault}`]
}

/** One thread for the disk, so that calls are counted in the order in which they happen. */
export const ONE_DISK_THREAD = { env: { ...process.env, UV_THREADPOOL_SIZE: '1' } }

/** Hears a program up to a line that starts so, this one included. @throws when it ends before */
export async function hearUntil(program: Program, start: string): Promise<string[]> {
  const heard: string[] = []
  for (;;) {
    const line = await program.line()
    if (line === undefined)
      throw new Error(`It ended before it said "${start}": ${heard.slice(-5).join(', ')}`)
    heard.push(line)
    if (line.startsWith(start)) return heard
  }
}
