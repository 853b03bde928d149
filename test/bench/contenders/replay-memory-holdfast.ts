import { contend } from '../contender.js'
import { recorded, replayed } from '../replays.js'

const TURNS = 1_000_000

await contend(async (assignment) => {
  // Recording takes memory of its own, and the first round is one that records.
  const incident = await recorded(assignment, TURNS, 0)
  await incident.close()
  const { rssMb } = await replayed(assignment, TURNS, 0)
  return { value: rssMb }
})
