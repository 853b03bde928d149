// A pool of real threads on virtual time: what its timers do is under the hand of a test, what its threads do is real and
// waits for gates that the test opens.

import { subscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'
import type { HoldfastError } from '@holdfast/kernel'
import { VirtualAuthorities } from '@holdfast/kernel/virtual'
import { expect } from 'vitest'
import type { Reply, Task } from '../wire/tasks.js'
import type { Death } from './lane.js'
import { ThreadPool } from './thread-pool.js'
import type { PoolOptions } from './pool-options.js'

/** What a thread does with a task: see `gated.fixture.mjs`. */
export type What = 'answers' | 'waits' | 'blocks' | 'throws'

const POLL = { interval: 5, timeout: 20_000 }

const workers = new Set<Worker>()
subscribe('worker_threads', (message) => {
  const { worker } = message as { readonly worker: Worker }
  workers.add(worker)
  worker.once('exit', () => workers.delete(worker))
})

/** How many threads of this process live, whoever knows of them. */
export function livingThreads(): number {
  return workers.size
}

/** A task that was given to the pool. */
export class Sent {
  readonly task: Task
  readonly answers: (Reply | Death)[] = []
  readonly #gate = new Int32Array(new SharedArrayBuffer(4))

  constructor(kind: Task['kind'], actor: number, what: What, serial: number) {
    const inHand = new Int32Array(new SharedArrayBuffer(8))
    const parcel = { bytes: new Uint8Array(0), texts: [] }
    const all = { module: 'file:///nothing.js', index: 0, count: 1, parcel, definition: what }
    this.task = { kind, actor, serial, inHand, ...all, gate: this.#gate } as unknown as Task
  }

  /** Its thread goes on with it. */
  open(): void {
    Atomics.store(this.#gate, 0, 1)
    Atomics.notify(this.#gate, 0)
  }

  get isInHand(): boolean {
    return Atomics.load(this.task.inHand, 0) !== 0
  }
}

/** A pool and what was given to it. */
export class PoolWorld {
  readonly authorities = new VirtualAuthorities()
  readonly pool: ThreadPool
  readonly faults: { readonly actor: number; readonly code: string }[] = []
  #serial = 0

  constructor(options: PoolOptions, entry = './gated.fixture.mjs') {
    this.pool = new ThreadPool({
      options: { spare: false, execArgv: [], ...options },
      entry: new URL(entry, import.meta.url),
      authorities: this.authorities,
      onFault: (actor: number, { code }: HoldfastError) => this.faults.push({ actor, code }),
    })
  }

  send(actor: number, what: What, kind: Task['kind'] = 'run', deadlineMs = 1_000_000): Sent {
    const sent = new Sent(kind, actor, what, ++this.#serial)
    const job = { task: sent.task, deadlineMs, done: (reply: Reply | Death) => sent.answers.push(reply) }
    if (kind === 'forget') this.pool.forget(job)
    else this.pool.submit(job)
    return sent
  }

  /** Lets threads and deferred steps go on until something is so. */
  async until(isSo: () => boolean): Promise<void> {
    await expect
      .poll(async () => {
        await this.authorities.settle()
        return isSo()
      }, POLL)
      .toBe(true)
  }

  /** What a task was answered. */
  async answer(sent: Sent): Promise<Reply | Death> {
    await this.until(() => sent.answers.length > 0)
    return sent.answers[0]!
  }

  /** Milliseconds in steps as short as the pool's own, with what threads say in between. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10) await this.authorities.advance(10)
  }

  /** Threads that take tasks, and those that leave. */
  get threads(): number {
    return this.pool.stats().threads.length
  }

  get ready(): number {
    return this.pool.stats().threads.filter(({ status }) => status === 'ready').length
  }
}
