import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ActorRef, actor, child, createSystem } from 'holdfast'
import { type Incident, openIncident, replay } from 'holdfast/replay'
import { type Assignment, type Measurement } from './contender.js'
import { benchRoot } from './holdfast-root.js'

/** The actors of the incident, and how many messages are on their way at a time. */
const ACTORS = 50
const IN_FLIGHT = 1_000

/** Nobody takes a snapshot: a replay begins with the first turn. */
const NEVER = { everyBytes: Number.MAX_SAFE_INTEGER }

/** A swarm of counters that writes a digest of its state so often. */
function counters(digestEvery: number) {
  const counter = actor({
    name: 'counter',
    state: () => ({ n: 0 }),
    snapshot: NEVER,
    digestEvery,
    on: {
      add(ctx, { amount }: { amount: number }) {
        ctx.state.n += amount
      },
    },
  })
  return { root: benchRoot(Array.from({ length: ACTORS }, (_, i) => child(counter, { id: `counter-${i}` }))) }
}

/** An incident of so many turns, recorded once and kept for the rounds that follow. */
export async function recorded(
  { keptDirectory }: Assignment,
  turns: number,
  digestEvery: number,
): Promise<Incident> {
  const data = join(keptDirectory, 'data')
  const complete = join(keptDirectory, 'complete')
  if (!existsSync(complete)) {
    const system = await createSystem({ name: 'bench', data, ...counters(digestEvery) })
    const refs: ActorRef[] = Array.from({ length: ACTORS }, (_, i) => system.ref(`/bench/counter-${i}`))
    for (let told = 0; told < turns;) {
      for (const end = Math.min(told + IN_FLIGHT, turns); told < end; told++)
        refs[told % ACTORS]!.tell('add', { amount: 5 })
      await system.flushed()
    }
    await system.stop()
    writeFileSync(complete, '')
  }
  return openIncident({ data, from: 1, to: Number.MAX_SAFE_INTEGER })
}

/** Replays an incident once and gives its turns a second. What is compared of each turn is in the log. */
export async function replayed(
  assignment: Assignment,
  turns: number,
  digestEvery: number,
): Promise<Measurement & { readonly rssMb: number }> {
  await using incident = await recorded(assignment, turns, digestEvery)
  // Whoever replays has cut the slice; how long that takes is a figure of its own.
  assert.equal(incident.slice.actors.length, ACTORS + 1)
  const started = performance.now()
  const { identical, counts } = await replay(incident, { swarm: counters(digestEvery) })
  const elapsedMs = performance.now() - started
  assert.ok(identical, 'it replays as it was')
  assert.ok(counts.turns >= turns, 'all of it is replayed')
  const rssMb = process.memoryUsage().rss / 1_000_000
  return { value: counts.turns / (elapsedMs / 1_000), details: { elapsedMs, digests: counts.digests }, rssMb }
}
