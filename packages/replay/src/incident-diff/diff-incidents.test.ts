import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, System } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { memoryJournal, type Journal } from '@holdfast/journal'
import { describe, expect, it } from 'vitest'
import { Incident } from '../incident.js'
import { paid } from '../incident-file/bank.fixture.js'
import { exportIncident } from '../incident-file/export-incident.js'
import { openIncident } from '../open-incident.js'
import { diffIncidents } from './diff-incidents.js'

interface Course {
  readonly total?: number
  readonly order?: readonly string[]
  readonly fails?: boolean
  /** Messages of other incidents, which move all positions. */
  readonly before?: number
  readonly twice?: boolean
}

/** Orders that spawn a packer without a name each, and tell it their parts. */
async function ordered({ total = 3, order = ['a', 'b'], fails = false, before = 0, twice = false }: Course) {
  const authorities = new VirtualAuthorities()
  const journal: Journal = memoryJournal(authorities)
  const packer = actor({
    name: 'packer',
    state: () => ({ parts: 0 }),
    on: {
      pack(ctx, { part }: { part: string; slip: string }) {
        ctx.state.parts++
        if (fails && part === 'b') throw new RangeError('no box for b')
        return part
      },
    },
  })
  const orders = actor({
    name: 'orders',
    state: () => ({ placed: 0 }),
    spawns: [packer],
    on: {
      place(ctx, _order: { total: number }) {
        const to = ctx.spawn(packer)
        for (const part of order) ctx.tell(to, 'pack', { part, slip: ctx.id() })
        if (twice) ctx.tell(to, 'pack', { part: 'a', slip: 'again' })
      },
    },
  })
  const starting = System.start({ name: 'shop', root: orders, log: journal, authorities })
  await authorities.settle()
  const system = await starting
  for (let i = 0; i < before; i++) system.ref('/orders').tell('place', { total: i })
  await authorities.settle()
  system.ref('/orders').tell('place', { total }, { correlation: 'order-1' })
  await authorities.settle()
  return new Incident(journal, 'order-1')
}

describe('two recordings of an incident', () => {
  it('are equal when they went the same way, at whatever positions and under whatever given names', async () => {
    const diff = diffIncidents(await ordered({}), await ordered({ before: 5 }))
    expect(diff).toMatchObject({ equal: true, differences: [] })
    expect(diff.a).toEqual({ correlation: 'order-1', messages: 3, turns: 3, failures: 0, decisions: 0 })
  })

  it('differ where a payload does', async () => {
    const { differences } = diffIncidents(await ordered({}), await ordered({ total: 4, before: 1 }))
    expect(differences).toMatchObject([{ kind: 'content', what: 'message', actor: '/orders', type: 'place' }])
    expect(differences[0]!.text).toBe(
      'message "place" of /orders has payload {"total":3} in the first one and {"total":4} in the second',
    )
  })

  it('differ where a turn failed, and in what was decided then', async () => {
    const { differences } = diffIncidents(await ordered({}), await ordered({ fails: true }))
    const seen = differences.map(({ kind, what, type }) => [kind, what, type])
    expect(seen).toContainEqual(['only-a', 'turn', 'pack'])
    expect(seen).toContainEqual(['only-b', 'failure', 'pack'])
    expect(seen).toContainEqual(['only-b', 'decision', 'directive'])
    expect(seen).toContainEqual(['only-b', 'decision', 'restarted'])
  })

  it('differ in a message that only one of them has, with its turn', async () => {
    const { differences } = diffIncidents(await ordered({ twice: true }), await ordered({}))
    expect(differences).toMatchObject([
      { kind: 'only-a', what: 'message', type: 'pack', b: undefined },
      { kind: 'only-a', what: 'turn', type: 'pack', b: undefined },
    ])
  })

  it('are equal out of a journal and out of its file, also when that is redacted', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-diff-'))
    try {
      const journal = await paid([10, 500])
      for (const name of ['payment-0', 'payment-1']) {
        const incident = new Incident(journal, name)
        const file = join(dir, `${name}.hfi`)
        await exportIncident(incident, { file, redact: ['**.number', 'error.message'] })
        expect(diffIncidents(incident, await openIncident({ file })).differences).toEqual([])
      }
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })

  it('differ in what is not redacted, and not in what is', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-diff-'))
    try {
      const file = join(dir, 'a.hfi')
      await exportIncident(await ordered({}), { file, redact: ['payload.total'] })
      expect(diffIncidents(await openIncident({ file }), await ordered({ total: 4 })).equal).toBe(true)
      expect(diffIncidents(await ordered({ twice: true }), await openIncident({ file })).equal).toBe(false)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

describe('what came in another order', () => {
  it('is told once for whoever handled it', async () => {
    const sent = async (first: string): Promise<Incident> => {
      const authorities = new VirtualAuthorities()
      const journal = memoryJournal(authorities)
      const bin = actor({ name: 'bin', state: () => 0, on: { x: () => 1, y: () => 2 } })
      const starting = System.start({ name: 'bin', root: bin, log: journal, authorities })
      await authorities.settle()
      const ref = (await starting).ref('/bin')
      for (const type of first === 'x' ? ['x', 'y'] : ['y', 'x'])
        ref.tell(type, undefined, { correlation: 'both' })
      await authorities.settle()
      return new Incident(journal, 'both')
    }
    const { differences } = diffIncidents(await sent('x'), await sent('y'))
    expect(differences).toMatchObject([{ kind: 'order', what: 'turn', type: 'x', actor: '/bin' }])
  })
})
