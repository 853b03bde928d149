// Random swarms live through their scripts, with crashes and operators in between, and leave a log. Whatever it holds,
// replays with the same code as it was.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import {
  evidenceOf,
  exportIncident,
  Incident,
  openIncident,
  play,
  replay,
  type ReplayReport,
} from 'holdfast/replay'
import type { RedactOptions } from '@holdfast/journal'
import type { LogRecord, Retention } from '@holdfast/kernel'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { swarms, type Swarm } from './random-swarms.js'
import { definitionsOf, Nothing, SwarmRun, type Outside } from './swarm-world.js'
import { triesOf } from '../tries.js'

let dir: string
let files = 0

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-swarms-'))
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

/** How a replay differs from the record, for humans. */
function differences(what: string, { divergences, identical }: ReplayReport): string[] {
  const lines = divergences.slice(0, 3).map((each) => `${what}, ${each.position} ${each.actor}: ${each.what}`)
  return identical ? [] : [`${what} is not identical`, ...lines]
}

// Where the code was called from is not what an incident is about.
function told(report: ReplayReport): unknown {
  return JSON.parse(JSON.stringify(report, (key, value: unknown) => (key === 'stack' ? undefined : value)))
}

/** The same incident out of a file, and led by hand there and back. */
async function otherwise(incident: Incident, swarm: Swarm, outside: Outside): Promise<void> {
  const definitions = definitionsOf(swarm, outside)
  const whole = told(await replay(incident, { swarm: definitions }))
  const file = join(dir, `${++files}.hfi`)
  await exportIncident(incident, { file })
  const opened = await openIncident({ file })
  expect(told(await replay(opened, { swarm: definitions }))).toEqual(whole)
  await opened.close()
  const player = play(new Incident(incident.evidence, incident.correlation), { swarm: definitions })
  const { from, to } = incident.focus
  await player.goTo(from + (swarm.seed % Math.max(1, to - from)))
  await player.back()
  expect(told(await player.run())).toEqual(whole)
}

/** Some of them give the beginning of their logs up. */
function retentionOf({ seed }: Swarm): Retention | undefined {
  return seed % 4 === 2 ? { maxRecords: 20 + (seed % 80) } : undefined
}

/** Position of the first message of each correlation. */
function firstMessages(records: Iterable<LogRecord>): number[] {
  const first = new Map<number, number>()
  for (const { kind, correlation, position } of records)
    if (kind === 'message' && !first.has(correlation)) first.set(correlation, position)
  return [...first.values()]
}

async function lived(swarm: Swarm, redact?: RedactOptions): Promise<void> {
  const run = new SwarmRun(swarm, undefined, undefined, { retention: retentionOf(swarm), redact })
  await run.run()
  const { base } = run.world.journal.beginning
  const evidence = evidenceOf(run.world.journal)
  const outside = new Nothing()
  const incidents = firstMessages(evidence.read(base))
  const names = [...incidents.map(String), { from: base, to: Math.max(base, evidence.next - 1) }]
  const found: string[] = []
  for (const name of names) {
    const report = await replay(new Incident(evidence, name), { swarm: definitionsOf(swarm, outside) })
    found.push(...differences(JSON.stringify(name), report))
  }
  expect(found).toEqual([])
  const one = incidents[swarm.seed % Math.max(1, incidents.length)]
  if (swarm.seed % 8 === 0 && one !== undefined)
    await otherwise(new Incident(evidence, String(one)), swarm, outside)
  expect(outside.reached, 'effects that a replay has done').toBe(0)
}

it('whatever a swarm lives through replays identically with the same code', async () => {
  const property = fc.asyncProperty(swarms, (swarm) => lived(swarm))
  await fc.assert(property, { numRuns: triesOf(1_000) })
}, 600_000)

// What is told, what effects fail with and what is thrown: a memory that held what the log does not would go another way.
it('S-36 also when what it is told, and what it fails with, is redacted', async () => {
  const redact = { secrets: [' is down:', 'Crash at'], fields: ['v'] }
  const property = fc.asyncProperty(swarms, (swarm) => lived(swarm, redact))
  await fc.assert(property, { numRuns: triesOf(150) })
}, 600_000)
