// Shredding step by step: what it waits for, what it refuses, and what is left of it when the process ends anywhere.

import { actor, allForOne, child, supervisor, type Definition } from 'holdfast'
import { openSubjects } from '@holdfast/journal'
import type { LogRecord } from '@holdfast/kernel'
import { beforeEach, describe, expect, it } from 'vitest'
import { MemorySubjectKeys } from './memory-subject-keys.js'
import { helper, secretOf, shop } from './subject-shop.js'
import { World, type WorldOptions } from './world.js'

const ANA = secretOf('ana')

let keys: MemorySubjectKeys

beforeEach(() => {
  keys = new MemorySubjectKeys()
})

function newWorld(root: Definition = shop, options: Partial<WorldOptions> = {}): World {
  const definitions = [helper]
  return new World({
    root,
    definitions,
    ...options,
    get subjects() {
      return openSubjects(keys, {})
    },
  })
}

async function started(root?: Definition): Promise<World> {
  const world = newWorld(root)
  await world.open()
  return world
}

async function visits(world: World): Promise<void> {
  for (const name of ['ana', 'bob']) {
    const path = `/shop/customers/${name}`
    await world.ask(path, 'note', secretOf(name))
    await world.ask(path, 'lookUp', secretOf(name))
    world.system.ref('/shop/mailer').tell('send', secretOf(name), { subject: name })
    await world.settled(world.system.ref('/shop/mailer').ask('later', secretOf(name), { subject: name }))
  }
}

// Lets the time go by that shredding looks again after.
async function shredded(world: World, subject = 'ana', timeoutMs = 1_000): Promise<unknown> {
  let end: { readonly value: unknown } | undefined
  world.system.shred(subject, { timeoutMs }).then(
    (value) => (end = { value }),
    (error: unknown) => (end = { value: error }),
  )
  for (let round = 0; end === undefined && round < 500; round++) {
    await world.settle()
    await world.advance(10)
  }
  if (end === undefined) throw new Error('it did not end')
  return end.value
}

function valuesOf(records: readonly LogRecord[]): string {
  const values = records.map((record) => {
    if (record.kind === 'message') return record.payload()
    return record.kind === 'turn' ? record.answer() : record.data()
  })
  return JSON.stringify(values)
}

function isDone(world: World): boolean {
  return world.recordsOf('shredded').some((record) => record.data().step === 'done')
}

async function expectTheSameEnd(world: World): Promise<void> {
  expect(valuesOf(world.records())).not.toContain(ANA)
  expect(valuesOf(world.records())).toContain(secretOf('bob'))
  expect(isDone(world)).toBe(true)
  expect(keys.get(keys.idOf('ana'))).toBe('destroyed')
  expect(await world.ask('/shop/customers/bob', 'notes')).toEqual([
    secretOf('bob'),
    `found ${secretOf('bob')}`,
  ])
  expect(await world.ask('/shop/mailer', 'sent')).toBe(4)
  expect(await world.ask('/shop/archive', 'filed')).toBe(4)
  const refused = world.system.ref('/shop/customers/ana').ask('notes')
  await expect(world.settled(refused)).rejects.toMatchObject({ code: 'HF_SUBJECT_SHREDDED' })
}

describe('shredding', () => {
  it('S-32 that ends with any commit comes to the same end when it is asked for again', async () => {
    const whole = await started()
    await visits(whole)
    const before = whole.store.commits
    await shredded(whole)
    const commits = whole.store.commits - before
    expect(commits).toBeGreaterThan(3)
    for (let left = 0; left < commits + 3; left++) {
      keys = new MemorySubjectKeys()
      const world = await started()
      await visits(world)
      await world.stop()
      world.crash(0, left + 1)
      await world.open()
      void world.system.shred('ana', { timeoutMs: 1_000 }).catch(() => undefined)
      for (let round = 0; round < 20; round++) await world.advance(10)
      await world.recover()
      await shredded(world)
      await expectTheSameEnd(world)
      await world.recover()
      await expectTheSameEnd(world)
    }
  })

  it.each(['before', 'after'] as const)(
    'S-32 that ends right %s its key is destroyed comes to the same end',
    async (moment) => {
      const world = await started()
      await visits(world)
      keys.onDestroy = (when) => {
        if (when === moment) throw new Error('the process ends here')
      }
      expect(await shredded(world)).toMatchObject({ message: 'the process ends here' })
      keys.onDestroy = () => undefined
      await world.recover()
      expect(isDone(world)).toBe(false)
      const refused = world.system.ref('/shop/customers/ana').ask('notes')
      await expect(world.settled(refused)).rejects.toMatchObject({ code: 'HF_SUBJECT_SHREDDED' })
      await shredded(world)
      await expectTheSameEnd(world)
    },
  )

  it('S-32 waits for whoever still works on something of it, and names it when that takes too long', async () => {
    const world = await started()
    await visits(world)
    world.system.ref('/shop/mailer').tell('wait', undefined, { subject: 'ana' })
    await world.settle()
    expect(await shredded(world)).toMatchObject({ code: 'HF_SUBJECT_BUSY', actor: '/shop/mailer' })
    expect(keys.get(keys.idOf('ana'))).not.toBe('destroyed')
  })

  it('S-32 keeps the state of an actor that always waits as soon as a turn of it ends', async () => {
    const world = await started()
    await visits(world)
    for (let i = 0; i < 200; i++) world.tell('/shop/mailer', 'pause')
    let hasEnded = false
    void world.system.shred('ana', { timeoutMs: 5_000 }).then(() => (hasEnded = true))
    for (let round = 0; !hasEnded && round < 300; round++) await world.advance(10)
    expect(hasEnded).toBe(true)
    expect(world.system.inspect('/shop/mailer').mailbox).toBeGreaterThan(0)
    await world.recover()
    expect(valuesOf(world.records())).not.toContain(ANA)
    expect(await world.ask('/shop/archive', 'filed')).toBe(4)
    expect(world.system.inspect('/shop/mailer').quarantined).toBeUndefined()
  })

  it('S-32 lets mail of a paused actor wait, and goes on when it is let go', async () => {
    const world = await started()
    await visits(world)
    await world.settled(world.system.steer.pause('/shop/mailer', { by: 'test' }))
    world.system.ref('/shop/mailer').tell('send', ANA, { subject: 'ana' })
    expect(await shredded(world)).toMatchObject({ code: 'HF_SUBJECT_BUSY', actor: '/shop/mailer' })
    await world.settled(world.system.steer.resume('/shop/mailer', { by: 'test' }))
    expect(await shredded(world)).toMatchObject({ kept: 2 })
    expect(valuesOf(world.records())).not.toContain(ANA)
    await world.recover()
    expect(await world.ask('/shop/mailer', 'sent')).toBe(5)
  })

  it('S-32 cancels the timers that were set for it, and no others', async () => {
    const world = await started()
    await visits(world)
    await shredded(world)
    await world.advance(4_000_000)
    expect(await world.ask('/shop/mailer', 'sent')).toBe(5)
    await world.recover()
    await world.advance(4_000_000)
    expect(await world.ask('/shop/mailer', 'sent')).toBe(5)
  })

  it('S-32 takes messages that were parked of it off nobody, and they cannot be sent again', async () => {
    const world = await started()
    await visits(world)
    world.system.ref('/shop/archive').tell('file', { letter: `unfileable ${ANA}` }, { subject: 'ana' })
    await world.settle()
    const [parked] = world.system.parked()
    expect(parked!.payload()).toEqual({ letter: `unfileable ${ANA}` })
    await shredded(world)
    const redriven = world.system.steer.redrive(parked!.position, { by: 'test' })
    await expect(world.settled(redriven)).rejects.toMatchObject({ code: 'HF_SUBJECT_SHREDDED' })
    const [again] = world.system.parked()
    expect(JSON.stringify([again!.payload(), again!.error])).not.toContain(ANA)
  })

  it('S-32 is no work for a turn, and none without keys', async () => {
    const nosy = actor({ name: 'nosy', on: { shred: () => world.system.shred('ana') } })
    let world = await started(nosy)
    const turned = world.system.ref('/nosy').ask('shred')
    await expect(world.settled(turned)).rejects.toMatchObject({
      code: 'HF_ACTOR_FAILED',
      cause: { code: 'HF_TELL_INSIDE_TURN' },
    })
    world = new World({ root: nosy })
    await world.open()
    const without = { code: 'HF_SUBJECT_KEYS', field: 'subjectKeys' }
    await expect(world.settled(world.system.shred('ana'))).rejects.toMatchObject(without)
    const said = world.system.ref('/nosy').ask('shred', undefined, { subject: 'ana' })
    await expect(world.settled(said)).rejects.toMatchObject(without)
  })
})

describe('a subject flows', () => {
  const tagged = (world: World, type: string): (string | undefined)[] =>
    world.recordsOf('message').flatMap((record) => (record.type === type ? [record.subject] : []))

  it('S-32 from the receiver, else from what the caller said, else from the turn', async () => {
    const world = await started()
    const [ana, bob] = ['ana', 'bob'].map((name) => keys.idOf(name))
    await world.ask('/shop/customers/ana', 'note', 'x')
    expect(tagged(world, 'send')).toEqual([ana])
    expect(tagged(world, 'file')).toEqual([ana])
    const mail = world.system.ref('/shop/mailer')
    await world.settled(mail.ask('tellFor', { name: 'bob', letter: 'x' }, { subject: 'ana' }))
    expect(tagged(world, 'tellFor')).toEqual([ana])
    expect(tagged(world, 'file')).toEqual([ana, bob])
    await world.settled(world.system.ref('/shop/customers/ana').ask('note', 'y', { subject: 'bob' }))
    expect(tagged(world, 'note')).toEqual([ana, ana])
    await world.ask('/shop/mailer', 'sent')
    expect(tagged(world, 'sent')).toEqual([undefined])
  })

  it('S-32 into a turn that belonged to nobody, with the answer that it got', async () => {
    const world = await started()
    await world.ask('/shop/customers/ana', 'note', ANA)
    await world.ask('/shop/mailer', 'askFor', 'ana')
    expect(tagged(world, 'askFor')).toEqual([undefined])
    expect(tagged(world, 'file').at(-1)).toBe(keys.idOf('ana'))
    expect(await shredded(world)).toMatchObject({ kept: 2 })
    expect(valuesOf(world.records())).not.toContain(ANA)
    await world.recover()
    expect(await world.ask('/shop/archive', 'filed')).toBe(2)
  })

  it('S-32 on with the answers and the failures of such turns', async () => {
    const world = await started()
    await world.ask('/shop/customers/ana', 'note', ANA)
    await world.ask('/shop/archive', 'relay', 'ana')
    expect(valuesOf(world.records())).toContain(ANA)
    await world.ask('/shop/customers/ana', 'note', ANA)
    await world.ask('/shop/archive', 'relay', 'ana')
    const replies = world.recordsOf('reply').map((record) => record.data())
    expect(replies.map(({ ok }) => ok)).toEqual([true, true, true, false])
    expect(new Set(replies.map(({ subject }) => subject))).toEqual(new Set([keys.idOf('ana')]))
    expect(await shredded(world)).toMatchObject({ kept: 2 })
    expect(valuesOf(world.records())).not.toContain(ANA)
    await world.recover()
    expect(await world.ask('/shop/archive', 'filed')).toBe(4)
  })

  it('S-32 to volatile actors, for which nobody waits', async () => {
    const world = await started()
    await world.ask('/shop/customers/ana', 'tick', ANA)
    expect(tagged(world, 'tick')).toEqual([keys.idOf('ana'), keys.idOf('ana')])
    expect(await shredded(world)).toMatchObject({ ended: 2 })
    expect(valuesOf(world.records())).not.toContain(ANA)
  })

  it('S-32 to what a supervisor is asked to start, which is refused once the subject is shredded', async () => {
    const world = await started()
    const start = { id: 'courier', args: { of: 'ana', what: ANA } }
    const couriers = world.system.ref('/shop/couriers')
    await world.settled(couriers.ask('start', start, { subject: 'ana' }))
    expect(await world.ask('/shop/couriers/courier', 'what')).toBe(ANA)
    expect(await shredded(world)).toMatchObject({ ended: 2 })
    expect(valuesOf(world.records())).not.toContain(ANA)
    const again = couriers.ask('start', { ...start, id: 'another' })
    await expect(world.settled(again)).rejects.toThrow(/shredded/)
    await world.recover()
    expect(await world.ask('/shop/mailer', 'sent')).toBe(0)
  })

  it('S-32 to children that say nothing of their own', async () => {
    const world = await started()
    await world.ask('/shop/customers/ana', 'spawn', ANA)
    const born = world.recordsOf('spawned').find((record) => record.data().name === 'helper')
    expect(born?.data()).toMatchObject({ belongs: keys.idOf('ana'), args: { text: ANA } })
    expect(await shredded(world)).toMatchObject({ ended: 3 })
    expect(valuesOf(world.records())).not.toContain(ANA)
  })

  it('S-32 into the texts of errors, and of everything that repeats them', async () => {
    const careless = actor({
      name: 'careless',
      onFailure: { default: 'escalate' },
      on: {
        fail(_ctx, text: string) {
          throw new Error(`no way with ${text}`)
        },
      },
    })
    const watcher = actor({
      name: 'watcher',
      state: () => ({ ended: 0 }),
      on: {
        watch(ctx) {
          ctx.watch(ctx.ref(careless, '/desk/team/careless'))
        },
        terminated: (ctx) => ++ctx.state.ended,
      },
    })
    const team = supervisor({
      name: 'team',
      strategy: allForOne({ maxRestarts: 0, withinMs: 1_000 }),
      children: [child(careless, { id: 'careless' })],
    })
    const desk = supervisor({
      name: 'desk',
      strategy: allForOne({ maxRestarts: 3, withinMs: 1_000 }),
      children: [child(watcher, { id: 'watcher' }), child(team)],
    })
    const world = await started(desk)
    await world.ask('/desk/watcher', 'watch')
    world.system.ref('/desk/team/careless').tell('fail', ANA, { subject: 'ana' })
    await world.settle()
    expect(world.recordsOf('directive').length).toBeGreaterThan(1)
    expect(valuesOf(world.records())).toContain(ANA)
    await shredded(world)
    expect(valuesOf(world.records())).not.toContain(ANA)
    await world.recover()
    await world.recover()
  })
})

describe('an actor whose definition cannot say whose it is', () => {
  it('S-32 does not come up, and its arguments are nowhere', async () => {
    const careless = actor({
      name: 'careless',
      subject: ({ of }: { of?: { id: string } }) => of!.id,
      state: () => ({}),
      on: { here: () => true },
    })
    const other = actor({
      name: 'other',
      spawns: [careless],
      on: {
        here: () => true,
        spawn(ctx) {
          ctx.spawn(careless, { name: 'child', args: { of: undefined } })
        },
      },
    })
    const root = supervisor({ name: 'top', children: [child(other)] })
    const world = await started(root)
    await expect(world.ask('/top/other', 'spawn')).rejects.toMatchObject({ code: 'HF_ACTOR_FAILED' })
    expect(await world.ask('/top/other', 'here')).toBe(true)
    const wrong = supervisor({ name: 'top', children: [child(careless, { args: { of: undefined } })] })
    await expect(started(wrong)).rejects.toMatchObject({ code: 'HF_START_FAILED' })
  })
})

describe('an actor that sleeps', () => {
  it('S-32 is not woken by what others tell it, which becomes a dead letter', async () => {
    const world = await started()
    await visits(world)
    await shredded(world)
    await world.ask('/shop/mailer', 'tellCustomer', { name: 'ana', text: 'are you there?' })
    expect(world.system.deadLetters.byReason['no-actor']).toBe(1)
    await world.ask('/shop/mailer', 'tellCustomer', { name: 'bob', text: 'are you there?' })
    expect(await world.ask('/shop/customers/bob', 'notes')).toHaveLength(3)
  })
})

describe('an actor that its spec names', () => {
  it('S-32 ends with its subject, and does not come back with its supervisor or a new process', async () => {
    const world = await started()
    expect(await world.ask('/shop/first', 'visit')).toBe(1)
    await shredded(world)
    const late = world.system.ref('/shop/first').ask('visit')
    await expect(world.settled(late)).rejects.toMatchObject({ code: 'HF_NO_SUCH_ACTOR' })
    await world.recover()
    expect(world.system.inspect('/shop/first')).toMatchObject({ stopped: 'shredded' })
    expect(await world.ask('/shop/mailer', 'sent')).toBe(0)
  })

  it('S-32 is not started again by a restart of the supervisor above', async () => {
    const member = actor({ name: 'member', subject: () => 'ana', on: { visit: () => 'here' } })
    const other = actor({
      name: 'other',
      on: {
        fail() {
          throw new Error('as I was told')
        },
        here: () => true,
      },
    })
    const team = supervisor({
      name: 'team',
      strategy: allForOne({ maxRestarts: 5, withinMs: 1_000 }),
      children: [child(member, { id: 'member' }), child(other, { id: 'other' })],
    })
    const world = await started(supervisor({ name: 'top', children: [child(team)] }))
    expect(await world.ask('/top/team/member', 'visit')).toBe('here')
    await shredded(world)
    world.tell('/top/team/other', 'fail')
    await world.settle()
    expect(await world.ask('/top/team/other', 'here')).toBe(true)
    const late = world.system.ref('/top/team/member').ask('visit')
    await expect(world.settled(late)).rejects.toThrow(/member/)
    await world.reopen()
    expect(await world.ask('/top/team/other', 'here')).toBe(true)
  })

  it('S-32 keeps no log from being cut, and what the log begins with then is sealed as ever', async () => {
    const world = newWorld(shop, { checkpointEvery: 40, retention: { maxRecords: 60 } })
    await world.open()
    await visits(world)
    await shredded(world)
    const end = world.journal.next
    for (let n = 0; n < 60; n++) {
      await world.ask('/shop/customers/bob', 'note', secretOf('bob'))
      await world.advance(1_000)
    }
    const { base, floor } = world.journal.beginning
    expect([base > end, floor > 1]).toEqual([true, true])
    const sent = await world.ask('/shop/mailer', 'sent')
    const notes = await world.ask<string[]>('/shop/customers/bob', 'notes')
    const bob = Buffer.from(secretOf('bob'))
    for (const id of world.memory.snapshotActors())
      for (const { bytes } of world.memory.snapshots(id, Infinity))
        expect(Buffer.from(bytes).includes(bob), `a snapshot of actor ${id}`).toBe(false)
    await world.recover()
    expect(await world.ask('/shop/mailer', 'sent')).toBe(sent)
    expect(await world.ask('/shop/customers/bob', 'notes')).toEqual(notes)
  })
})
