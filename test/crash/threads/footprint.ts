// What this process keeps, after a collection: bytes, and objects that belong to threads.

import * as v8 from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MessagePort, Worker } from 'node:worker_threads'

/** What there is at one moment. */
export interface Footprint {
  readonly heapBytes: number
  readonly rssBytes: number
  /** Objects that stand for a thread, also for one that has ended. */
  readonly workers: number
  /** Pieces of memory that threads have in common. */
  readonly shared: number
  readonly ports: number
  readonly signals: number
}

/** Counts the objects of a class that somebody keeps. Node has it from 20.13 on, and its types not yet. */
const { queryObjects } = v8 as unknown as { queryObjects: (of: unknown) => number }

v8.setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What this process keeps now. */
export function footprint(): Footprint {
  const workers = queryObjects(Worker)
  const shared = queryObjects(SharedArrayBuffer)
  const ports = queryObjects(MessagePort)
  const signals = queryObjects(AbortSignal)
  collect()
  const { heapUsed, rss } = process.memoryUsage()
  return { heapBytes: heapUsed, rssBytes: rss, workers, shared, ports, signals }
}
