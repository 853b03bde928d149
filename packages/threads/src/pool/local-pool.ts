// Handlers that would run in threads, run in this one, through everything else that is on the way there and back. It takes
// time and steps from authorities, so with virtual ones it is the same each time.

import { Blueprints, type Authorities, type Definition, type PoolStats } from '@holdfast/kernel'
import { Workplace } from '../thread/workplace.js'
import type { Values } from '../wire/values.js'
import type { Job } from './lane.js'
import type { Pool } from './pool.js'

/** What a pool without threads is made of. */
export interface LocalPoolParts {
  readonly root: Definition
  readonly definitions?: readonly Definition[]
  readonly authorities: Authorities
  /** How values travel; not the ones of the other side, because refs are others here. */
  readonly values: Values
}

/** A pool without threads. */
export class LocalPool implements Pool {
  readonly #authorities: Authorities
  readonly #workplace: Workplace
  readonly #actors = new Set<number>()
  #isClosed = false

  constructor({ root, definitions = [], authorities, values }: LocalPoolParts) {
    const blueprints = new Blueprints(root, definitions)
    this.#authorities = authorities
    this.#workplace = new Workplace({
      values,
      find: (name) => Promise.resolve(blueprints.named(name, name)),
      step: (run) => {
        authorities.defer(run)
      },
    })
  }

  submit({ task, done }: Job): void {
    if (task.kind === 'run') this.#actors.add(task.actor)
    this.#authorities.defer(() => {
      void this.#workplace.do(task).then((reply) => {
        if (!this.#isClosed) done(reply)
      })
    })
  }

  houses(actor: number): boolean {
    return this.#actors.has(actor)
  }

  forget(job: Job): void {
    this.#actors.delete(job.task.actor)
    this.submit(job)
  }

  renew(): Promise<void> {
    return Promise.resolve()
  }

  end(): boolean {
    return false
  }

  stats(): Omit<PoolStats, 'name'> {
    return { threads: [], hasSpare: false, waiting: 0 }
  }

  close(): Promise<void> {
    this.#isClosed = true
    return Promise.resolve()
  }
}
