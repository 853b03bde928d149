import { actor, createSystem } from 'holdfast'
import { Incident, replay } from 'holdfast/replay'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { World } from '../conformance/semantics/world.js'
import { shopWith, till, tillWithTax, tillWithTaxOnly, watchDeploys } from './change-a-handler.js'

const path = '/shop/till'

async function sold(world: World, cents: number): Promise<void> {
  world.tell(path, 'sell', cents, { correlation: 'sales' })
  await world.settled(world.system.flushed())
}

/** A till that was changed between its first and its second sale. */
async function changed(): Promise<World> {
  const world = await World.start({ root: shopWith(till) })
  await sold(world, 1_000)
  await world.recover({ root: shopWith(tillWithTax) })
  await sold(world, 1_000)
  return world
}

describe('the till of the guide', () => {
  it('taxes what is sold after the change, and leaves alone what was sold before, however often it is recovered', async () => {
    const world = await changed()
    for (let i = 0; i < 2; i++) {
      expect(world.state(path)).toEqual({ cents: 2_190 })
      await world.recover({ root: shopWith(tillWithTax) })
    }
  })

  it('replays old sales and new ones as they were', async () => {
    const { journal } = await changed()
    const report = await replay(new Incident(journal, 'sales'), { swarm: { root: shopWith(tillWithTax) } })
    expect(report).toMatchObject({ identical: true, counts: { digests: 2 } })
  })

  it('may forget the old way once the old turns are behind a snapshot', async () => {
    const world = await changed()
    await world.reopen({ root: shopWith(tillWithTaxOnly) })
    await sold(world, 1_000)
    expect(world.state(path)).toEqual({ cents: 3_380 })
    expect(world.recordsOf('quarantined')).toEqual([])
  })

  it('is held when it forgets the old way too early, and goes on with the code that knows it', async () => {
    const world = await changed()
    await world.recover({ root: shopWith(tillWithTaxOnly) })
    await sold(world, 1_000)
    expect(world.system.inspect(path)).toMatchObject({ status: 'quarantined', waiting: ['sell'] })
    await world.recover({ root: shopWith(tillWithTax) })
    expect(world.state(path)).toEqual({ cents: 3_380 })
    expect(world.recordsOf('steered').map((each) => each.data())).toMatchObject([
      { command: 'release', by: 'holdfast' },
    ])
  })

  it('says who is held after a deploy, and who goes on after the next one', async () => {
    const data = await mkdtemp(join(tmpdir(), 'holdfast-change-'))
    const lines: string[] = []
    const deploy = async (version: number): Promise<void> => {
      const root = shopWith(actor({ ...till.spec, version }))
      const system = await createSystem({ name: 'shop', data, root })
      watchDeploys(system, (line) => lines.push(line))
      system.ref(path).tell('sell', 1_000)
      await system.flushed()
      await system.stop()
    }
    try {
      for (const version of [2, 1, 2]) await deploy(version)
      const why = `the state of ${path} has version 2, and the code knows 1.`
      expect(lines).toEqual([`${path} is held: ${why}`, `${path}: release`])
    } finally {
      await rm(data, { recursive: true, force: true })
    }
  })
})
