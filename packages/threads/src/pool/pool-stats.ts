import type { PoolStats, ThreadStats } from '@holdfast/kernel'
import { BYTES, CPU_US, HEAP } from '../wire/memory.js'
import type { Lane } from './lane.js'

/** What is known of the threads of a pool. */
export function statsOf(lanes: readonly Lane[], hasSpare: boolean): Omit<PoolStats, 'name'> {
  const threads = lanes.filter(({ hasEnded }) => !hasEnded).map(threadStats)
  return { threads, hasSpare, waiting: lanes.reduce((sum, { waiting }) => sum + waiting.length, 0) }
}

function threadStats(lane: Lane): ThreadStats {
  const { id, actors, flights, waiting, messages, busyMs, memory, worker, isReady, isLeaving } = lane
  const cpuUs = memory[CPU_US]!
  return {
    thread: id,
    status: isLeaving ? 'leaving' : isReady ? 'ready' : 'loading',
    actors: actors.size,
    underWay: flights.size,
    waiting: waiting.length,
    messages,
    busyMs,
    cpuMs: cpuUs === 0 ? undefined : cpuUs / 1_000,
    heapBytes: memory[HEAP]!,
    bufferBytes: memory[BYTES]!,
    utilization: worker.performance.eventLoopUtilization().utilization,
  }
}
