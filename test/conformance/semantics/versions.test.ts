import { ENGINE } from '@holdfast/kernel'
import { actor, child, supervisor, type Definition } from 'holdfast'
import { describe, expect, it } from 'vitest'
import { Later, World } from './world.js'

const other = actor({ name: 'other', state: () => ({ n: 0 }), on: { add: (ctx) => ++ctx.state.n } })

function rootOf(definition: Definition) {
  return supervisor({ name: 'root', children: [child(definition), child(other)] })
}

const gate = { later: new Later() }

const first = actor({
  name: 'purse',
  digestEvery: 1,
  state: () => ({ cents: 0 }),
  on: {
    pay(ctx, cents: number) {
      ctx.state.cents += cents
      return ctx.state.cents
    },
    hold: (ctx) => ctx.effect('hold', () => gate.later.promise),
  },
})

const steps: string[] = []

const third = actor({
  name: 'purse',
  version: 3,
  digestEvery: 1,
  state: () => ({ euros: 0, notes: [] as string[] }),
  migrate: {
    2: (old: { cents: number }) => {
      steps.push('state 2')
      return { euros: old.cents / 100 }
    },
    3: (old: { euros: number }) => {
      steps.push('state 3')
      return { ...old, notes: [] }
    },
  },
  upcast: {
    pay: {
      2: (cents: number) => {
        steps.push('pay 2')
        return { euros: cents / 100 }
      },
      3: (old: { euros: number }) => ({ ...old, note: 'from before' }),
    },
  },
  on: {
    pay(ctx, { euros, note }: { euros: number; note: string }) {
      ctx.state.euros += euros
      ctx.state.notes.push(note)
      return ctx.state.euros
    },
    hold: (ctx) => ctx.effect('hold', () => gate.later.promise),
  },
})

describe('A newer version of a definition', () => {
  it('brings the state of a snapshot up, step by step, each step once', async () => {
    steps.length = 0
    const world = await World.start({ root: rootOf(first) })
    await world.ask('/root/purse', 'pay', 150)
    await world.reopen({ root: rootOf(third) })
    expect(steps).toEqual(['state 2', 'state 3'])
    expect(world.state('/root/purse')).toEqual({ euros: 1.5, notes: [] })
    expect(await world.ask('/root/purse', 'pay', { euros: 1, note: 'new' })).toBe(2.5)
    await world.reopen({ root: rootOf(third) })
    expect(world.state('/root/purse')).toEqual({ euros: 2.5, notes: ['new'] })
    expect(steps).toEqual(['state 2', 'state 3'])
  })

  it('brings messages up that still wait', async () => {
    gate.later = new Later()
    const world = await World.start({ root: rootOf(first) })
    world.tell('/root/purse', 'hold')
    world.tell('/root/purse', 'pay', 250)
    await world.settle()
    await world.recover({ root: rootOf(third) })
    gate.later.resolve(1)
    await world.settle()
    expect(world.state('/root/purse')).toEqual({ euros: 2.5, notes: ['from before'] })
  })

  it('brings messages up of turns that are run again, and compares no digest of another version', async () => {
    const world = await World.start({ root: rootOf(first) })
    await world.ask('/root/purse', 'pay', 100)
    await world.ask('/root/purse', 'pay', 200)
    await world.recover({ root: rootOf(third) })
    expect(world.state('/root/purse')).toEqual({ euros: 3, notes: ['from before', 'from before'] })
    expect(await world.ask('/root/purse', 'pay', { euros: 1, note: 'new' })).toBe(4)
  })

  it('that is not there any more has the actor quarantined with HF_VERSION_NEWER, and the others go on', async () => {
    const world = await World.start({ root: rootOf(third) })
    await world.ask('/root/purse', 'pay', { euros: 1, note: 'new' })
    await world.reopen({ root: rootOf(first) })
    expect(world.system.inspect('/root/purse')).toMatchObject({ status: 'quarantined', stopped: undefined })
    expect(world.recordsOf('quarantined').map((each) => each.data())).toMatchObject([
      { context: 'recovery', reason: { code: 'HF_VERSION_NEWER' } },
    ])
    expect(await world.ask('/root/other', 'add')).toBe(1)
  })

  it('whose messages wait for an older one has that actor quarantined as well', async () => {
    gate.later = new Later()
    const world = await World.start({ root: rootOf(third) })
    world.tell('/root/purse', 'hold')
    world.tell('/root/purse', 'pay', { euros: 1, note: 'new' })
    await world.settle()
    await world.recover({ root: rootOf(first) })
    expect(world.system.inspect('/root/purse')).toMatchObject({ status: 'quarantined', stopped: undefined })
    expect(await world.ask('/root/other', 'add')).toBe(1)
  })

  it('whose migration throws has the actor quarantined with what was thrown', async () => {
    const broken = actor({
      ...third.spec,
      migrate: {
        2: () => {
          throw new TypeError('cannot migrate')
        },
      },
    })
    const world = await World.start({ root: rootOf(first) })
    await world.ask('/root/purse', 'pay', 100)
    await world.reopen({ root: rootOf(broken) })
    expect(world.system.inspect('/root/purse')).toMatchObject({ status: 'quarantined', stopped: undefined })
    const message = expect.stringContaining('because of TypeError: cannot migrate') as string
    expect(world.recordsOf('quarantined').map((each) => each.data())).toMatchObject([
      { context: 'recovery', reason: { code: 'HF_DIVERGED', message } },
    ])
    expect(await world.ask('/root/other', 'add')).toBe(1)
  })
})

describe('A log of another engine', () => {
  const openedBy = async (engine: number): Promise<World> => {
    const world = await World.start({ root: rootOf(first) })
    await world.ask('/root/purse', 'pay', 100)
    await world.stop()
    world.crash()
    world.journal.record('opened', 0, 0, 0, { epoch: 2, engine, definitions: {}, system: 'another' })
    world.journal.flush()
    await world.settle()
    world.crash()
    return world
  }

  it('is refused when that is a later one, and nothing is written to it', async () => {
    const world = await openedBy(ENGINE + 1)
    const before = world.records().length
    await expect(world.open()).rejects.toMatchObject({
      code: 'HF_STORE_NEWER',
      message: expect.stringContaining(`engine ${ENGINE + 1}`) as string,
    })
    expect(world.records()).toHaveLength(before)
  })

  it('is gone on from when that is an earlier one, and notes that it was', async () => {
    const world = await openedBy(1)
    await world.open()
    expect(await world.ask('/root/purse', 'pay', 50)).toBe(150)
    expect(world.recordsOf('opened').map((each) => each.data().engine)).toEqual([ENGINE, 1, ENGINE])
    await world.stop()
  })
})
