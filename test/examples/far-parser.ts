// An actor whose handler runs in a thread: the code of docs/how-to/run-actors-in-threads.md.

import { actor, createSystem, type System, type ThreadsOptions } from 'holdfast'

// region: parser
/** Reads what people send, in a thread that may end over it. */
export const parser = actor({
  name: 'parser',
  runsIn: 'thread',
  pool: 'untrusted-input',
  module: import.meta.url, // where a thread finds this definition
  turnTimeoutMs: 2_000,
  on: { parse: (_ctx, text: string) => text.split(',').map((word) => word.trim()) },
})
// end: parser

// region: pools
const pools = { 'untrusted-input': { threads: 2, heapMb: 128, bytesMb: 64, env: { LANG: 'C' } } }

/** A system with a pool for what it does not trust. */
export function parsing(threads: ThreadsOptions = { pools }): Promise<System> {
  return createSystem({ name: 'inbox', root: parser, threads })
}
// end: pools

// region: look
/** How busy each thread was; then all are replaced, one by one, each when what it has in hand is done. */
export async function renewAll(system: System): Promise<number[]> {
  const { pools } = system.threads.stats() // heap, bytes, utilization, time at work, time in queues
  await system.threads.renew('untrusted-input')
  return pools.flatMap(({ threads }) => threads.map(({ utilization }) => utilization))
}
// end: look
