// An incident that was exported from a log on a disk: it replays elsewhere as it does here, and the log is as it was.

import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actor, child, createSystem, oneForOne, supervisor, type System } from 'holdfast'
import {
  diffIncidents,
  exportIncident,
  openIncident,
  replay,
  unpinIncident,
  type Incident,
} from 'holdfast/replay'
import { openJournal } from '@holdfast/journal'
import { machineAuthorities } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

class OutOfStock extends Error {}

const stock = actor({
  name: 'stock',
  digestEvery: 1,
  snapshot: { everyBytes: 2_048 },
  state: () => ({ left: 40, taken: new Map<string, number>() }),
  on: {
    take(ctx, { item, count }: { item: string; count: number }) {
      if (count > ctx.state.left) throw new OutOfStock(`only ${ctx.state.left} of ${item}`)
      ctx.state.left -= count
      ctx.state.taken.set(item, (ctx.state.taken.get(item) ?? 0) + count)
      return { left: ctx.state.left, luck: ctx.random() }
    },
  },
})
const courier = actor({
  name: 'courier',
  state: () => ({ sent: [] as string[] }),
  on: {
    send(ctx, { item }: { item: string }) {
      ctx.state.sent.push(`${item} at ${ctx.now()}`)
    },
  },
})
const desk = actor({
  name: 'desk',
  state: () => ({ orders: 0 }),
  spawns: [courier],
  onFailure: { default: 'resume' },
  on: {
    async order(ctx, { item, count }: { item: string; count: number }) {
      const { left } = await ctx.ask(ctx.ref(stock, '/shop/stock'), 'take', { item, count })
      const price = await ctx.effect('price', () => Promise.resolve(left * 2))
      ctx.state.orders++
      ctx.tell(ctx.spawn(courier), 'send', { item })
      ctx.schedule('remind', { item }, { afterMs: 86_400_000 })
      return price
    },
    remind: () => undefined,
  },
})
const root = supervisor({
  name: 'shop',
  strategy: oneForOne({ maxRestarts: 10, withinMs: 60_000 }),
  children: [child(stock), child(desk)],
})

let dir: string
let data: string
let elsewhere: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-incident-file-'))
  data = join(dir, 'data')
  elsewhere = join(dir, 'elsewhere')
  mkdirSync(elsewhere)
})

afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

async function opened(): Promise<System> {
  return createSystem({ name: 'shop', root, data })
}

/** Orders that go well, one that does not, and many that have nothing to do with either, all at once. */
async function ordered(system: System): Promise<void> {
  const ref = system.ref(desk, '/shop/desk')
  const order = (item: string, count: number, correlation?: string): Promise<unknown> =>
    ref.ask('order', { item, count }, { correlation }).catch(() => undefined)
  for (let i = 0; i < 20; i++) await order(`before-${i}`, 1)
  await Promise.all([
    order('lamp', 2, 'order-lamp'),
    order('OTHERS-MARK', 1),
    order('ship', 99, 'order-ship'),
    order('OTHERS-MARK', 1),
    order('chair', 1, 'order-chair'),
  ])
  await system.flushed()
}

// Where the code was called from is not what an incident is about.
async function replayed(incident: Incident): Promise<unknown> {
  const report = await replay(incident, { swarm: { root } })
  await incident.close()
  return JSON.parse(JSON.stringify(report, (key, value: unknown) => (key === 'stack' ? undefined : value)))
}

/** Every file of the data directory with the hash of what is in it. The lock file has the slots of readers. */
function bytesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && !each.name.endsWith('-lock'))
    .map(({ name, parentPath }) => {
      return `${name} ${createHash('sha256')
        .update(readFileSync(join(parentPath, name)))
        .digest('hex')}`
    })
    .sort()
}

describe('an exported incident', () => {
  it('replays in another place as it does on the log that it comes from, which is as it was', async () => {
    const system = await opened()
    await ordered(system)
    await system.stop()
    const before = bytesOf(data)
    for (const correlation of ['order-lamp', 'order-ship', 'order-chair']) {
      const incident = await openIncident({ data, correlation })
      const file = join(dir, `${correlation}.hfi`)
      await exportIncident(incident, { file })
      const original = await replayed(incident)
      expect(original).toMatchObject({ correlation, identical: true })
      copyFileSync(file, join(elsewhere, 'copy.hfi'))
      rmSync(file)
      expect(await replayed(await openIncident({ file: join(elsewhere, 'copy.hfi') }))).toEqual(original)
    }
    expect(bytesOf(data)).toEqual(before)
  })

  it('is the same beside the running system, and equal to itself', async () => {
    const system = await opened()
    await ordered(system)
    const file = join(elsewhere, 'a.hfi')
    const incident = await openIncident({ data, correlation: 'order-ship' })
    await exportIncident(incident, { file })
    expect(diffIncidents(incident, await openIncident({ file })).differences).toEqual([])
    await incident.close()
    await system.stop()
    expect(await replayed(await openIncident({ file }))).toMatchObject({ identical: true })
  })

  it('holds nothing that another incident carried between its own', async () => {
    const system = await opened()
    await ordered(system)
    await system.stop()
    const incident = await openIncident({ data, correlation: 'order-lamp' })
    const file = join(elsewhere, 'a.hfi')
    await exportIncident(incident, { file })
    await incident.close()
    const { evidence, slice } = await openIncident({ file })
    const needed = new Set([...slice.steps()].map(({ message }) => message.position))
    const others = [...evidence.read(1)].filter(({ kind, position, cause, correlation }) => {
      const isNeeded = needed.has(position) || needed.has(cause) || correlation === slice.focus.correlation
      return kind === 'message' && !isNeeded
    })
    expect(others).toEqual([])
  })

  it('says what was decided about those who took part', async () => {
    const system = await opened()
    await ordered(system)
    await system.stop()
    const incident = await openIncident({ data, correlation: 'order-ship' })
    const file = join(elsewhere, 'a.hfi')
    await exportIncident(incident, { file })
    await incident.close()
    const { evidence, paths } = await openIncident({ file })
    const of = (kind: string): string[] =>
      [...evidence.read(1)].filter((record) => record.kind === kind).map(({ actor: id }) => paths.of(id))
    expect(of('directive')).toContain('/shop/stock')
    expect(of('restarted')).toContain('/shop/stock')
    expect(of('spawned')).toEqual(expect.arrayContaining(['/shop', '/shop/stock', '/shop/desk']))
  })
})

describe('a pinned incident', () => {
  it('is neither deleted nor loses its snapshots until it is unpinned, also by a system that runs on', async () => {
    const system = await opened()
    await ordered(system)
    const incident = await openIncident({ data, correlation: 'order-chair' })
    const ids = incident.slice.actors.map(({ id }) => id)
    await exportIncident(incident, { file: join(elsewhere, 'a.hfi'), pin: true })
    await incident.close()
    for (let i = 0; i < 30; i++) {
      await system.ref(desk, '/shop/desk').ask('order', { item: `after-${i}`, count: 0 })
    }
    await system.stop()
    const authorities = machineAuthorities()
    let journal = openJournal({ dir: data, authorities })
    for (const id of ids) {
      await journal.deleteUpTo(id, journal.next)
      await journal.deleteSnapshots(id, 0, Infinity)
    }
    await journal.close()
    expect(await replayed(await openIncident({ data, correlation: 'order-chair' }))).toMatchObject({
      identical: true,
    })
    expect(await unpinIncident({ data, correlation: 'order-chair' })).toBe(true)
    journal = openJournal({ dir: data, authorities })
    expect(await journal.deleteUpTo(ids[0]!, journal.next)).toBe(journal.next - 1)
    await journal.close()
  })
})
