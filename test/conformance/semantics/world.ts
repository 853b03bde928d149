// A system on virtual time and a store in memory, for tests of what a system does. The store outlives the system: a
// crash abandons the kernel where it stands, and reopening makes another one from what had been committed by then.

import { createHmac } from 'node:crypto'
import {
  Codec,
  journalOn,
  MemoryStore,
  type BatchStore,
  type Commit,
  type Journal,
  type KeepingOptions,
  type openSubjects,
  type StoredBatch,
} from '@holdfast/journal'
import {
  System,
  type Around,
  type Definition,
  type LogRecord,
  type Retention,
  type StallEnd,
  type SystemEventName,
  type SystemEvents,
  type Watchdog,
} from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { guardHandlers } from '@holdfast/replay'
import { LocalPool, ThreadExecutor } from '@holdfast/threads'
import { FarRef } from '@holdfast/threads/thread'

/** What a test starts. */
export interface WorldOptions extends KeepingOptions {
  readonly root: Definition
  readonly args?: unknown
  readonly definitions?: readonly Definition[]
  readonly seed?: number
  /** Handlers are guarded, as `createSystem` does it with options of the same names. */
  readonly strict?: boolean
  readonly alwaysReplay?: boolean
  /** Records between two checkpoints. */
  readonly checkpointEvery?: number
  /** How much of the log is wanted. */
  readonly retention?: Retention
  /** Keys of subjects; a getter gives each life of the process its own. */
  readonly subjects?: ReturnType<typeof openSubjects>
  /** How the process before was ended by its watchdog. */
  readonly stallEnd?: StallEnd | undefined
  /** Who watches the event loop. */
  readonly watchdog?: Watchdog
}

/** A store that can say what was cut away from it. */
export class HoardingStore extends MemoryStore {
  readonly #batches: StoredBatch[] = []

  override dropBelow(position: number): Promise<number> {
    const end = this.boundary(position)
    for (const batch of this.batches(this.floor)) if (batch.first < end) this.#batches.push(batch)
    return super.dropBelow(position)
  }

  /** The log as if nothing had been cut away, without checkpoints. A name goes with the log that it is in. */
  async whole(): Promise<MemoryStore> {
    const whole = new MemoryStore()
    const batches = [...this.#batches, ...this.batches(this.floor)]
    const snapshots = [...this.snapshotActors()].flatMap((id) =>
      id === 0 ? [] : [...this.snapshots(id, Infinity)],
    )
    await whole.commit({ batches, snapshots, groups: [], names: [...this.names()], outdated: [] })
    return whole
  }
}

/** A view on a store that ends with the kernel which uses it: what is committed after the cut is lost. */
export class CutStore {
  readonly #inner: MemoryStore
  #left: number
  #refused = 0
  /** Commits that have reached the store. */
  commits = 0
  /** What the journal gets. */
  readonly view: BatchStore

  constructor(inner: MemoryStore, left = Infinity) {
    this.#inner = inner
    this.#left = left
    this.view = new Proxy<BatchStore>(inner, {
      get: (_inner, name) => {
        if (name === 'commit') return (commit: Commit) => this.#commit(commit)
        if (name === 'dropBelow') return (position: number) => this.#dropBelow(position)
        const value: unknown = Reflect.get(inner, name, inner)
        return typeof value === 'function' ? (value.bind(inner) as unknown) : value
      },
    })
  }

  /** From now on nothing reaches the store, and nobody is told. */
  cut(): void {
    this.#left = 0
  }

  /** The next `count` commits fail, as those of a broken disk do. */
  refuse(count: number): void {
    this.#refused = count
  }

  #dropBelow(position: number): Promise<number> {
    return this.#left > 0 ? this.#inner.dropBelow(position) : new Promise(() => undefined)
  }

  #commit(commit: Commit): Promise<void> {
    if (this.#refused > 0) {
      this.#refused--
      return Promise.reject(new Error('input/output error'))
    }
    if (this.#left <= 0) return new Promise(() => undefined)
    this.#left--
    this.commits++
    return this.#inner.commit(commit)
  }
}

function hashed(text: string): string {
  return createHmac('sha256', 'key').update(text).digest('hex')
}

/** One system and the store under it. */
export class World {
  readonly memory: HoardingStore
  readonly #options: WorldOptions
  #around: Around | undefined
  authorities: VirtualAuthorities
  store: CutStore
  journal: Journal
  system!: System

  constructor(options: WorldOptions, cutAfterCommits = Infinity) {
    this.#options = options
    this.memory = new HoardingStore()
    this.authorities = new VirtualAuthorities({ seed: options.seed ?? 1 })
    this.store = new CutStore(this.memory, cutAfterCommits)
    this.journal = journalOn(this.store.view, this.authorities, this.#options, hashed)
  }

  /** Starts a system on an empty store. */
  static async start(options: WorldOptions): Promise<World> {
    const world = new World(options)
    await world.open()
    return world
  }

  /** Starts the system of this world, with other definitions when they are given. */
  async open(options: Partial<WorldOptions> = {}): Promise<System> {
    const given = { ...this.#options, ...options }
    const {
      root,
      args,
      definitions,
      strict = false,
      alwaysReplay = false,
      checkpointEvery,
      retention,
      stallEnd,
      watchdog,
    } = given
    const { journal: log } = this
    const { authorities, around } =
      strict || alwaysReplay
        ? guardHandlers({ strict, alwaysReplay, authorities: this.authorities })
        : { authorities: this.authorities, around: undefined }
    this.#around = around
    const values = new Codec()
    const there = new Codec()
    there.ref = (path) => new FarRef(path)
    const executor = new ThreadExecutor({
      options: {},
      open: () => new LocalPool({ root, definitions: definitions ?? [], authorities, values: there }),
      needsModules: false,
      authorities,
      values,
    })
    const starting = System.start({
      name: 'world',
      executor,
      root,
      args,
      definitions: definitions ?? [],
      log,
      authorities,
      around,
      checkpointEvery,
      stallEnd,
      watchdog,
      retention: retention === undefined ? undefined : { wanted: retention, beginning: log.beginning },
      refs: (make) => {
        log.codec.ref = make
        values.ref = make
      },
    })
    return (this.system = await this.settled(starting))
  }

  /** Abandons the kernel as a power cut does. What was not committed is gone; the wall clock goes on. */
  crash(awayMs = 0, nextCutAfterCommits = Infinity): void {
    this.store.cut()
    this.#around?.end()
    this.authorities = new VirtualAuthorities({ seed: 2, startMs: this.authorities.now() + awayMs })
    this.store = new CutStore(this.memory, nextCutAfterCommits)
    this.journal = journalOn(this.store.view, this.authorities, this.#options, hashed)
  }

  /** A crash, and a system that comes back from the store. */
  async recover(options: Partial<WorldOptions> & { readonly awayMs?: number } = {}): Promise<System> {
    this.crash(options.awayMs)
    const system = await this.open(options)
    await this.settle()
    return system
  }

  /** Stops the system in order. */
  stop(): Promise<void> {
    return this.settled(this.system.stop())
  }

  /** Stops the system in order and opens it again. */
  async reopen(options: Partial<WorldOptions> = {}): Promise<System> {
    await this.stop()
    return this.recover(options)
  }

  settle(): Promise<void> {
    return this.authorities.settle()
  }

  advance(byMs: number): Promise<void> {
    return this.authorities.advance(byMs)
  }

  tell(path: string, type: string, payload?: unknown, options?: { readonly correlation?: string }): void {
    this.system.ref(path).tell(type, payload, options)
  }

  /** Asks, and lets the system run until the answer is there. */
  ask<T = unknown>(
    path: string,
    type: string,
    payload?: unknown,
    options?: { readonly timeoutMs?: number },
  ): Promise<T> {
    return this.settled(this.system.ref(path).ask(type, payload, options) as Promise<T>)
  }

  /** Asks, and gives back the error of the ask. */
  askFails(path: string, type: string, payload?: unknown): Promise<unknown> {
    const asked = this.system.ref(path).ask(type, payload)
    return this.settled(
      asked.then(
        (answer) => {
          throw new Error(`answered ${JSON.stringify(answer)}`)
        },
        (error: unknown) => error,
      ),
    )
  }

  /** Runs the system until a promise has settled; one that waits for time needs `advance` first. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let isPending = true
    const end = (): void => {
      isPending = false
    }
    promise.then(end, end)
    for (let round = 0; isPending && round < 1_000; round++) await this.settle()
    if (isPending) throw new Error('nothing happens any more, and the promise is still pending')
    return promise
  }

  /** Everything that the log holds now, what still waits in memory included. */
  records(): LogRecord[] {
    return [...this.journal.read(1)]
  }

  /** The records of one kind. */
  recordsOf<K extends LogRecord['kind']>(kind: K): Extract<LogRecord, { readonly kind: K }>[] {
    return this.records().filter(
      (record): record is Extract<LogRecord, { readonly kind: K }> => record.kind === kind,
    )
  }

  /** Collects the events of one name from now on. */
  events<K extends SystemEventName>(name: K): SystemEvents[K][] {
    const seen: SystemEvents[K][] = []
    this.system.on(name, (event) => seen.push(event))
    return seen
  }

  state<T = Record<string, unknown>>(path: string): T {
    return this.system.inspect(path).state as T
  }
}

/** A promise and the means to settle it, for effects whose moment the test chooses. */
export class Later<T = unknown> {
  resolve!: (value: T) => void
  reject!: (error: unknown) => void
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
}
