// Random swarms live through their scripts, with crashes and operators in between, and leave a log. Whatever it holds,
// replays with the same code as it was.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { exportIncident, Incident, openIncident, play, replay, type ReplayReport } from 'holdfast/replay'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { swarms, type Swarm } from './random-swarms.js'
import { definitionsOf, SwarmRun, type Outside } from './swarm-world.js'

/** Swarms that are tried; more of them by `HOLDFAST_PROGRAMS=20000`. */
const RUNS = Number(process.env['HOLDFAST_PROGRAMS'] ?? 400)
// The same swarms on every build; another seed, or more of them, is one variable away.
const SEED = Number(process.env['HOLDFAST_SEED'] ?? 20_261_122)
const PATH = process.env['HOLDFAST_PATH']

let dir: string
let files = 0

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-swarms-'))
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

/** The outside of a replay: nobody may reach for it. */
class Nothing implements Outside {
  reached = 0

  perform = (): unknown => {
    this.reached++
    return 0
  }
}

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

async function lived(swarm: Swarm): Promise<void> {
  const run = new SwarmRun(swarm)
  await run.run()
  const { journal } = run.world
  const records = run.world.records()
  const outside = new Nothing()
  const roots = [...new Set(records.map(({ correlation }) => correlation))].filter((each) => each !== 0)
  const names = [...roots.map(String), { from: 1, to: Math.max(1, records.length) }]
  const found: string[] = []
  for (const name of names) {
    const report = await replay(new Incident(journal, name), { swarm: definitionsOf(swarm, outside) })
    found.push(...differences(JSON.stringify(name), report))
  }
  expect(found).toEqual([])
  const one = roots[swarm.seed % Math.max(1, roots.length)]
  if (swarm.seed % 8 === 0 && one !== undefined)
    await otherwise(new Incident(journal, String(one)), swarm, outside)
  expect(outside.reached, 'effects that a replay has done').toBe(0)
}

it('whatever a swarm lives through replays identically with the same code', async () => {
  const outcome = await fc.check(fc.asyncProperty(swarms, lived), {
    seed: SEED,
    numRuns: RUNS,
    endOnFailure: process.env['HOLDFAST_SHRINK'] === '0',
    ...(PATH === undefined ? {} : { path: PATH }),
  })
  if (!outcome.failed) return
  const again = `HOLDFAST_SEED=${SEED} HOLDFAST_PATH=${outcome.counterexamplePath ?? ''} npx vitest run --config .config/vitest.config.ts replay/swarms`
  const error = outcome.errorInstance as Error | null
  throw new Error(
    `${JSON.stringify(outcome.counterexample)}\n\n${String(error?.stack)}\n\nTo repeat it: ${again}`,
  )
}, 600_000)
