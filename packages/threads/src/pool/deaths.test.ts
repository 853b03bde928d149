import { expect, it } from 'vitest'
import type { Task } from '../wire/tasks.js'
import { pastDeadline } from './deaths.js'
import { Lane, type Flight } from './lane.js'

const HOUR_MS = 3_600_000

function laneWith(kind: 'effect' | 'follow' | 'abort', inHand = 0): Lane {
  const lane = new Lane(1)
  const task = { kind, actor: 1, serial: 1, index: 0, inHand: Int32Array.of(inHand) } as Task
  const flight: Flight = { task, deadlineMs: 100, seen: 0, sinceMs: 0 }
  lane.flights.add(flight)
  return lane
}

it.each(['effect', 'follow'] as const)(
  '%s may wait for as long as it takes, when nothing has the thread',
  (kind) => {
    const lane = laneWith(kind)
    for (const nowMs of [1, 101, HOUR_MS]) expect(pastDeadline(lane, nowMs)).toBeUndefined()
  },
)

it('an effect that has the thread in hand for longer than its deadline costs the thread', () => {
  const lane = laneWith('effect', 1)
  expect(pastDeadline(lane, 1)).toBeUndefined()
  expect(pastDeadline(lane, 100)).toBeUndefined()
  expect(pastDeadline(lane, 101)).toMatchObject({ code: 'HF_THREAD_DEADLINE' })
})

it('what is not begun for longer than its deadline tells of a thread that nobody says to have', () => {
  const lane = laneWith('abort')
  expect(pastDeadline(lane, 1)).toBeUndefined()
  expect(pastDeadline(lane, 101)).toMatchObject({ code: 'HF_THREAD_DEADLINE' })
})
