/** One worker thread. */
export interface ThreadStats {
  /** Its id in this process. */
  readonly thread: number
  /** `leaving`: it ends when what it has in hand is done. */
  readonly status: 'loading' | 'ready' | 'leaving'
  /** Actors whose states it has. */
  readonly actors: number
  /** Tasks that are with it, and errands that wait for it. */
  readonly underWay: number
  readonly waiting: number
  /** Messages that it has handled, and the milliseconds that its handlers took. */
  readonly messages: number
  readonly busyMs: number
  /** Milliseconds of processor time; `undefined` where Node does not say it of one thread, which it does from 23.9 on. */
  readonly cpuMs: number | undefined
  /** Bytes of heap in use and of ArrayBuffers, when it last looked. */
  readonly heapBytes: number
  readonly bufferBytes: number
  /** The share of its life, from 0 to 1, in which its event loop was not idle. */
  readonly utilization: number
}

/** The threads of one pool. */
export interface PoolStats {
  readonly name: string
  readonly threads: readonly ThreadStats[]
  /** A thread is loaded and waits for another one to end. */
  readonly hasSpare: boolean
  /** Errands that wait for their threads. */
  readonly waiting: number
}

/** An actor that runs in a thread, since it was last sent there anew. */
export interface ThreadActorStats {
  /** Its path. */
  readonly actor: string
  readonly messages: number
  /** Milliseconds in which its thread was at its handlers. */
  readonly busyMs: number
  /** Milliseconds in which what was sent to its thread, or came back, was on its way or waited for others. */
  readonly queueMs: number
}

/** What there is to know of worker threads. */
export interface ThreadsStats {
  readonly pools: readonly PoolStats[]
  readonly actors: readonly ThreadActorStats[]
}

/** The worker threads of a system. */
export interface Threads {
  /** What there is to know of them. Pools begin with their first actor. */
  stats(): ThreadsStats
  /**
   * Replaces threads one by one, each when what it has in hand is done; after half a minute that begins again elsewhere. New
   * threads load modules anew. Use it when code or memory of a thread has grown old.
   *
   * @param pool - the pool; all when it is left out
   * @throws {HoldfastError} `HF_INVALID` for a pool that there is not
   */
  renew(pool?: string): Promise<void>
  /**
   * Ends a thread at once. Its actors go on in others from the log, and nobody is charged.
   *
   * @param thread - its id, as in `stats`
   * @returns whether there was one
   */
  end(thread: number): boolean
}

/** Of a system without threads. */
export const NO_THREADS: Threads = {
  stats: () => ({ pools: [], actors: [] }),
  renew: () => Promise.resolve(),
  end: () => false,
}
