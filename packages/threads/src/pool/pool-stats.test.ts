import { describe, expect, it } from 'vitest'
import { BYTES, CPU_US, HEAP } from '../wire/memory.js'
import { Lane, type Flight, type Job } from './lane.js'
import { statsOf } from './pool-stats.js'

function newLane(id: number): Lane {
  const performance = { eventLoopUtilization: () => ({ utilization: 0.25 }) }
  return new Lane({ threadId: id, performance } as never, 0)
}

describe('What a pool says of its threads', () => {
  it('is what each has, has done and uses', () => {
    const lane = newLane(3)
    lane.isReady = true
    lane.actors.add(1).add(2)
    lane.flights.add({} as Flight)
    lane.waiting.push({} as Job, {} as Job)
    lane.messages = 40
    lane.busyMs = 12.5
    lane.memory[BYTES] = 1_000
    lane.memory[HEAP] = 2_000
    lane.memory[CPU_US] = 3_500
    expect(statsOf([lane], true)).toEqual({
      threads: [
        {
          thread: 3,
          status: 'ready',
          actors: 2,
          underWay: 1,
          waiting: 2,
          messages: 40,
          busyMs: 12.5,
          cpuMs: 3.5,
          heapBytes: 2_000,
          bufferBytes: 1_000,
          utilization: 0.25,
        },
      ],
      hasSpare: true,
      waiting: 2,
    })
  })

  it('tells those that load and those that leave from those that are ready, and leaves out those that have ended', () => {
    const [loading, ready, leaving, ended] = [1, 2, 3, 4].map(newLane) as [Lane, Lane, Lane, Lane]
    ready.isReady = leaving.isReady = leaving.isLeaving = ended.hasEnded = true
    const { threads } = statsOf([loading, ready, leaving, ended], false)
    expect(threads.map(({ thread, status }) => [thread, status])).toEqual([
      [1, 'loading'],
      [2, 'ready'],
      [3, 'leaving'],
    ])
  })

  it('has no processor time where Node does not say it of one thread', () => {
    expect(statsOf([newLane(1)], false).threads[0]!.cpuMs).toBeUndefined()
  })

  it('of none is nothing', () => {
    expect(statsOf([], false)).toEqual({ threads: [], hasSpare: false, waiting: 0 })
  })
})
