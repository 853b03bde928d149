import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, child, createSystem, supervisor } from 'holdfast'
import { exportIncident, openIncident } from 'holdfast/replay'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { compared, forgotten, replayedElsewhere, shared } from './share-incident.js'

const refunds = actor({
  name: 'refunds',
  digestEvery: 1,
  state: () => ({ paid: 0, notes: [] as string[] }),
  on: {
    refund(ctx, { amount, iban }: { amount: number; iban: string }) {
      ctx.state.paid += amount
      ctx.state.notes.push(`to ${iban}`)
      return ctx.state.paid
    },
  },
})
const root = supervisor({ name: 'desk', children: [child(refunds)] })

let dir: string
let data: string

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-share-'))
  data = join(dir, 'data')
  const system = await createSystem({ name: 'desk', root, data })
  const ref = system.ref(refunds, '/desk/refunds')
  await ref.ask('refund', { amount: 5, iban: 'DE-1' }, { correlation: 'refund-1' })
  await ref.ask('refund', { amount: 6, iban: 'DE-2' }, { correlation: 'refund-2' })
  await system.stop()
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

describe('the guide to sharing an incident', () => {
  it('locks it, redacts it, and replays it elsewhere', async () => {
    const file = join(dir, 'refund-1.hfi')
    const report = await shared(data, 'refund-1', file, 'correct horse')
    expect(report).toMatchObject({ encrypted: true, pinned: true, actors: ['/desk/refunds'] })
    expect(report.redactions).toMatchObject([{ rule: '**.iban', hits: 1 }, { rule: '/desk/*:state.notes' }])
    expect(readFileSync(file).includes('DE-1')).toBe(false)
    rmSync(data, { recursive: true })
    expect((await replayedElsewhere(file, 'correct horse', root)).identical).toBe(true)
  })

  it('lets go of the pin', async () => {
    await shared(data, 'refund-1', join(dir, 'refund-1.hfi'), 'correct horse')
    expect(await forgotten(data, 'refund-1')).toBe(true)
    expect(await forgotten(data, 'refund-1')).toBe(false)
  })

  it('tells what differs between two', async () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const [good, bad] = [join(dir, 'good.hfi'), join(dir, 'bad.hfi')]
    await exportIncident(await openIncident({ data, correlation: 'refund-1' }), { file: good })
    await exportIncident(await openIncident({ data, correlation: 'refund-2' }), { file: bad })
    expect((await compared(good, bad)).equal).toBe(false)
    expect(said.mock.calls[0]![0]).toContain('"amount":5')
    said.mockRestore()
  })
})
