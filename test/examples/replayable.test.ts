import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystem, type Definition } from 'holdfast'
import { openIncident, replay, type ReplayReport } from 'holdfast/replay'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { faithful, forgetful } from './replayable.js'

let data: string

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'holdfast-replayable-'))
})

afterEach(() => {
  rmSync(data, { recursive: true, force: true })
})

/** Places one order under a name, stops, and replays what happened. */
async function placedAndReplayed(root: Definition): Promise<ReplayReport> {
  const system = await createSystem({ name: 'shop', root, data })
  await system.ref('/orders').ask('place', undefined, { correlation: 'order-1' })
  await system.stop()
  const incident = await openIncident({ data, correlation: 'order-1' })
  try {
    return await replay(incident, { swarm: { root } })
  } finally {
    await incident.close()
  }
}

describe('the orders of the guide', () => {
  it('that take everything through ctx replay to the same state', async () => {
    const report = await placedAndReplayed(faithful)
    expect(report).toMatchObject({ identical: true, counts: { digests: 1 } })
  })

  it('that reach past ctx come out different, and the replay says where', async () => {
    const report = await placedAndReplayed(forgetful)
    const found = report.divergences.map(({ kind, what }) => `${kind}: ${what}`)
    const wanted = [/^leak: .*crypto\.randomUUID/, /^leak: .*Date\.now/, /^leak: .*Math\.random/, /^state: /]
    expect(found).toHaveLength(wanted.length)
    for (const [i, pattern] of wanted.entries()) expect(found[i]).toMatch(pattern)
  })
})
