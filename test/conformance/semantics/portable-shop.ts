// What the tests of a few actors that go elsewhere share: a shop with a day behind it, and what it does on the next one.

import {
  actor,
  child,
  createSystem,
  dynamicSupervisor,
  supervisor,
  virtualActors,
  type AnyRef,
  type Definition,
  type System,
} from 'holdfast'
import { Journal, LmdbStore, type BatchStore, type KeySource } from '@holdfast/journal'
import { beginImage, storedImage } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'

const clerk = actor({ name: 'clerk', state: () => ({ n: 0 }), on: { file: (ctx) => ++ctx.state.n } })

const helper = actor({
  name: 'helper',
  state: () => ({ n: 0 }),
  on: { help: (ctx) => `${ctx.self.path} ${++ctx.state.n} ${ctx.random()}` },
})

const cart = actor({
  name: 'cart',
  state: () => ({ items: [] as string[] }),
  on: {
    put(ctx, item: string) {
      ctx.state.items.push(`${item} ${ctx.random()}`)
      return ctx.state.items
    },
  },
})

const desk = actor({
  name: 'desk',
  state: () => ({ notes: [] as unknown[], isOpen: true, knows: null as AnyRef | null }),
  spawns: [helper],
  on: {
    note(ctx, text: string) {
      ctx.state.notes.push([text, ctx.random(), ctx.id(), ctx.now(), ctx.correlationId])
      return ctx.state.notes
    },
    later(ctx, afterMs: number) {
      ctx.schedule('note', `after ${afterMs}`, { key: `t${afterMs}`, afterMs })
    },
    every(ctx, everyMs: number) {
      ctx.schedule('note', 'again', { key: 'again', afterMs: everyMs, everyMs })
    },
    hire: (ctx) => ctx.spawn(helper).path,
    know(ctx, ref: AnyRef) {
      ctx.state.knows = ref
    },
    close(ctx) {
      ctx.state.isOpen = false
    },
    open(ctx) {
      ctx.state.isOpen = true
      ctx.unstash()
    },
    serve(ctx, guest: string) {
      if (!ctx.state.isOpen) {
        ctx.stash()
        return
      }
      ctx.state.notes.push(['served', guest, ctx.random()])
    },
    fail() {
      throw new Error('no')
    },
    gone(ctx, notice: { readonly path: string; readonly reason: string }) {
      ctx.state.notes.push(['gone', notice.path, notice.reason])
    },
    mind(ctx, ref: AnyRef) {
      ctx.watch(ref, 'gone')
    },
    async ring(ctx) {
      return await ctx.effect('ring', () => new Promise<string>(() => undefined), { timeoutMs: 1_000 })
    },
  },
})

const desks = dynamicSupervisor({ name: 'desks', of: desk })
const carts = virtualActors({ name: 'carts', of: cart, idleMs: 1_000 })
/** What runs. */
export const shop = supervisor({ name: 'shop', children: [child(desks), child(carts), child(clerk)] })
/** The place that they go to: it has nobody who stays behind. */
export const branch = supervisor({ name: 'shop', children: [child(desks), child(carts)] })

export const START_MS = 1_767_225_600_000

/** A system on a data directory and virtual time. */
export class Branch implements AsyncDisposable {
  readonly #authorities: VirtualAuthorities
  #system: System | undefined

  constructor(startMs: number) {
    this.#authorities = new VirtualAuthorities({ seed: 5, startMs })
  }

  static async open(
    data: string,
    root: Definition = shop,
    startMs = START_MS,
    keys?: KeySource,
  ): Promise<Branch> {
    const branch = new Branch(startMs)
    const authorities = branch.#authorities
    branch.#system = await branch.settled(
      createSystem({ name: 'shop', data, root, authorities, ...(keys === undefined ? {} : { keys }) }),
    )
    return branch
  }

  get system(): System {
    return this.#system!
  }

  /** Lets virtual time stand until something real has ended. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let isDone = false
    const end = (): void => {
      isDone = true
    }
    promise.then(end, end)
    while (!isDone) await this.#authorities.settle()
    return promise
  }

  ask(path: string, type: string, payload?: unknown, correlation?: string): Promise<unknown> {
    const ref = this.system.ref(path) as unknown as {
      ask(type: string, payload: unknown, options: object): Promise<unknown>
    }
    const options = { timeoutMs: 600_000, ...(correlation === undefined ? {} : { correlation }) }
    return this.settled(ref.ask(type, payload, options))
  }

  tell(path: string, type: string, payload?: unknown, correlation?: string): void {
    const ref = this.system.ref(path) as unknown as {
      tell(type: string, payload: unknown, options: object): void
    }
    ref.tell(type, payload, correlation === undefined ? {} : { correlation })
  }

  // A batch has one time: what the disk takes long for would have the time of what was before it.
  async advance(ms: number): Promise<void> {
    await this.flushed()
    for (let left = ms; left > 0; left -= 500) {
      await this.#authorities.advance(500)
      await this.flushed()
    }
  }

  flushed(): Promise<void> {
    return this.settled(this.system.flushed())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settled(this.system.stop())
  }
}

export const ANA = '/shop/desks/ana'
export const BOB = '/shop/desks/bob'

/** The child that ana has hired. */
export function helperOf(system: System): string {
  return `${ANA}/${system.inspect(ANA).children[0]!}`
}

/** A day at the shop: ana has a child, timers, a stash, a parked message, mail, and knows somebody who stays. */
export async function aDay(data: string): Promise<void> {
  await using day = await Branch.open(data)
  for (const name of ['ana', 'bob']) await day.ask('/shop/desks', 'start', { id: name })
  await day.ask('/shop/clerk', 'file')
  await day.ask(BOB, 'note', 'not yours')
  await day.ask(ANA, 'fail').catch(() => undefined)
  await day.ask(ANA, 'note', 'first', 'visit 1')
  await day.ask(ANA, 'hire')
  await day.ask(ANA, 'know', day.system.ref('/shop/clerk'))
  await day.ask(ANA, 'mind', day.system.ref(helperOf(day.system)))
  await day.ask(ANA, 'later', 5_000)
  await day.ask(ANA, 'every', 3_000)
  await day.ask(ANA, 'close')
  for (const guest of ['eve', 'joe']) day.tell(ANA, 'serve', guest)
  for (const [key, item] of [
    ['k1', 'tea'],
    ['k2', 'rum'],
    ['k1', 'cake'],
  ] as const)
    await day.ask(`/shop/carts/${key}`, 'put', item)
  await day.settled(day.system.steer.pause(ANA, { by: 'test' }))
  day.tell(ANA, 'note', 'waits', 'visit 2')
  await day.ask(BOB, 'note', 'in between')
  day.tell(ANA, 'open')
  day.tell(ANA, 'note', 'waits too', 'visit 1')
  await day.flushed()
}

/** How it goes on, and what is said of it. */
export async function nextDay(data: string, root: Definition): Promise<unknown> {
  const answers: unknown[] = []
  {
    await using day = await Branch.open(data, root, START_MS + 3_600_000)
    const { system } = day
    await day.settled(system.steer.resume(ANA, { by: 'test' }))
    await day.advance(10_000)
    answers.push(
      system.inspect(ANA),
      system.parked().map(({ position, type, attempts }) => [position, type, attempts]),
    )
    answers.push(await day.ask(helperOf(system), 'help'), await day.ask(ANA, 'hire'))
    answers.push(await day.ask(ANA, 'note', 'last', 'visit 3'))
    answers.push(
      await day.ask('/shop/carts/k1', 'put', 'milk'),
      await day.ask('/shop/carts/k3', 'put', 'new'),
    )
    const [parked] = system.parked()
    await day.settled(system.steer.redrive(parked!.position, { by: 'test' }))
    await day.advance(4_000)
    answers.push(await day.ask(ANA, 'note', 'end'))
  }
  return JSON.parse(JSON.stringify(answers, (key, value: unknown) => (key === 'stack' ? undefined : value)))
}

/** What stands in a log from a position on, without what a run says of its code. */
export async function recordsFrom(data: string, from: number, keys?: KeySource): Promise<unknown[]> {
  return withJournal(
    data,
    (journal) =>
      [...journal.read(from)].map((record) => {
        const { position, actor: of, correlation, cause, timeMs, kind } = record
        const head = { position, of, correlation, cause, timeMs, kind }
        if (record.kind === 'message')
          return { ...head, type: record.type, sender: record.sender, body: record.payload() }
        if (record.kind === 'turn')
          return { ...head, message: record.message, digest: record.digest, body: record.answer() }
        const { definitions, ...body } = record.data() as { readonly definitions?: unknown }
        return JSON.parse(
          JSON.stringify({ ...head, body }, (key, value: unknown) => (key === 'stack' ? undefined : value)),
        ) as unknown
      }),
    keys,
  )
}

/** Reads a data directory. */
export async function withJournal<T>(
  dir: string,
  read: (journal: Journal, store: LmdbStore) => T,
  keys?: KeySource,
): Promise<T> {
  const store = new LmdbStore({ dir, readOnly: true, keys })
  const journal = new Journal(store, new VirtualAuthorities())
  journal.codec.ref = (path) => ({ ref: path })
  try {
    return read(journal, store)
  } finally {
    await journal.close()
  }
}

/** What a log begins with, as plain data. */
export function imageOf(data: string, keys?: KeySource): Promise<unknown> {
  return withJournal(data, (journal) => [...storedImage(beginImage(journal))], keys)
}

/** A store in which one batch stands in the place of its first one. */
export function viewOf(store: LmdbStore, bytes: Uint8Array): LmdbStore {
  const { floor } = store
  return new Proxy(store, {
    get: (of, name) => {
      if (name === 'batches') return () => [{ first: floor, bytes }]
      const value: unknown = Reflect.get(of, name, of)
      return typeof value === 'function' ? (value.bind(of) as unknown) : value
    },
  })
}

/** Those who are not desks. */
export const definitionsBeside = [helper, cart, clerk, carts]

/** Puts all that one store holds into another one. */
export async function poured(from: BatchStore, into: BatchStore): Promise<void> {
  if (from.floor > 1) await into.beginAt(from.floor)
  const snapshots = [...from.snapshotActors()].flatMap((id) => [...from.snapshots(id, Infinity)])
  const batches = [...from.batches(from.floor)]
  await into.commit({ batches, snapshots, groups: [], names: [...from.names()], outdated: [] })
}
