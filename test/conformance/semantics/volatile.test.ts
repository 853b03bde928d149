// What lives under a volatile actor ends with the process, whatever it is, and the log holds nothing of it that a later
// process would look for. On the disk, because it is another process that reads what this one has left.

import { cpSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  actor,
  child,
  createSystem,
  dynamicSupervisor,
  machine,
  partitions,
  registry,
  supervisor,
  task,
  virtualActors,
  type Definition,
  type System,
} from 'holdfast'
import { openJournal } from '@holdfast/journal'
import { machineAuthorities } from '@holdfast/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { World } from './world.js'

const tally = actor({
  name: 'tally',
  state: () => ({ n: 0, from: [] as (string | undefined)[] }),
  on: {
    add(ctx) {
      ctx.state.from.push(ctx.sender?.path)
      return ++ctx.state.n
    },
  },
})

const counter = actor({
  name: 'counter',
  durable: false,
  state: () => ({ n: 0 }),
  on: {
    add(ctx) {
      ctx.tell(ctx.ref(tally, '/root/tally'), 'add')
      return ++ctx.state.n
    },
    fail() {
      throw new Error('not today')
    },
  },
})
const errand = task({ name: 'errand', durable: false, run: (_ctx, n: number) => n + 1 })
const player = machine({
  name: 'player',
  durable: false,
  machine: createMachine({ initial: 'off', states: { off: { on: { POWER: 'on' } }, on: {} } }),
})

const inner = supervisor({ name: 'inner', children: [child(counter), child(player)] })
const outer = supervisor({ name: 'outer', children: [child(inner)] })
const counters = dynamicSupervisor({ name: 'counters', of: counter })
const errands = dynamicSupervisor({ name: 'errands', of: errand, restart: 'temporary' })
const shards = partitions({ name: 'shards', of: counter, count: 2 })
const below = [outer, counters, errands, shards]

/** A volatile actor that spawns all of these as it starts. */
const ownerOf = (...spawns: readonly Definition[]) =>
  actor({
    name: 'owner',
    durable: false,
    spawns,
    onStart(ctx) {
      for (const each of spawns) ctx.spawn(each, { name: each.name })
    },
    on: {
      run: (ctx, n: number) => ctx.ask(ctx.ref(errands, '/root/owner/errands'), 'run', n),
    },
  })

const clerk = actor({
  name: 'clerk',
  on: { run: (ctx, n: number) => ctx.ask(ctx.ref(errands, '/root/owner/errands'), 'run', n) },
})

const rootOf = (owner: Definition) =>
  supervisor({ name: 'root', children: [child(tally), child(clerk), child(owner)] })

let data: string

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'holdfast-volatile-'))
})

afterEach(async () => {
  for (const dir of [data, `${data}-copy`]) await rm(dir, { recursive: true, force: true })
})

const open = (root: Definition, dir = data): Promise<System> =>
  createSystem({ name: 'test', data: dir, root })

/** What a power cut would leave of a system that runs, opened by the next one. */
async function openKilled(system: System, root: Definition): Promise<System> {
  await system.flushed()
  cpSync(data, `${data}-copy`, { recursive: true })
  return open(root, `${data}-copy`)
}

describe('What a volatile actor has below it', () => {
  const root = rootOf(ownerOf(...below))

  it.each(['stopped', 'killed'])(
    'begins anew when the system was %s, and the durable ones go on',
    async (how) => {
      const first = await open(root)
      expect(await busy(first)).toBe(4)
      const second = how === 'killed' ? await openKilled(first, root) : (await first.stop(), await open(root))
      // Asked behind its start hook.
      expect(await second.ref('/root/owner').ask('run', 2)).toBe(3)
      expect(second.inspect('/root/owner/counters').children).toEqual([])
      expect(second.inspect('/root/owner/outer/inner/counter').state).toEqual({ n: 0 })
      expect(second.inspect('/root/owner/outer/inner/player').state).toMatchObject({ value: 'off' })
      expect(second.inspect('/root/owner/shards').children).toEqual(['0', '1'])
      expect(await busy(second)).toBe(8)
      await second.stop()
      await first.stop()
    },
  )

  it('is known to no log, also when it is restarted, changed, ended and asked for by a durable one', async () => {
    const first = await open(root)
    await busy(first)
    for (let i = 0; i < 4; i++) first.ref('/root/owner/outer/inner/counter').tell('fail')
    first.change('/root/owner/shards', partitions({ name: 'shards', of: counter, count: 2 }))
    await first.ref('/root/owner/shards').ask('resize', { count: 1 })
    expect(await first.ref('/root/clerk').ask('run', 1)).toBe(2)
    await first.ref('/root/owner/outer').ask('terminate', { id: 'inner' })
    await first.ref('/root/owner/outer').ask('delete', { id: 'inner' })
    expect(first.inspect('/root/owner/outer').durable).toBe(false)
    await first.stop()
    const second = await open(root)
    await second.stop()
    const journal = openJournal({ dir: data, readOnly: true, authorities: machineAuthorities() })
    const records = [...journal.read(1)]
    const born = records.flatMap((record) => (record.kind === 'spawned' ? [record.data()] : []))
    expect(born.map(({ name }) => name)).toEqual(['root', 'tally', 'clerk', 'owner'])
    // What a durable actor sends is in the log, wherever it goes.
    const others = records.filter(({ kind }) => kind !== 'message')
    expect(others.filter(({ actor: id }) => id > born.length)).toEqual([])
    await journal.close()
  })

  it('is refused where it is durable, with the name of the one that is', async () => {
    const durable = [
      ['tally', tally],
      ['home/*', virtualActors({ name: 'home', of: tally })],
      ['many/*', dynamicSupervisor({ name: 'many', of: tally })],
      ['names', registry({ name: 'names' })],
      [
        'top/mid/names',
        supervisor({
          name: 'top',
          children: [child(supervisor({ name: 'mid', children: [child(registry({ name: 'names' }))] }))],
        }),
      ],
    ] as const
    for (const [path, definition] of durable) {
      const owner = actor({
        name: 'owner',
        durable: false,
        spawns: [definition as Definition],
        on: {
          spawn(ctx) {
            ctx.spawn(definition, { name: definition.name })
          },
        },
      })
      const system = await createSystem({
        name: 'test',
        root: supervisor({ name: 'root', children: [child(owner)] }),
      })
      await expect(system.ref('/root/owner').ask('spawn')).rejects.toMatchObject({
        cause: { code: 'HF_INVALID', message: expect.stringContaining(`/root/owner/${path} `) as string },
      })
      await system.stop()
    }
  })
})

describe('What an earlier engine wrote of one below a volatile actor', () => {
  it('is passed over, and its id is given to nobody else', async () => {
    const bear = actor({
      name: 'bear',
      spawns: [tally],
      on: { spawn: (ctx) => ctx.spawn(tally, { name: 'new' }) },
    })
    const world = await World.start({
      root: supervisor({ name: 'root', children: [child(bear), child(tally)] }),
    })
    const told = { restart: 'permanent', fixed: true, version: 1, args: undefined, durable: true }
    world.journal.record('spawned', 40, 0, 0, { ...told, parent: 39, name: 'lost', definition: 'tally' })
    world.journal.record('restarted', 40, 0, 0, { incarnation: 2, fresh: false })
    world.journal.flush()
    await world.settle()
    await world.recover()
    expect(world.system.tree().children.map(({ name }) => name)).toEqual(['bear', 'tally'])
    await world.ask('/root/bear', 'spawn')
    expect(world.system.inspect('/root/bear/new').id).toBe(41)
    await world.stop()
  })
})

/** Has every kind of them do something. @returns how much the durable one has heard of it */
async function busy(system: System): Promise<number> {
  const at = '/root/owner'
  await system.ref(`${at}/outer/inner/counter`).ask('add')
  await system.ref(`${at}/outer/inner/player`).ask('POWER')
  await system.ref(`${at}/counters`).ask('start', { id: 'one' })
  await system.ref(`${at}/counters/one`).ask('add')
  await system.ref(`${at}/shards/0`).ask('add')
  await system.ref(`${at}/shards/1`).ask('add')
  expect(await system.ref(`${at}/errands`).ask('run', 1)).toBe(2)
  expect(await system.ref(at).ask('run', 2)).toBe(3)
  await system.ref(`${at}/counters`).ask('terminate', { id: 'one' })
  const { n } = system.inspect('/root/tally').state as { n: number }
  return n
}
