// Who is taken out of a log goes on from the file as from the log: over random swarms, with crashes and an operator in between.
// All of each swarm is taken, so that nobody is missed who would have said something.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { HoldfastError } from 'holdfast'
import { dumpActors, load } from 'holdfast/data'
import { LmdbStore, MemoryStore } from '@holdfast/journal'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { describe, expect, it } from 'vitest'
import { swarms, type Swarm } from '../replay/random-swarms.js'
import { definitionsOf, SwarmRun } from '../replay/swarm-world.js'
import { triesOf } from '../tries.js'
import { goesOn } from './comes-back.js'
import { poured } from './portable-shop.js'

interface Life {
  readonly told: unknown
  readonly tree: unknown
  readonly parked?: readonly (number | string)[]
}

// A name that nobody who waits goes by stays behind: who uses it again begins another correlation.
function unnamed(life: unknown): Life {
  return JSON.parse(
    JSON.stringify(life, (key, value: unknown) => (key === 'correlation' ? undefined : value)),
  ) as Life
}

let carried = 0
let refused = 0

async function goesOnElsewhere(swarm: Swarm): Promise<void> {
  const run = new SwarmRun(swarm)
  await run.run()
  const whole = await run.world.memory.whole()
  if (whole.last() === undefined) return
  const home = mkdtempSync(join(tmpdir(), 'holdfast-swarms-'))
  try {
    const data = join(home, 'data')
    const disk = new LmdbStore({ dir: data })
    await poured(whole, disk)
    await disk.close()
    const nothing = { effectOf: (op: never) => op, perform: () => new VirtualAuthorities().now() }
    const { root } = definitionsOf(swarm, nothing)
    const file = join(home, 'file')
    try {
      await dumpActors({ data, file, actors: ['/root'], swarm: { root } })
    } catch (error) {
      expect(error).toBeInstanceOf(HoldfastError)
      expect(['HF_NOT_PORTABLE', 'HF_NO_SUCH_ACTOR']).toContain((error as HoldfastError).code)
      refused++
      return
    }
    await load({ file, to: join(home, 'moved') })
    const moved = new MemoryStore()
    const from = new LmdbStore({ dir: join(home, 'moved'), readOnly: true })
    await poured(from, moved)
    await from.close()
    const { parked, ...life } = unnamed(await goesOn(moved, swarm))
    const { parked: all, ...lived } = unnamed(await goesOn(whole, swarm))
    expect(life).toEqual(lived)
    // What is parked of somebody who has ended stays behind, as he does.
    expect(all ?? []).toEqual(expect.arrayContaining([...(parked ?? [])]))
    carried++
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

describe('a system that is taken elsewhere as its actors', () => {
  it('goes on as it would have gone on', async () => {
    await fc.assert(fc.asyncProperty(swarms, goesOnElsewhere), { numRuns: triesOf(60) })
    expect(carried).toBeGreaterThan(0.7 * (carried + refused))
  }, 1_200_000)
})
