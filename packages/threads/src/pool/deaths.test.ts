import { describe, expect, it } from 'vitest'
import { CANCEL_GRACE_MS, LOAD_MS } from '../limits.js'
import { BLAMED, CAUSE, CAUSE_BYTES, CAUSE_EXIT, CURRENT, LOADING, OFF_ACTOR } from '../wire/memory.js'
import type { Task } from '../wire/tasks.js'
import { condemn, deathOf, judge, pastDeadline, unheard } from './deaths.js'
import { Lane, type Flight } from './lane.js'

function newLane(): Lane {
  return new Lane({ threadId: 1 } as never, 0)
}

function fly(lane: Lane, kind: Task['kind'], actor: number, inHand: number, deadlineMs = 100): Flight {
  const hand = new Int32Array(new SharedArrayBuffer(8))
  hand[0] = inHand
  const flight = { task: { kind, actor, serial: 1, inHand: hand } as Task, deadlineMs, seen: 0, sinceMs: 0 }
  lane.flights.add(flight)
  return flight
}

describe('When a thread has ended', () => {
  it.each([
    ['process.exit', (lane: Lane) => (lane.memory[CAUSE] = CAUSE_EXIT), 'HF_THREAD_EXIT'],
    ['too many bytes', (lane: Lane) => (lane.memory[CAUSE] = CAUSE_BYTES), 'HF_THREAD_MEMORY'],
    [
      'its heap',
      (lane: Lane) => (lane.thrown = { error: { code: 'ERR_WORKER_OUT_OF_MEMORY' } }),
      'HF_THREAD_MEMORY',
    ],
    ['what was thrown', (lane: Lane) => (lane.thrown = { error: undefined }), 'HF_THREAD_CRASH'],
    ['somebody outside', () => undefined, 'HF_THREAD_LOST'],
  ])('through %s, that is what its error says', (_what, end, code) => {
    const lane = newLane()
    end(lane)
    judge(lane)
    expect(lane.death?.code).toBe(code)
  })

  it('D1 the message that it had in hand is at fault, and others are not', () => {
    const lane = newLane()
    lane.memory[CAUSE] = CAUSE_EXIT
    const [one, two] = [fly(lane, 'run', 1, 3), fly(lane, 'run', 2, 0)]
    judge(lane)
    expect([deathOf(lane, one).at, deathOf(lane, two).at]).toEqual([2, -1])
    expect(unheard(lane)).toEqual([])
  })

  it('D1 of two that have something in hand, it is the one whose code was entered last', () => {
    const lane = newLane()
    lane.memory[CAUSE] = CAUSE_EXIT
    lane.memory[CURRENT] = 2
    const [one, two] = [fly(lane, 'run', 1, 1), fly(lane, 'run', 2, 1)]
    judge(lane)
    expect([deathOf(lane, one).at, deathOf(lane, two).at]).toEqual([-1, 0])
  })

  it('D1 an actor that is blamed and has nothing under way is told of by itself', () => {
    const lane = newLane()
    lane.memory[CAUSE] = CAUSE_EXIT
    lane.memory[BLAMED] = 7
    const one = fly(lane, 'run', 1, 1)
    judge(lane)
    expect(deathOf(lane, one).at).toBe(-1)
    expect(unheard(lane)).toEqual([7])
  })

  it('D2 from outside, nobody is at fault', () => {
    const lane = newLane()
    const one = fly(lane, 'run', 1, 1)
    judge(lane)
    expect(deathOf(lane, one)).toMatchObject({ at: -1, error: { code: 'HF_THREAD_LOST' } })
  })

  it('D3 with nothing in hand and two turns that wait, nobody is at fault', () => {
    const lane = newLane()
    lane.memory[CAUSE] = CAUSE_EXIT
    const both = [fly(lane, 'follow', 1, 0), fly(lane, 'follow', 2, 0)]
    judge(lane)
    expect(both.map((flight) => deathOf(lane, flight).at)).toEqual([-1, -1])
  })
})

describe('While a thread runs', () => {
  it('a message that has it for too long is asked to end, and then has to', () => {
    const lane = newLane()
    fly(lane, 'run', 1, 1)
    expect(pastDeadline(lane, 1_000)).toBeUndefined()
    expect(pastDeadline(lane, 1_099)).toBeUndefined()
    expect(lane.memory[OFF_ACTOR]).toBe(0)
    expect(pastDeadline(lane, 1_100)).toBeUndefined()
    expect(lane.memory[OFF_ACTOR]).toBe(1)
    expect(pastDeadline(lane, 1_100 + CANCEL_GRACE_MS)?.code).toBe('HF_THREAD_DEADLINE')
  })

  it('a message that comes after another one has its own time', () => {
    const lane = newLane()
    const { task } = fly(lane, 'run', 1, 1)
    pastDeadline(lane, 1_000)
    task.inHand[0] = 2
    expect(pastDeadline(lane, 2_000)).toBeUndefined()
    expect(pastDeadline(lane, 2_050)).toBeUndefined()
  })

  it('one that has something to do and nothing in hand is stuck, unless it loads', () => {
    const lane = newLane()
    fly(lane, 'run', 1, 0)
    lane.memory[LOADING] = 1
    expect(pastDeadline(lane, 1_000)).toBeUndefined()
    expect(pastDeadline(lane, 1_500)).toBeUndefined()
    expect(pastDeadline(lane, 1_000 + LOAD_MS)?.code).toBe('HF_THREAD_UNLOADABLE')
    lane.memory[LOADING] = 0
    expect(pastDeadline(lane, 1_000 + LOAD_MS)).toBeUndefined()
    expect(pastDeadline(lane, 1_099 + LOAD_MS)).toBeUndefined()
    expect(pastDeadline(lane, 1_100 + LOAD_MS)?.code).toBe('HF_THREAD_DEADLINE')
  })

  it('one from which something comes back is not stuck, however seldom something is seen in its hand', () => {
    const lane = newLane()
    const one = fly(lane, 'run', 1, 0)
    expect(pastDeadline(lane, 1_000)).toBeUndefined()
    lane.land(one)
    fly(lane, 'run', 1, 0)
    expect(pastDeadline(lane, 1_100)).toBeUndefined()
    expect(pastDeadline(lane, 1_199)).toBeUndefined()
    expect(pastDeadline(lane, 1_200)?.code).toBe('HF_THREAD_DEADLINE')
  })

  it('a turn that only waits has no deadline here', () => {
    const lane = newLane()
    fly(lane, 'follow', 1, 0)
    expect(pastDeadline(lane, 1_000)).toBeUndefined()
    expect(pastDeadline(lane, 1_000_000)).toBeUndefined()
  })

  it('what it is ended for stays with who did it, whatever it does until then', () => {
    const lane = newLane()
    const one = fly(lane, 'run', 1, 1)
    condemn(lane, pastDeadlineOf(lane))
    one.task.inHand[0] = 0
    const two = fly(lane, 'run', 2, 1)
    judge(lane)
    expect(deathOf(lane, two).at).toBe(-1)
  })
})

function pastDeadlineOf(lane: Lane): NonNullable<ReturnType<typeof pastDeadline>> {
  pastDeadline(lane, 1_000)
  pastDeadline(lane, 1_100)
  return pastDeadline(lane, 10_000)!
}
