// What the journal does to the actors that stand on it: values through messages, answers and snapshots, code of other
// versions, and turns that fail after they have waited.

import {
  actor,
  child,
  System,
  supervisor,
  type ActorRef,
  type AnyRef,
  type Definition,
} from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { beforeEach, describe, expect, it } from 'vitest'
import { Journal } from './journal.js'
import { BATCH_BYTES } from './limits.js'
import { MemoryStore } from './memory-store.js'
import { refusals, samples } from './values.fixture.js'
import { verifyStore } from './verify.js'

let authorities: VirtualAuthorities
let store: MemoryStore

beforeEach(() => {
  authorities = new VirtualAuthorities()
  store = new MemoryStore()
})

/** Opens a system on what the store holds: after a stop, or as after a crash when the one before was just left. */
async function open(root: Definition): Promise<System> {
  const log = new Journal(store, authorities)
  const starting = System.start({ name: 'test', root, log, authorities })
  const settled = starting.catch(() => undefined)
  await authorities.settle()
  await settled
  return starting
}

async function stop(system: System): Promise<void> {
  const stopping = system.stop()
  await authorities.settle()
  await stopping
}

async function ask(ref: ActorRef, type: string, payload?: unknown): Promise<unknown> {
  const asking = (ref as { ask(type: string, payload?: unknown): Promise<unknown> }).ask(type, payload)
  const settled = asking.catch(() => undefined)
  await authorities.settle()
  await settled
  return asking
}

describe('J-19 values', () => {
  const keeper = actor({
    name: 'keeper',
    state: (): { kept: Record<string, unknown> } => ({ kept: {} }),
    onFailure: { default: 'resume' },
    on: {
      keep(ctx, { name, value }: { name: string; value: unknown }) {
        ctx.state.kept[name] = value
      },
      pass(ctx, { name, value }: { name: string; value: unknown }) {
        ctx.tell(ctx.self, 'keep', { name, value })
      },
      async passLater(ctx, { name, value }: { name: string; value: unknown }) {
        await ctx.effect('wait', () => 1)
        ctx.tell(ctx.self, 'keep', { name, value })
      },
      give: (ctx, name: string) => ctx.state.kept[name],
      make: async (ctx, name: string) =>
        ctx.effect('make', () => values.find((sample) => sample.name === name)?.value),
      bad: (ctx, at: number) => {
        ctx.tell(ctx.self, 'keep', { name: 'bad', value: refused[at]!.value })
      },
      badAnswer: (ctx, at: number) => refused[at]!.value,
    },
  })

  // The large ones go through the codec's own tests: here they would cost seconds to compare.
  const values = samples().filter(({ name }) => !/long|65,536|Buffer|texts/.test(name))
  const expected = Object.fromEntries(values.map(({ name, value }) => [name, value]))
  const refused = refusals().filter(({ name }) => !/too long|fans out/.test(name))

  it.each(['keep', 'pass', 'passLater'])(
    'reach an actor by "%s" as they were, and outlive crash and stop',
    async (type) => {
      let system = await open(keeper)
      for (const { name, value } of values) system.ref('/keeper').tell(type, { name, value })
      await authorities.settle()
      const kept = (): unknown => (system.inspect('/keeper').state as { kept: unknown }).kept
      expect(kept()).toStrictEqual(expected)
      // As after a crash: folded from the log.
      system = await open(keeper)
      expect(kept()).toStrictEqual(expected)
      await stop(system)
      // After a stop: from the snapshot.
      system = await open(keeper)
      expect(kept()).toStrictEqual(expected)
      await stop(system)
      expect(verifyStore(store)).toMatchObject({ ok: true, findings: [] })
    },
  )

  it('are the receiver’s own: what the sender does with its object afterwards is not seen', async () => {
    const system = await open(keeper)
    const value = { list: [1] }
    system.ref('/keeper').tell('keep', { name: 'mine', value })
    value.list.push(2)
    await authorities.settle()
    expect(await ask(system.ref('/keeper'), 'give', 'mine')).toEqual({ list: [1] })
    await stop(system)
  })

  it('come back from answers and from effects', async () => {
    const system = await open(keeper)
    for (const { name, value } of values) {
      system.ref('/keeper').tell('keep', { name, value })
      expect(await ask(system.ref('/keeper'), 'give', name)).toStrictEqual(value)
      expect(await ask(system.ref('/keeper'), 'make', name)).toStrictEqual(value)
    }
    await stop(system)
  })

  it('that are refused are refused by their path: outside at once, in a turn by its failure', async () => {
    const system = await open(keeper)
    const failures: string[] = []
    system.on('failed', ({ reason }) => failures.push(`${reason.code} ${reason.message}`))
    for (const [i, { value }] of refused.entries()) {
      const path = { code: 'HF_NOT_STORABLE', field: expect.stringMatching(/^(value|payload)/) as string }
      expect(() => {
        system.ref('/keeper').tell('keep', { name: 'bad', value })
      }).toThrow(expect.objectContaining(path))
      system.ref('/keeper').tell('bad', i)
      await expect(ask(system.ref('/keeper'), 'badAnswer', i)).rejects.toMatchObject({
        code: 'HF_ACTOR_FAILED',
      })
      expect(failures).toHaveLength(2 * i + 2)
    }
    expect(failures.every((reason) => reason.startsWith('HF_NOT_STORABLE '))).toBe(true)
    expect((system.inspect('/keeper').state as { kept: unknown }).kept).toEqual({})
    await stop(system)
    expect(verifyStore(store).ok).toBe(true)
  })
})

describe('J-22 code of another version', () => {
  const steps: string[] = []
  const step = (name: string) => (old: object) => {
    steps.push(name)
    return { ...old, [name]: true }
  }

  /** The same actor in three versions; each message and each state says by which steps it came. */
  function counterOf(version: number): Definition {
    return actor({
      name: 'counter',
      version,
      state: () => ({ seen: [] as unknown[] }),
      migrate: { 2: step('state 2'), 3: step('state 3') },
      upcast: { add: { 2: step('add 2'), 3: step('add 3') } },
      on: {
        add(ctx, payload: object) {
          ctx.state.seen.push(payload)
        },
      },
    })
  }

  function rootOf(version: number): Definition {
    const other = actor({ name: 'other', state: () => ({ n: 0 }), on: { add: (ctx) => ++ctx.state.n } })
    return supervisor({
      name: 'root',
      children: [child(counterOf(version), { id: 'counter' }), child(other, { id: 'other' })],
    })
  }

  beforeEach(() => {
    steps.length = 0
  })

  it('older messages are brought up step by step, each step once and in order', async () => {
    const old = await open(rootOf(1))
    old.ref('/root/counter').tell('add', { n: 1 })
    await authorities.settle()
    const system = await open(rootOf(3))
    expect(system.inspect('/root/counter').state).toEqual({ seen: [{ n: 1, 'add 2': true, 'add 3': true }] })
    expect(steps).toEqual(['add 2', 'add 3'])
    system.ref('/root/counter').tell('add', { n: 2 })
    await authorities.settle()
    expect(steps).toEqual(['add 2', 'add 3'])
    await stop(system)
  })

  it('older states are brought up as well, and from the version in between only by the steps that are left', async () => {
    const old = await open(rootOf(2))
    old.ref('/root/counter').tell('add', { n: 1 })
    await authorities.settle()
    await stop(old)
    const system = await open(rootOf(3))
    expect(system.inspect('/root/counter').state).toEqual({ seen: [{ n: 1 }], 'state 3': true })
    expect(steps).toEqual(['state 3'])
    await stop(system)
  })

  it.each([
    ['a message', false],
    ['a state', true],
  ])(
    '%s of a newer version has the actor quarantined with a typed error, and the others go on',
    async (_, isStopped) => {
      const newer = await open(rootOf(3))
      newer.ref('/root/counter').tell('add', { n: 1 })
      await authorities.settle()
      if (isStopped) await stop(newer)
      const system = await open(rootOf(2))
      await authorities.settle()
      const { status, quarantined } = system.inspect('/root/counter')
      expect([status, quarantined?.code]).toEqual(['quarantined', 'HF_VERSION_NEWER'])
      expect(await ask(system.ref('/root/other'), 'add')).toBe(1)
      await stop(system)
    },
  )
})

describe('a turn that fails after it has waited', () => {
  const worker = actor({
    name: 'worker',
    state: () => ({ done: 0 }),
    onFailure: { default: 'resume' },
    on: {
      async fetch(ctx) {
        ctx.tell(ctx.self, 'add')
        await ctx.effect('fetch', () => {
          throw new Error('no route')
        })
      },
      async fetchFar(ctx) {
        ctx.tell(ctx.self, 'add')
        await Promise.resolve()
        throw new Error('far')
      },
      askAndThrow(ctx) {
        void ctx.ask(ctx.self, 'add').catch(() => undefined)
        throw new Error('asked')
      },
      add: (ctx) => ++ctx.state.done,
    },
  })

  it('leaves the log whole, and what others wrote meanwhile is in it', async () => {
    const system = await open(worker)
    const reasons: string[] = []
    system.on('failed', ({ reason }) => reasons.push(reason.message))
    const ref = system.ref('/worker')
    for (const type of ['fetch', 'add', 'fetchFar', 'add', 'askAndThrow', 'add']) {
      ref.tell(type)
      ref.tell('add')
      await authorities.settle()
    }
    expect(reasons).toEqual(['no route', 'far', 'asked'])
    // Six and three told from outside, and the one that was asked for before the throw.
    expect(system.inspect('/worker').state).toEqual({ done: 10 })
    expect(verifyStore(store)).toMatchObject({ ok: true, findings: [] })
    const again = await open(worker)
    expect(again.inspect('/worker').state).toEqual({ done: 10 })
    await stop(again)
  })
})

describe('the failure of a volatile actor', () => {
  const fragile = actor({
    name: 'fragile',
    durable: false,
    on: {
      fall: () => {
        throw new Error('it fell')
      },
    },
  })
  const root = supervisor({ name: 'root', children: [child(fragile)] })

  it.each([true, false])(
    'stands in the log when it outlives the process, and only then: %s',
    async (isLasting) => {
      store = new MemoryStore({ isLasting })
      const system = await open(root)
      system.ref('/root/fragile').tell('fall')
      await authorities.settle()
      const log = new Journal(store, authorities)
      const kinds = [...log.read(1)].filter(({ actor: id }) => id === 2).map(({ kind }) => kind)
      expect(kinds).toEqual(isLasting ? ['spawned', 'failed', 'directive', 'restarted'] : ['spawned'])
      const { failures, restarts } = system.inspect('/root/fragile')
      expect(restarts).toBe(1)
      expect(failures).toMatchObject([{ error: { message: 'it fell' } }])
      await stop(system)
    },
  )
})

describe('what a volatile actor tells a durable one', () => {
  const ledger = actor({ name: 'ledger', on: { note: () => undefined, next: () => undefined } })
  const sensor = actor({
    name: 'sensor',
    durable: false,
    on: {
      read(ctx, to: ActorRef) {
        ctx.tell(to, 'note')
      },
      readLater: async (ctx, to: ActorRef) => {
        await ctx.effect('wait', () => 1)
        ctx.tell(to, 'note')
      },
    },
  })
  const root = supervisor({ name: 'root', children: [child(ledger), child(sensor)] })

  it.each(['read', 'readLater'])(
    'by "%s" begins an incident of its own, which its turn belongs to',
    async (type) => {
      const system = await open(root)
      const to = system.ref('/root/ledger')
      system.ref('/root/sensor').tell(type, to)
      await authorities.settle()
      const log = new Journal(store, authorities)
      const records = [...log.read(1)].filter(({ kind }) => kind === 'message' || kind === 'turn')
      const [message, turn] = records
      expect(message).toMatchObject({ kind: 'message', type: 'note', correlation: message!.position })
      expect(turn).toMatchObject({ kind: 'turn', message: message!.position, correlation: message!.position })
      expect(records).toHaveLength(2)
      await stop(system)
    },
  )
})

describe('S4 the end of an actor and the notice of it', () => {
  const brief = actor({ name: 'brief', on: {} })
  const watcher = actor({
    name: 'watcher',
    spawns: [brief],
    state: (): { ended: string[] } => ({ ended: [] }),
    on: {
      begin(ctx, bytes: number) {
        const ref = ctx.spawn(brief, { name: 'brief' })
        ctx.watch(ref)
        ctx.stop(ref)
        ctx.tell(ctx.self, 'fill', 'x'.repeat(bytes))
      },
      fill: () => undefined,
      terminated(ctx, { path }: { path: string }) {
        ctx.state.ended.push(path)
      },
    },
  })

  it('stand in one batch, however full the batch is when it ends', async () => {
    let sealedBetween = 0
    for (let bytes = BATCH_BYTES - 600; bytes <= BATCH_BYTES; bytes += 8) {
      store = new MemoryStore()
      const system = await open(watcher)
      system.ref('/watcher').tell('begin', bytes)
      await authorities.settle()
      expect(system.inspect('/watcher').state).toEqual({ ended: ['/watcher/brief'] })
      const firsts = [...store.batches(1)].map(({ first }) => first)
      const batchOf = (position: number): number => firsts.filter((first) => first <= position).length
      const records = [...new Journal(store, authorities).read(1)]
      const stopped = records.find(({ kind }) => kind === 'stopped')!
      const notice = records.find((record) => record.kind === 'message' && record.type === 'terminated')!
      expect(batchOf(notice.position), `${bytes} bytes`).toBe(batchOf(stopped.position))
      sealedBetween += batchOf(stopped.position) - batchOf(stopped.position - 1)
      await stop(system)
    }
    expect(sealedBetween, 'batches that were full right before the end').toBeGreaterThan(0)
  })
})
