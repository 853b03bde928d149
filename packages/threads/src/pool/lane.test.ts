import { expect, it } from 'vitest'
import { Lane, type Flight, type Job } from './lane.js'

it('a lane knows the id of its thread also when that has ended, and has as much to do as is with it and waits for it', () => {
  const worker = { threadId: 7 }
  const lane = new Lane(worker as never, 5)
  worker.threadId = -1
  expect([lane.id, lane.hiredMs, lane.load]).toEqual([7, 5, 0])
  lane.flights.add({} as Flight)
  lane.waiting.push({} as Job, {} as Job)
  expect(lane.load).toBe(3)
})

it('two lanes have nothing in common', () => {
  const [one, two] = [new Lane({ threadId: 1 } as never, 0), new Lane({ threadId: 2 } as never, 0)]
  one.actors.add(1)
  one.heard.add(1)
  one.memory[0] = 1
  expect([two.actors.size, two.heard.size, two.culprits.size, two.memory[0]]).toEqual([0, 0, 0, 0])
})
