import { describe, expect, it } from 'vitest'
import { VirtualAuthorities } from './authorities/virtual.js'
import type { Cell } from './cell.js'
import { QUARANTINED, RESTARTING, STOPPING } from './gate.js'
import type { Kernel } from './kernel.js'
import { LateActors } from './late-actors.js'
import { LATE_ACTORS_PER_ROUND } from './limits.js'

interface Waiting {
  readonly cell: Cell
  readonly name: number
}

/** So many actors beyond those that are woken at once, and the order in which they are woken. */
function waitingFor(count: number) {
  const authorities = new VirtualAuthorities()
  const kernel = { authorities, late: null, isHalting: false } as unknown as Kernel
  const late = new LateActors(kernel)
  const woken: number[] = []
  const all: Waiting[] = []
  for (let name = 0; name < LATE_ACTORS_PER_ROUND + count; name++) {
    const cell = { gate: 0, incarnation: 1, isDirty: true, mailbox: null } as unknown as Cell
    all.push({ cell, name })
    late.add(cell, () => {
      woken.push(name)
      cell.isDirty = false
      cell.gate = 0
    })
  }
  return { authorities, kernel, late, woken, waiting: all.slice(LATE_ACTORS_PER_ROUND) }
}

describe('late actors', () => {
  it('the first of them go on in their place, the others wait behind their gates and take mail', () => {
    const { kernel, late, woken, waiting } = waitingFor(3)
    late.begin()
    expect(woken).toHaveLength(LATE_ACTORS_PER_ROUND)
    expect(waiting.map(({ cell }) => cell.gate)).toEqual([RESTARTING, RESTARTING, RESTARTING])
    expect(kernel.late).toBe(late)
  })

  it('so many go on in each round, until none is left', async () => {
    const { authorities, kernel, late, woken, waiting } = waitingFor(3 * LATE_ACTORS_PER_ROUND)
    late.begin()
    await authorities.settle()
    expect(woken).toEqual([...woken].sort((a, b) => a - b))
    expect(woken.length).toBe(LATE_ACTORS_PER_ROUND + waiting.length)
    expect(kernel.late).toBe(null)
  })

  it('who is sent something goes on before all who are not', async () => {
    const { authorities, late, woken, waiting } = waitingFor(200)
    late.begin()
    late.call(waiting[150]!.cell)
    late.call(waiting[80]!.cell)
    late.call(waiting[150]!.cell)
    await authorities.settle()
    const inTurn = woken.slice(LATE_ACTORS_PER_ROUND, LATE_ACTORS_PER_ROUND + 3)
    expect(inTurn).toEqual([waiting[150]!.name, waiting[80]!.name, waiting[0]!.name])
    expect(new Set(woken).size).toBe(woken.length)
  })

  it('nothing is due for one that was stopped, held, begun anew or made meanwhile', async () => {
    const { authorities, late, woken, waiting } = waitingFor(5)
    late.begin()
    waiting[0]!.cell.gate |= STOPPING
    waiting[1]!.cell.gate |= QUARANTINED
    waiting[2]!.cell.incarnation = 2
    waiting[3]!.cell.isDirty = false
    await authorities.settle()
    expect(woken.slice(LATE_ACTORS_PER_ROUND)).toEqual([waiting[4]!.name])
    expect(waiting.slice(0, 2).map(({ cell }) => cell.gate)).toEqual([STOPPING, QUARANTINED])
  })

  it('a system that halts leaves them', async () => {
    const { authorities, kernel, late, woken } = waitingFor(5)
    late.begin()
    kernel.isHalting = true
    await authorities.settle()
    expect(woken).toHaveLength(LATE_ACTORS_PER_ROUND)
  })
})
