// Isolate
// =======
// The overseer of a real worker thread. It writes what is known of an end into memory that the main thread shares, while
// there is still somebody to write it.
//
// Invariants
//   I1  What is thrown where no handler catches it, and `process.exit`, are put down to the actor whose code led there,
//       also in a timer, an event listener or a promise.
//   I2  A thread that keeps more bytes than it may, also after a collection, ends in the hands of the message that it has.

import { AsyncLocalStorage } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MEMORY_LOOK_MESSAGES, MEMORY_LOOK_MS } from '../limits.js'
import type { Overseer } from '../thread/overseer.js'
import {
  BLAMED,
  BYTES,
  CAUSE,
  CAUSE_BYTES,
  CAUSE_EXIT,
  CAUSE_UNKNOWN,
  CPU_US,
  CURRENT,
  EXIT_CODE,
  HEAP,
  LOADING,
  newThreadMemory,
  OFF_ACTOR,
  OFF_INDEX,
  OFF_SERIAL,
  type ThreadMemory,
} from '../wire/memory.js'

interface CpuUsage {
  readonly user: number
  readonly system: number
}

/** Node has it from 23.9 on. */
const threadCpuUsage = (process as { threadCpuUsage?: () => CpuUsage }).threadCpuUsage?.bind(process)

/** The overseer of this thread. */
export class Isolate implements Overseer {
  readonly #actors = new AsyncLocalStorage<number>()
  #memory: ThreadMemory = newThreadMemory()
  #bytesMax = Infinity
  #messages = 0
  #lookedMs = 0

  constructor() {
    process.on('uncaughtExceptionMonitor', () => {
      this.#blame()
    })
    process.on('exit', (code) => {
      if (this.#memory[CAUSE] === CAUSE_UNKNOWN) {
        this.#memory[CAUSE] = CAUSE_EXIT
        this.#memory[EXIT_CODE] = code
      }
      this.#blame()
    })
  }

  /** Shares what it knows from now on. */
  begin(memory: ThreadMemory, bytesMax: number): void {
    memory[LOADING] = this.#memory[LOADING]!
    this.#memory = memory
    this.#bytesMax = bytesMax
  }

  within<T, R>(actor: number, run: (of: T) => R, of: T): R {
    return this.#actors.run(actor, run, of)
  }

  enter(actor: number): void {
    this.#memory[CURRENT] = actor
  }

  look(actor: number, isEnd: boolean): void {
    if (++this.#messages < MEMORY_LOOK_MESSAGES && !isEnd) return
    this.#messages = 0
    const nowMs = performance.now()
    if (nowMs - this.#lookedMs < MEMORY_LOOK_MS) return
    this.#lookAt(actor)
    this.#lookedMs = performance.now()
  }

  isCalledOff(actor: number, serial: number, index: number): boolean {
    const memory = this.#memory
    return memory[OFF_ACTOR] === actor && memory[OFF_SERIAL] === serial && memory[OFF_INDEX] === index
  }

  async loading<T>(load: () => Promise<T>): Promise<T> {
    this.#memory[LOADING]!++
    try {
      return await load()
    } finally {
      this.#memory[LOADING]!--
    }
  }

  /** Runs something in the next step of the event loop. */
  step(run: () => void): void {
    setImmediate(run)
  }

  now(): number {
    return performance.now()
  }

  #lookAt(actor: number): void {
    const memory = this.#memory
    let { arrayBuffers, heapUsed } = process.memoryUsage()
    // What is over may be garbage that nobody has collected, because the heap itself has room.
    for (let times = 0; arrayBuffers > this.#bytesMax && times < COLLECTIONS; times++) {
      collect()
      ;({ arrayBuffers, heapUsed } = process.memoryUsage())
    }
    memory[BYTES] = arrayBuffers
    memory[HEAP] = heapUsed
    if (threadCpuUsage !== undefined) {
      const { user, system } = threadCpuUsage()
      memory[CPU_US] = user + system
    }
    if (arrayBuffers <= this.#bytesMax) return
    memory[CAUSE] = CAUSE_BYTES
    memory[BLAMED] = actor
    process.exit()
  }

  // The first one counts: what an ending thread still does is nobody's fault.
  #blame(): void {
    if (this.#memory[BLAMED] === 0) this.#memory[BLAMED] = this.#actors.getStore() ?? 0
  }
}

// V8 gives the bytes of garbage back beside its other work, and has done so when the next collection begins: of one alone, a
// fifth tells of bytes that are nobody's any more.
const COLLECTIONS = 2

let collector: (() => void) | undefined

function collect(): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
  }
  collector()
}
